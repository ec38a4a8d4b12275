#pragma once

#include "engine/device/gpuprovider.h"

#include <memory>

namespace engine::cuda {

// A GPU with a queue (stream) of its own for computing and one for uploads. Throws c10::Error.
[[nodiscard]] std::unique_ptr<ComputeDevice> openGpu(const DeviceInfo& info, int index);

} // namespace engine::cuda
