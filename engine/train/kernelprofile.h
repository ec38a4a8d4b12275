#pragma once

#include "engine/api/bench.h"
#include "engine/device/computedevice.h"

#include <functional>

namespace engine {

// What the GPU `device` computes while `work` runs, those of one name together, the longest first. Blocks until the
// device has done it. Torch's profiler (Kineto on CUPTI) watches, which slows launches down: durations are to be
// trusted, the gaps between them are not. Throws c10::Error where the profiler is not there.
[[nodiscard]] std::vector<KernelTime> profileKernels(ComputeDevice& device, const std::function<void()>& work);

} // namespace engine
