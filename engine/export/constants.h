#pragma once

#include "engine/base/torchheader.h"

#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <memory>

namespace engine {

// What a node of a graph gives, of inputs that `known` gives; run as the interpreter would. The node has one output.
[[nodiscard]] c10::IValue computedBy(torch::jit::Node& node,
                                     const std::function<const c10::IValue*(const torch::jit::Value*)>& known);

// Tensors that depend on nothing, neither input nor parameter, become constants, which go to whatever device the
// program is loaded on; what made them would stay on the CPU.
void foldConstants(const std::shared_ptr<torch::jit::Graph>& graph);

} // namespace engine
