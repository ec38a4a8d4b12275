#pragma once

#include "engine/base/torchheader.h"

#include <torch/csrc/jit/api/module.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace engine {

// forward() of a program as a graph of (self, pixels) with one tensor as its output: the program's own, or that of its
// inner module `output`; what comes behind is cut off. `name` is for sentences. Throws Error(BadInput).
[[nodiscard]] std::shared_ptr<torch::jit::Graph> featureGraph(const torch::jit::Module& module,
                                                              const std::string& output, const std::string& name);

// A stretch of the graph that one tensor enters and one leaves. It uses no module of a later part.
struct ScriptPart {
    std::vector<std::string> blocks;         // of those asked about: that it computes, in order
    torch::jit::Function* forward = nullptr; // (self, input); owned by the module's compilation unit
};
// Cuts the graph before each of `blocks` (paths of modules) wherever a single tensor passes there, so that the parts in
// a row compute what the graph does. At least one part.
[[nodiscard]] std::vector<ScriptPart> splitGraph(const torch::jit::Module& module, torch::jit::Graph& graph,
                                                 std::span<const std::string> blocks);

} // namespace engine
