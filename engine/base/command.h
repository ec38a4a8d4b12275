#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// A program that has ended.
struct CommandEnd {
    int exitCode = 0;   // 128 + n: it was ended by the signal n
    std::string output; // the first 64 KiB of what it wrote, errors included
};

// Runs a program, found as a shell finds it, and waits for its end. Without a shell: each word arrives as it stands.
// Throws Error(NotFound) where there is no such program. Any thread.
[[nodiscard]] CommandEnd runCommand(const std::vector<std::string>& words);

// The command line's program: THAW_PROGRAM, or thaw beside this program, or a folder above it in bin/. Throws
// Error(NotFound).
[[nodiscard]] std::filesystem::path thawProgram();

} // namespace engine
