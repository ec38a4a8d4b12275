#pragma once

#include "engine/base/torchheader.h"

#include <torch/csrc/jit/ir/ir.h>

#include <string>

namespace engine {

// Whether two graphs compute the same by the same steps with the same constants.
[[nodiscard]] bool sameGraph(torch::jit::Graph& one, torch::jit::Graph& other);

// Where `graph`, traced with `pictures` pictures as its input `pixels`, has numbers that come from their number, they
// are computed from the input from now on; `other` is the same traced with `otherPictures`. Returns the scope of a node
// for which that cannot be done; empty: all is well.
[[nodiscard]] std::string freeBatch(torch::jit::Graph& graph, std::int64_t pictures, torch::jit::Graph& other,
                                    std::int64_t otherPictures);

} // namespace engine
