#pragma once

#include "engine/export/onnxgraph.h"

#include <string_view>

namespace engine {

// Writes an operator of torch as nodes of the graph; its output has a name from then on.
using OnnxTranslation = void (*)(const jit::Node& node, OnnxGraph& graph);

// The table from ATen's operators to ONNX's; null: there is none. Operators in place are the others, for a traced graph
// names what they write anew.
[[nodiscard]] OnnxTranslation onnxTranslation(std::string_view op);

} // namespace engine
