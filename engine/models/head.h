#pragma once

#include "engine/models/subtree.h"

#include <vector>

namespace engine {

// A tensor of the file that is part of a classifier for the backbone, and the head's tensor it would become.
struct HeadTensor {
    std::size_t target = 0;
    const StoredTensor* tensor = nullptr;
};

// The classifier that a file has on this backbone, with any number of classes: under the backbone's name for it or
// another library's, or under any name where there is just one that fits its features. Weight first; empty where none.
[[nodiscard]] std::vector<HeadTensor> headTensors(const WeightsFile& file, const Subtree& tree,
                                                  const Placements& placements);

} // namespace engine
