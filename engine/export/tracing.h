#pragma once

#include "engine/models/backbone.h"

#include <torch/csrc/jit/api/module.h>

#include <memory>

namespace engine {

// For which sides of pictures, beside the one it was traced with, a traced network computes what its backbone does.
enum class PictureSizes { ThisOne, MultiplesOf32, Any };

// A backbone's computation, written down once. Its modules, parameters and statistics have the backbone's names.
struct TracedNetwork {
    torch::jit::Module module;                // forward(pixels [N, 3, H, W] fp32) → logits [N, classes] fp32, any N
    std::shared_ptr<torch::jit::Graph> graph; // of forward(); each node's scope is its stage
    PictureSizes sizes = PictureSizes::ThisOne;
};

// By computing pictures of imageSize pixels; `type` is what parameters are kept in and layers compute in, to which the
// backbone is changed. It is in evaluation mode and its modules are shared. Throws Error(BadInput): a block computes
// something else for another number of pictures. The backbone's thread.
[[nodiscard]] TracedNetwork traceBackbone(const std::shared_ptr<Backbone>& backbone, int imageSize,
                                          at::ScalarType type);

} // namespace engine
