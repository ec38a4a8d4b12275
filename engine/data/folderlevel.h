#pragma once

#include "engine/data/foldername.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace engine {

// A folder of a data set as a reading of the layout sees it.
struct LevelFolder {
    std::filesystem::path path;
    PartName name;
    bool flat = false;                               // pictures lie in it
    std::vector<std::filesystem::path> classFolders; // folders in it that hold pictures; where pictures lie in it, only
                                                     // of what is a part by its name

    [[nodiscard]] bool holds() const { return flat || !classFolders.empty(); }
};
[[nodiscard]] LevelFolder levelFolder(const std::filesystem::path& folder);

// What the folders of one level are by their names and by what lies in them.
struct FolderLevel {
    std::vector<LevelFolder> trains; // those whose name says nothing else first
    std::vector<LevelFolder> held;   // to validate, to test or to predict, in this order
    std::vector<LevelFolder> others;
};
[[nodiscard]] FolderLevel sortedLevel(const std::vector<LevelFolder>& folders);
[[nodiscard]] std::string quoted(const std::vector<LevelFolder>& folders); // "“a”, “b” and “c”"

// Names of classes as looseName() makes them.
using LooseNames = std::set<std::string>;
[[nodiscard]] LooseNames looseNames(const std::vector<std::filesystem::path>& folders);

[[nodiscard]] std::vector<std::filesystem::path> foldersWithPictures(const std::filesystem::path& folder);
// The folder itself, or what lies in a folder too many in it, whose folders carry some of the names; empty: none does.
[[nodiscard]] std::filesystem::path carrierOf(const LooseNames& names, const std::filesystem::path& folder);
[[nodiscard]] bool carriesSome(const std::filesystem::path& folder, const LooseNames& names);
// Where one folder lies in the other until there are two or more: those are the classes. Else the folder itself.
[[nodiscard]] std::filesystem::path innermost(const std::filesystem::path& folder);

} // namespace engine
