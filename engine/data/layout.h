#pragma once

#include "engine/api/datareport.h"
#include "engine/data/leaveout.h"

#include <filesystem>
#include <set>

namespace engine {

// Which folders of a data set are its classes and which its parts.
struct Layout {
    std::filesystem::path train;                // the folders in it are the classes
    std::set<std::filesystem::path> notClasses; // but for these
    std::filesystem::path validation;           // empty: a share of each class is held back
    DataNotes notes;
};

// By the experiment where it says so, else by names and by what lies in the folders. Throws Error(NotFound | BadInput)
// where a folder is missing or no reading makes sense.
[[nodiscard]] Layout findLayout(const std::filesystem::path& root, const DataSettings& settings, LeaveOut& leaveOut);
// The folder of `root` whose folders carry most of the classes' names: root itself, a validation or test part, or what
// lies in a folder too many.
[[nodiscard]] std::filesystem::path findClassesOf(const std::filesystem::path& root,
                                                  const std::vector<std::string>& classes);

// Without dots and a slash at the end, so that paths can be compared.
[[nodiscard]] std::filesystem::path normalPath(const std::filesystem::path& path);
[[nodiscard]] std::string relativeTo(const std::filesystem::path& root, const std::filesystem::path& path);
[[nodiscard]] std::string countedPictures(std::int64_t count); // "1 picture", "8 pictures"

} // namespace engine
