#pragma once

#include <cstdint>
#include <filesystem>
#include <sys/types.h>

namespace engine {

// Changes whenever the file does, but for changes within one tick of the file system's clock: see settled().
struct FileStamp {
    std::int64_t seconds = 0, nanoseconds = 0;
    std::int64_t bytes = -1; // -1: it is not there
    ino_t inode = 0;
    friend bool operator==(const FileStamp&, const FileStamp&) = default;

    // Old enough that whatever changes the file from now on changes its stamp.
    [[nodiscard]] bool settled() const;
};

[[nodiscard]] FileStamp stampOf(const std::filesystem::path& file);

} // namespace engine
