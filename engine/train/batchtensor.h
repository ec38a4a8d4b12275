#pragma once

#include "engine/base/torchheader.h"
#include "engine/data/batch.h"

namespace engine {

// The batch's field kPixels [H, W, 3] as a channels-last tensor [N, 3, H, W] of bytes over the loader's own buffer:
// nothing is copied, and the buffer goes back to the loader when the tensor dies.
[[nodiscard]] at::Tensor pixelTensor(const Batch& batch);

} // namespace engine
