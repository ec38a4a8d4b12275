#pragma once

#include <filesystem>

namespace tests {

// Copies a run's folder with its links as links; a link to a file becomes that file.
inline void copyRun(const std::filesystem::path& from, const std::filesystem::path& to) {
    namespace fs = std::filesystem;
    fs::create_directories(to);
    for (const auto& entry : fs::recursive_directory_iterator(from)) {
        const fs::path there = to / entry.path().lexically_relative(from); // a relative() would follow links
        fs::create_directories(there.parent_path());
        if (entry.is_symlink() && entry.is_directory())
            fs::create_directory_symlink(fs::read_symlink(entry.path()), there);
        else if (entry.is_regular_file())
            fs::copy_file(entry.path(), there);
    }
}

} // namespace tests
