#include "engine/device/nvml.h"

#include <dlfcn.h>

namespace engine {
namespace {

// As NVML's interface fixes them; its header comes with the toolkit only.
struct NvmlDevice;
struct NvmlUtilization {
    unsigned gpu = 0, memory = 0; // percent
};
struct NvmlMemory {
    unsigned long long total = 0, free = 0, used = 0;
};
constexpr unsigned kTemperatureGpu = 0;
constexpr int kSuccess = 0;

} // namespace

struct Nvml::Functions {
    void* handle = nullptr;
    int (*init)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*byPciAddress)(const char*, NvmlDevice**) = nullptr;
    int (*utilization)(NvmlDevice*, NvmlUtilization*) = nullptr;
    int (*memory)(NvmlDevice*, NvmlMemory*) = nullptr;
    int (*temperature)(NvmlDevice*, unsigned, unsigned*) = nullptr;
    int (*power)(NvmlDevice*, unsigned*) = nullptr; // milliwatts

    template <typename Function>
    bool find(Function& function, const char* name) {
        function = reinterpret_cast<Function>(dlsym(handle, name));
        return function != nullptr;
    }
    bool findAll() {
        return find(init, "nvmlInit_v2") && find(shutdown, "nvmlShutdown") &&
               find(byPciAddress, "nvmlDeviceGetHandleByPciBusId_v2") &&
               find(utilization, "nvmlDeviceGetUtilizationRates") && find(memory, "nvmlDeviceGetMemoryInfo") &&
               find(temperature, "nvmlDeviceGetTemperature") && find(power, "nvmlDeviceGetPowerUsage");
    }
};

Nvml::Nvml() {
    auto functions = std::make_unique<Functions>();
    functions->handle = dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (functions->handle == nullptr)
        return;
    if (functions->findAll() && functions->init() == kSuccess)
        m_functions = std::move(functions);
    else
        dlclose(functions->handle);
}

Nvml::~Nvml() {
    if (!m_functions)
        return;
    m_functions->shutdown();
    dlclose(m_functions->handle);
}

void Nvml::read(const std::string& pciAddress, DeviceSample& sample) const {
    NvmlDevice* device = nullptr;
    if (!m_functions || m_functions->byPciAddress(pciAddress.c_str(), &device) != kSuccess)
        return;
    if (NvmlUtilization use; m_functions->utilization(device, &use) == kSuccess)
        sample.utilisation = use.gpu / 100.0;
    if (NvmlMemory memory; m_functions->memory(device, &memory) == kSuccess) {
        sample.usedBytes = memory.used;
        sample.totalBytes = memory.total;
    }
    if (unsigned celsius = 0; m_functions->temperature(device, kTemperatureGpu, &celsius) == kSuccess)
        sample.celsius = celsius;
    if (unsigned milliwatts = 0; m_functions->power(device, &milliwatts) == kSuccess)
        sample.watts = milliwatts / 1000.0;
}

} // namespace engine
