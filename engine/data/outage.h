#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace engine {

// Why a file that was there when its folder was listed cannot be read.
struct Absence {
    enum class Kind {
        FolderAway,  // nor can `where`, which holds it: a drive or a network may come back
        Unreachable, // its folder is there, and the disk or the network fails
        Gone,        // its folder is there, and it is not
        NotAllowed
    } kind = Kind::Unreachable;
    std::filesystem::path where;
};

// Looks from `root` downwards. Any thread.
[[nodiscard]] Absence absenceOf(const std::filesystem::path& root, const std::string& file);

// How long several threads wait together for files that are away. Guarded by its owner's mutex.
class Outage final {
public:
    explicit Outage(std::chrono::milliseconds patience) : m_patience(patience) {}

    // How long to wait before a file is tried again that was tried so many times; nothing where it is given up.
    [[nodiscard]] std::optional<std::chrono::milliseconds> pauseAfter(const Absence& absence, int tries);
    // A file that had failed was read.
    void over();
    [[nodiscard]] bool lasts() const { return m_began.has_value(); }
    [[nodiscard]] double seconds() const { return m_seconds; } // of all that are over

private:
    using Clock = std::chrono::steady_clock;
    std::chrono::milliseconds m_patience;
    std::optional<Clock::time_point> m_began;
    bool m_givenUp = false;
    double m_seconds = 0;
};

} // namespace engine
