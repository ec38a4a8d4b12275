#pragma once

#include <cerrno>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tests {

// A disk that is full below a folder: nothing can be written there while `below` is no empty path. Where `reserve`
// names a file, only while that is there; deleting it gives back its room.
struct FullDisk {
    std::filesystem::path below;
    std::filesystem::path reserve;
};
inline FullDisk g_fullDisk;

} // namespace tests

// Stands before the C library's, so include this in one file of a program.
extern "C" ssize_t write(int descriptor, const void* data, size_t bytes) {
    const tests::FullDisk& disk = tests::g_fullDisk;
    if (!disk.below.empty() && (disk.reserve.empty() || ::access(disk.reserve.c_str(), F_OK) == 0)) {
        char path[4096];
        const ssize_t length = ::readlink(fmt::format("/proc/self/fd/{}", descriptor).c_str(), path, sizeof path);
        if (length > 0 && std::string_view(path, static_cast<std::size_t>(length)).starts_with(disk.below.native())) {
            errno = ENOSPC;
            return -1;
        }
    }
    return syscall(SYS_write, descriptor, data, bytes);
}
