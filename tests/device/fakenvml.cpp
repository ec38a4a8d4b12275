// Stands for the driver's library of sensors: two GPUs that are joined by 18 NVLinks. The first is used by this process
// and by one that is not seen from here; of the second the temperature and the processes may not be read. The older
// driver tells the sensors only.
#include <array>
#include <cstring>
#include <unistd.h>

namespace {

struct Gpu {
    const char* address;
};
constexpr std::array<Gpu, 2> kGpus{Gpu{"00000000:07:00.0"}, Gpu{"00000000:0A:00.0"}};
constexpr int kNotFound = 6, kNoPermission = 4;

bool isFirst(const void* gpu) { return gpu == kGpus.data(); }

} // namespace

extern "C" {
int nvmlInit_v2();
int nvmlShutdown();
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** gpu);
int nvmlDeviceGetUtilizationRates(void* gpu, unsigned* percents);
int nvmlDeviceGetMemoryInfo(void* gpu, unsigned long long* bytes);
int nvmlDeviceGetTemperature(void* gpu, unsigned kind, unsigned* celsius);
int nvmlDeviceGetPowerUsage(void* gpu, unsigned* milliwatts);

int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** gpu) {
    for (const Gpu& one : kGpus)
        if (strcasecmp(one.address + 4, address) == 0 || strcasecmp(one.address, address) == 0) {
            *gpu = const_cast<Gpu*>(&one);
            return 0;
        }
    return kNotFound;
}
int nvmlDeviceGetUtilizationRates(void*, unsigned* percents) {
    percents[0] = 37;
    percents[1] = 5;
    return 0;
}
int nvmlDeviceGetMemoryInfo(void* gpu, unsigned long long* bytes) {
    bytes[0] = 140'000'000'000ULL;
    bytes[1] = isFirst(gpu) ? 78'600'000'000ULL : 139'000'000'000ULL;
    bytes[2] = bytes[0] - bytes[1];
    return 0;
}
int nvmlDeviceGetTemperature(void* gpu, unsigned, unsigned* celsius) {
    *celsius = 58;
    return isFirst(gpu) ? 0 : kNoPermission;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
    *milliwatts = 240'500;
    return 0;
}

#ifndef THAW_OLD_DRIVER
struct Process {
    unsigned id;
    unsigned long long bytes;
    unsigned instance, computeInstance;
};
struct Pci {
    char old[16];
    unsigned numbers[5];
    char address[32];
};
int nvmlDeviceGetComputeRunningProcesses_v3(void* gpu, unsigned* count, Process* processes);
int nvmlDeviceGetNvLinkState(void* gpu, unsigned link, unsigned* state);
int nvmlDeviceGetNvLinkVersion(void* gpu, unsigned link, unsigned* version);
int nvmlDeviceGetNvLinkRemotePciInfo_v2(void* gpu, unsigned link, Pci* peer);
int nvmlDeviceGetNvLinkRemoteDeviceType(void* gpu, unsigned link, unsigned* kind);
int nvmlDeviceGetMaxPcieLinkGeneration(void* gpu, unsigned* generation);
int nvmlDeviceGetMaxPcieLinkWidth(void* gpu, unsigned* width);

int nvmlDeviceGetComputeRunningProcesses_v3(void* gpu, unsigned* count, Process* processes) {
    constexpr unsigned kProcesses = 70; // more than a first guess has room for
    if (!isFirst(gpu))
        return kNoPermission;
    const unsigned room = *count;
    *count = kProcesses;
    if (room < kProcesses)
        return 7;
    for (unsigned i = 0; i < kProcesses; ++i)
        processes[i] = {4'000'000'000U + i, ~0ULL, 0, 0};
    processes[0] = {static_cast<unsigned>(getpid()), 61'400'000'000ULL, 0, 0};
    return 0;
}
int nvmlDeviceGetNvLinkState(void*, unsigned link, unsigned* state) {
    *state = link < 18 ? 1 : 0;
    return 0;
}
int nvmlDeviceGetNvLinkVersion(void*, unsigned, unsigned* version) {
    *version = 4;
    return 0;
}
int nvmlDeviceGetNvLinkRemotePciInfo_v2(void* gpu, unsigned, Pci* peer) {
    std::strcpy(peer->address, kGpus[isFirst(gpu) ? 1 : 0].address);
    return 0;
}
int nvmlDeviceGetNvLinkRemoteDeviceType(void*, unsigned, unsigned* kind) {
    *kind = 0;
    return 0;
}
int nvmlDeviceGetMaxPcieLinkGeneration(void*, unsigned* generation) {
    *generation = 5;
    return 0;
}
int nvmlDeviceGetMaxPcieLinkWidth(void*, unsigned* width) {
    *width = 16;
    return 0;
}
#endif
}
