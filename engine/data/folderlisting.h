#pragma once

#include "engine/data/leaveout.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace engine {

// Files that are no pictures to train on, counted by what they are: ".tif", "text", "broken link".
using PassedOverCounts = std::map<std::string, std::int64_t>;

// One folder, without what lies in its folders. Hidden files and folders, and those of systems, are passed over;
// linked folders are folders.
struct FolderContent {
    std::vector<std::filesystem::path> folders; // sorted by name; links that lead nowhere among them
    std::int64_t pictures = 0;                  // of whatever format
};
[[nodiscard]] FolderContent contentOf(const std::filesystem::path& folder);

// Whether a picture, of whatever format, lies in the folder itself; in it or below.
[[nodiscard]] bool holdsPicturesItself(const std::filesystem::path& folder);
[[nodiscard]] bool holdsPictures(const std::filesystem::path& folder);
// Of whatever format, in the folder and below.
[[nodiscard]] std::int64_t countPictures(const std::filesystem::path& folder);

// All that lies below one class's folder; a folder that several links lead to is listed once.
struct ClassFiles {
    std::vector<std::string> pictures; // relative to `root`, sorted
    PassedOverCounts passedOver;
    std::uint64_t fingerprint = 0; // of names and sizes, whatever the order of listing
};
[[nodiscard]] ClassFiles listClass(const std::filesystem::path& root, const std::filesystem::path& folder,
                                   LeaveOut& leaveOut);

} // namespace engine
