#pragma once

#include "engine/models/placement.h"

#include <span>
#include <string>
#include <vector>

namespace engine {

// Where in a file the backbone stands: everything whose path begins with `prefix`.
struct Subtree {
    std::vector<const StoredTensor*> tensors; // of it, in the file's order
    std::string prefix;                       // "state_dict.model."; empty: the file is the backbone
    std::size_t dictionary = 0;               // bytes of it that lead to the dictionary of its tensors
    bool byOrder = false;                     // its names are numbers: the tensors are the targets in their order
};

// The one place in the file that fits the targets best: that gives values to most of their parameters, then of their
// buffers. Among equals averaged weights come before those of the last step, which come before what only follows
// another network (momentum encoders, targets), then names before numbers in
// their order, then the shorter path; of numbers the longer one.
[[nodiscard]] Subtree bestSubtree(std::span<const StoredTensor> tensors, const Placements& placements);

// For tensors named by numbers in the order of their layers, as a torch Sequential or fastai has them: the target of
// each of them, in their order; empty where they are not all targets but the head's in order. `skip`: bytes of their
// names to be left out.
[[nodiscard]] std::vector<std::size_t> targetsByOrder(std::span<const StoredTensor* const> tensors, std::size_t skip,
                                                      std::span<const TargetTensor> targets);

} // namespace engine
