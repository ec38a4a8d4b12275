#pragma once

#include "engine/api/devices.h"

#include <memory>
#include <string>

namespace engine {

// The driver's sensors (NVML, opened at run time). Any thread; reading costs the driver a millisecond or so.
class Nvml final {
public:
    Nvml(); // without effect where the library is not there
    ~Nvml();
    Nvml(const Nvml&) = delete;
    Nvml& operator=(const Nvml&) = delete;

    // Fills what the GPU at this address tells; leaves the rest as it is.
    void read(const std::string& pciAddress, DeviceSample& sample) const;

private:
    struct Functions;
    std::unique_ptr<Functions> m_functions;
};

} // namespace engine
