#pragma once

#include <filesystem>
#include <utility>

namespace engine {

// An exclusive lock on a file, against other processes and other threads; the file is made where it is not there.
// Whoever goes away lets it go, also by a crash.
class FileLock final {
public:
    explicit FileLock(const std::filesystem::path& file); // throws Error(BadInput) where it cannot be written
    ~FileLock();
    FileLock(FileLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    FileLock& operator=(FileLock&&) = delete;

    [[nodiscard]] bool tryTake(); // false: somebody else holds it
    void take();                  // waits for it
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] static bool heldByAnyone(const std::filesystem::path& file);

private:
    int m_descriptor = -1;
};

} // namespace engine
