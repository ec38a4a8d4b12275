#pragma once

#include <filesystem>
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

// Whether something lies where data.path says: a folder, a file, or the shards of a pattern (their first one). Any
// thread.
[[nodiscard]] bool isDataThere(const std::filesystem::path& data);
// Whether shards are what lies there: a tar, a pattern of tars ("train-{000000..000123}.tar"), a folder with tars in it
// and no pictures beside them. Any thread.
[[nodiscard]] bool areShards(const std::filesystem::path& data);
// The folder in which the names of its pictures begin: data itself, or that of its table or tar, or the one that all
// tars of a pattern lie in. Any thread.
[[nodiscard]] std::filesystem::path dataRoot(const std::filesystem::path& data);

// All that are known, the usual one first. Any thread.
[[nodiscard]] std::vector<DataKind> dataKinds();
// Adds a row, or replaces that of the same name. Any thread.
void addDataKindInfo(const DataKind& kind);

} // namespace engine
