#pragma once

#include <string>
#include <string_view>

namespace engine {

// What addPreparation() put around a network is taken away again: the file, as bytes, of pixels [N, 3, H, W] in fp32 →
// logits. Throws Error(BadWeights) where `file`, the bytes of an ONNX file, holds no such network.
[[nodiscard]] std::string networkWithoutPreparation(std::string_view file);

} // namespace engine
