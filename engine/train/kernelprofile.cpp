#include "engine/train/kernelprofile.h"

#include <algorithm>
#include <map>
#include <torch/csrc/autograd/profiler_kineto.h>

namespace engine {

std::vector<KernelTime> profileKernels(ComputeDevice& device, const std::function<void()>& work) {
    namespace profiler = torch::autograd::profiler;
    using torch::profiler::impl::ActivityType;
    const torch::profiler::impl::ProfilerConfig config(torch::profiler::impl::ProfilerState::KINETO);
    const std::set<ActivityType> activities{ActivityType::CUDA};
    device.synchronize();
    profiler::prepareProfiler(config, activities);
    profiler::enableProfiler(config, activities);
    std::unique_ptr<profiler::ProfilerResult> seen;
    try {
        work();
        device.synchronize();
    } catch (...) {
        (void)profiler::disableProfiler();
        throw;
    }
    seen = profiler::disableProfiler();
    std::map<std::string, KernelTime> kernels;
    for (const profiler::KinetoEvent& event : seen->events()) {
        if (event.deviceType() != c10::DeviceType::CUDA)
            continue;
        KernelTime& kernel = kernels[event.name()];
        kernel.ms += static_cast<double>(event.durationNs()) / 1e6;
        ++kernel.count;
    }
    std::vector<KernelTime> result;
    for (auto& [name, kernel] : kernels) {
        kernel.name = name;
        result.push_back(std::move(kernel));
    }
    std::ranges::stable_sort(result, std::greater(), &KernelTime::ms);
    return result;
}

} // namespace engine
