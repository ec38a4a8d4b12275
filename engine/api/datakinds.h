#pragma once

#include <string>
#include <vector>

namespace engine {

// How data lie where an experiment finds them: its data.kind.
struct DataKind {
    std::string name;  // "image-folder"
    std::string label; // "Image folder"
    enum class Place { Folder, File, Anywhere } place = Place::Folder;
    std::string misplaced; // the sentence where the path is no such place
};

// All that are known, the usual one first. Any thread.
[[nodiscard]] std::vector<DataKind> dataKinds();
// Adds a row, or replaces that of the same name. Any thread.
void addDataKindInfo(const DataKind& kind);

} // namespace engine
