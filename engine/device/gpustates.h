#pragma once

#include "engine/api/gpus.h"
#include "engine/device/gpuprovider.h"
#include "engine/device/nvml.h"

#include <vector>

namespace engine {

// What the driver tells of these GPUs, without what they were taken for.
[[nodiscard]] GpuMachine readGpus(const std::vector<GpuInfo>& gpus, const Nvml& sensors);
// Which of them this person's runs have taken, and which users are ranks of those.
void joinRuns(GpuMachine& machine);

} // namespace engine
