#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace engine {

// Keeps other programs that use the same cache from downloading the same blob meanwhile (flock, as they do it). Throws
// Error(Network) where one is at it.
class BlobLock final {
public:
    BlobLock(const std::filesystem::path& lock, const std::string& file);
    ~BlobLock();
    BlobLock(const BlobLock&) = delete;
    BlobLock& operator=(const BlobLock&) = delete;

private:
    int m_descriptor = -1;
};

// A download in the making: grows, and takes its place when it is whole and right. What it has stays on the disk when
// it is destroyed. `file` is the name in sentences.
class BlobFile final {
public:
    BlobFile(std::filesystem::path incomplete, std::string file);
    ~BlobFile();
    BlobFile(const BlobFile&) = delete;
    BlobFile& operator=(const BlobFile&) = delete;

    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }
    // Throws Error(DiskFull) where the rest of `wanted` bytes has no room.
    void makeRoom(std::uint64_t wanted) const;
    // Throws Error(DiskFull), or Error(Network) past `wanted` bytes (0: not known).
    void append(std::string_view bytes, std::uint64_t wanted);
    void clear();
    // Compares size (where known) and, where the etag is one, the SHA-256; then moves it to `place`. Throws
    // Error(BadWeights) and takes the file away where they differ.
    void finish(const std::filesystem::path& place, std::uint64_t wanted, const std::string& etag);

private:
    [[noreturn]] void fail(int problem) const;

    std::filesystem::path m_path;
    std::string m_file;
    std::uint64_t m_bytes = 0;
    int m_descriptor = -1;
};

} // namespace engine
