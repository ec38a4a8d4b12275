#pragma once

#include "engine/api/experiment.h"

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

} // namespace engine
