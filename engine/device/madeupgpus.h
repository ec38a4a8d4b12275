#pragma once

#include "engine/api/gpus.h"
#include "engine/device/gpuprovider.h"

#include <optional>
#include <vector>

namespace engine {

// GPUs of another machine, as the file that THAW_GPUS names tells of them: windows, queues and tests see them where
// there are none. The CPU computes for them.
[[nodiscard]] bool gpusAreMadeUp();
// As the file is now. Throws Error(BadInput) that names it.
[[nodiscard]] GpuMachine madeUpMachine();

// The GPUs that training can use: made-up ones, or the CUDA module's.
[[nodiscard]] std::vector<GpuInfo> gpuInfos();

} // namespace engine
