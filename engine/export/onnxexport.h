#pragma once

#include "engine/export/onnxmodel.h"
#include "engine/export/tracing.h"

namespace engine {

// The traced network as ONNX: "pixels" [pictures, 3, H, W] → "logits" [pictures, classes], fp32 at both ends; between
// them numbers are of `type`. The network was traced in fp32 with pictures of imageSize pixels. Throws Error(BadInput)
// that names the operator and the block for which ONNX has nothing.
[[nodiscard]] OnnxModel onnxOf(const TracedNetwork& network, int imageSize, at::ScalarType type);

// For which pictures it is, of a network that was traced for these.
[[nodiscard]] PictureSizes sizesOf(const OnnxModel& model, PictureSizes traced);

} // namespace engine
