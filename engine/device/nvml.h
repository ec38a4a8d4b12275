#pragma once

#include "engine/api/devices.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// A process that computes on a GPU.
struct NvmlProcess {
    unsigned id = 0;
    std::uint64_t bytes = 0; // 0: not told
};

// The NVLinks of a GPU that are up.
struct NvmlLinks {
    std::vector<std::string> peers; // the other end's address, one for each link that leads to a device
    int toSwitch = 0;               // links that lead to an NVSwitch, which joins all that hang on it
    double gigabytesPerLane = 0;    // a second, each way; 0: not known
};

// The driver's sensors (NVML, opened at run time). Any thread; reading costs the driver a millisecond or so. What the
// driver is too old for, or does not tell, is nothing.
struct NvmlDevice;

class Nvml final {
public:
    explicit Nvml(const char* library = "libnvidia-ml.so.1"); // without effect where it is not there
    ~Nvml();
    Nvml(const Nvml&) = delete;
    Nvml& operator=(const Nvml&) = delete;

    // Fills what the GPU at this address tells; leaves the rest as it is.
    void read(const std::string& pciAddress, DeviceSample& sample) const;
    [[nodiscard]] std::optional<std::uint64_t> freeBytes(const std::string& pciAddress) const;
    [[nodiscard]] std::optional<std::vector<NvmlProcess>> processes(const std::string& pciAddress) const;
    [[nodiscard]] NvmlLinks links(const std::string& pciAddress) const;
    // Of the slot and the card, a second each way.
    [[nodiscard]] std::optional<double> pcieGigabytes(const std::string& pciAddress) const;

private:
    struct Functions;
    [[nodiscard]] NvmlDevice* device(const std::string& pciAddress) const;
    std::unique_ptr<Functions> m_functions;
};

// The driver's, opened once for the process.
[[nodiscard]] const Nvml& driverSensors();

// Two ways to write one address: "00000000:07:00.0", "0000:07:00.0".
[[nodiscard]] bool samePciAddress(const std::string& one, const std::string& other);

} // namespace engine
