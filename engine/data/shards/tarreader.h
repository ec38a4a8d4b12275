#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace engine {

// A file in a tar: its name, byte by byte, and where its content lies.
struct TarMember {
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

// Walks the headers of a tar whose bytes lie somewhere at hand (V7, ustar, pax and GNU, as tar writes them) and hands
// out its ordinary files. A tar that was cut off or damaged ends where it is; trouble() says so. One thread.
class TarReader final {
public:
    // Reads up to as many bytes as there is room for from a place on; fewer at the end only.
    using ReadAt = std::function<std::size_t(std::uint64_t place, std::span<char> room)>;
    TarReader(ReadAt read, std::uint64_t bytes);

    // False: there are no more.
    [[nodiscard]] bool next(TarMember& member);
    // The first bytes of a member, `most` of them; cheap for the one that came last.
    [[nodiscard]] std::string content(const TarMember& member, std::size_t most);
    // What is wrong with the tar, behind its name: "ends in the middle of a.jpg"; empty: nothing so far.
    [[nodiscard]] const std::string& trouble() const { return m_trouble; }
    [[nodiscard]] bool isTar() const { return m_isTar; } // false: not even its first header is one

private:
    struct Extras { // that headers before a member's own say of it
        std::string name;
        std::uint64_t bytes = 0;
        bool hasBytes = false;
    };
    [[nodiscard]] bool end(std::string trouble);
    [[nodiscard]] std::span<const char> at(std::uint64_t place, std::size_t bytes);
    [[nodiscard]] bool takeExtras(char kind, std::uint64_t bytes, Extras& extras);

    ReadAt m_read;
    std::uint64_t m_bytes;
    std::uint64_t m_place = 0; // of the next header
    std::vector<char> m_buffer;
    std::uint64_t m_bufferPlace = 0;
    std::string m_trouble;
    bool m_isTar = false;
    bool m_ended = false;
};

} // namespace engine
