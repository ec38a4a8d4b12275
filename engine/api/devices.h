#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace engine {

struct DeviceInfo {
    std::string id;   // "cpu", "cuda:0"
    std::string name; // "AMD EPYC", "NVIDIA H100 80GB HBM3"
    int cores = 0;    // threads of a CPU, multiprocessors of a GPU
    std::uint64_t totalBytes = 0;
    std::uint64_t freeBytes = 0;
    bool bf16 = false; // computes in bf16 natively, so that `auto` picks it
};

// The CPU first, then what the CUDA module found. The first call of a process loads CUDA's libraries where a driver is,
// which takes up to a second: make it off the GUI thread. Any thread.
[[nodiscard]] std::vector<DeviceInfo> devices();
// One sentence why there is no GPU ("No NVIDIA driver was found …"), empty where there is one.
[[nodiscard]] std::string gpuAbsenceReason();

struct DeviceSample {
    std::string id;
    double utilisation = std::numeric_limits<double>::quiet_NaN(); // 0..1
    std::uint64_t usedBytes = 0;
    std::uint64_t totalBytes = 0;
    std::uint64_t processBytes = 0; // of this process
    double celsius = std::numeric_limits<double>::quiet_NaN();
    double watts = std::numeric_limits<double>::quiet_NaN();
};

// Reads the sensors of every device; utilisation is over the time since the last call. One object, one thread.
class DeviceSampler final {
public:
    DeviceSampler();
    ~DeviceSampler();
    [[nodiscard]] std::vector<DeviceSample> sample();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
