#include "engine/api/devices.h"

#include "engine/device/cudamodule.h"
#include "engine/device/madeupgpus.h"
#include "engine/device/nvml.h"
#include "engine/device/procfs.h"

#include <algorithm>
#include <fstream>

namespace engine {

struct DeviceSampler::Impl {
    std::uint64_t busy = 0;
    std::uint64_t total = 0;

    // Share of the time since the last call in which the CPU's cores were not idle.
    double utilisation() {
        std::ifstream in("/proc/stat");
        std::string word;
        in >> word;
        std::uint64_t sum = 0, idle = 0, value = 0;
        for (int column = 0; column < 8 && in >> value; ++column) {
            sum += value;
            if (column == 3 || column == 4) // idle, waiting for input or output
                idle += value;
        }
        const std::uint64_t nowBusy = sum - idle;
        const double share = sum > total && total > 0 ? double(nowBusy - busy) / double(sum - total)
                                                      : std::numeric_limits<double>::quiet_NaN();
        busy = nowBusy;
        total = sum;
        return share;
    }
};

DeviceSampler::DeviceSampler() : m_impl(std::make_unique<Impl>()) { (void)m_impl->utilisation(); }
DeviceSampler::~DeviceSampler() = default;

std::vector<DeviceSample> DeviceSampler::sample() {
    DeviceSample cpu{.id = "cpu"};
    cpu.utilisation = m_impl->utilisation();
    cpu.totalBytes = procfs::memory("MemTotal");
    const std::uint64_t available = procfs::memory("MemAvailable");
    cpu.usedBytes = cpu.totalBytes > available ? cpu.totalBytes - available : 0;
    cpu.processBytes = procfs::processBytes();
    if (const auto celsius = procfs::cpuCelsius())
        cpu.celsius = *celsius;
    std::vector<DeviceSample> all = {cpu};
    if (gpusAreMadeUp()) {
        for (const GpuState& gpu : madeUpMachine().gpus)
            all.push_back({.id = gpu.id,
                           .utilisation = gpu.utilisation,
                           .usedBytes = gpu.totalBytes - std::min(gpu.freeBytes, gpu.totalBytes),
                           .totalBytes = gpu.totalBytes,
                           .celsius = gpu.celsius,
                           .watts = gpu.watts});
        return all;
    }
    const CudaOpening& opening = cuda();
    for (std::size_t i = 0; i < opening.gpus.size(); ++i) {
        const GpuInfo& gpu = opening.gpus[i];
        DeviceSample sample{.id = gpu.device.id, .totalBytes = gpu.device.totalBytes};
        driverSensors().read(gpu.pciAddress, sample);
        sample.processBytes = opening.provider->processBytes(static_cast<int>(i));
        all.push_back(sample);
    }
    return all;
}

} // namespace engine
