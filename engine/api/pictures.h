#pragma once

#include "engine/api/experiment.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

struct ListedPicture {
    std::string file; // relative to the data folder
    bool training = true;
};
// The pictures of a class by their names, those to train on first; no file is opened. Throws as checkData(). Any
// thread.
[[nodiscard]] std::vector<ListedPicture> picturesOf(const Experiment& experiment, int label);

// Whether a file is there, or a picture within a shard: "set/train-000000.tar/1.jpg". Reads a shard's headers where
// nobody did so before. Any thread.
[[nodiscard]] bool isPictureThere(const std::filesystem::path& file);

} // namespace engine
