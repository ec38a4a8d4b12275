#pragma once

#include "engine/base/torchheader.h"
#include "engine/data/loader.h"

namespace engine {

// The batch's pixels as a channels-last tensor [N, 3, H, W] over the loader's own buffer: nothing is copied, and the
// buffer goes back to the loader when the tensor dies.
[[nodiscard]] at::Tensor pixelTensor(const Batch& batch);

} // namespace engine
