#include "engine/device/nvml.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <dlfcn.h>

namespace engine {
namespace {

// As NVML's interface fixes them; its header comes with the toolkit only.
struct NvmlUtilization {
    unsigned gpu = 0, memory = 0; // percent
};
struct NvmlMemory {
    unsigned long long total = 0, free = 0, used = 0;
};
struct NvmlProcessInfo {
    unsigned process = 0;
    unsigned long long bytes = 0;
    unsigned instance = 0, computeInstance = 0;
};
struct NvmlPciInfo {
    std::array<char, 16> oldAddress{};
    unsigned domain = 0, bus = 0, device = 0, id = 0, subsystem = 0;
    std::array<char, 32> address{};
};
constexpr unsigned kTemperatureGpu = 0;
constexpr int kSuccess = 0;
constexpr int kTooSmall = 7; // the room that was given
constexpr unsigned kMostLinks = 18;
constexpr unsigned kSwitch = 2; // at a link's other end
constexpr unsigned kUp = 1;
constexpr unsigned long long kNotTold = ~0ULL;

// GB a second and way of one NVLink, by its version.
double gigabytesOfLane(unsigned version) {
    constexpr std::array kOf{0.0, 20.0, 25.0, 25.0, 25.0, 50.0};
    return version < kOf.size() ? kOf.at(version) : 0;
}

// GB a second and way of one lane of a slot, by its generation.
double gigabytesOfPcie(unsigned generation) {
    constexpr std::array kOf{0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0};
    return generation < kOf.size() ? kOf.at(generation) : 0;
}

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
    // Of these an older driver may have none.
    int (*processes)(NvmlDevice*, unsigned*, NvmlProcessInfo*) = nullptr;
    int (*linkState)(NvmlDevice*, unsigned, unsigned*) = nullptr;
    int (*linkVersion)(NvmlDevice*, unsigned, unsigned*) = nullptr;
    int (*linkPeer)(NvmlDevice*, unsigned, NvmlPciInfo*) = nullptr;
    int (*linkPeerKind)(NvmlDevice*, unsigned, unsigned*) = nullptr;
    int (*pcieGeneration)(NvmlDevice*, unsigned*) = nullptr;
    int (*pcieWidth)(NvmlDevice*, unsigned*) = nullptr;

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
    void findMore() {
        // The second and third version fill the same structure; the first filled a smaller one.
        (void)(find(processes, "nvmlDeviceGetComputeRunningProcesses_v3") ||
               find(processes, "nvmlDeviceGetComputeRunningProcesses_v2"));
        (void)find(linkState, "nvmlDeviceGetNvLinkState");
        (void)find(linkVersion, "nvmlDeviceGetNvLinkVersion");
        (void)find(linkPeer, "nvmlDeviceGetNvLinkRemotePciInfo_v2");
        (void)find(linkPeerKind, "nvmlDeviceGetNvLinkRemoteDeviceType");
        (void)find(pcieGeneration, "nvmlDeviceGetMaxPcieLinkGeneration");
        (void)find(pcieWidth, "nvmlDeviceGetMaxPcieLinkWidth");
    }
    // Whether the link is up, and what is at its other end.
    void readLink(NvmlDevice* device, unsigned link, NvmlLinks& links) const {
        unsigned state = 0, version = 0, kind = 0;
        if (linkState(device, link, &state) != kSuccess || state != kUp)
            return;
        if (linkVersion != nullptr && linkVersion(device, link, &version) == kSuccess)
            links.gigabytesPerLane = gigabytesOfLane(version);
        if (linkPeerKind != nullptr && linkPeerKind(device, link, &kind) == kSuccess && kind == kSwitch) {
            ++links.toSwitch;
            return;
        }
        if (NvmlPciInfo peer; linkPeer != nullptr && linkPeer(device, link, &peer) == kSuccess)
            links.peers.emplace_back(peer.address.data());
    }
};

Nvml::Nvml(const char* library) {
    auto functions = std::make_unique<Functions>();
    functions->handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    if (functions->handle == nullptr)
        return;
    if (functions->findAll() && functions->init() == kSuccess) {
        functions->findMore();
        m_functions = std::move(functions);
    } else {
        dlclose(functions->handle);
    }
}

Nvml::~Nvml() {
    if (!m_functions)
        return;
    m_functions->shutdown();
    dlclose(m_functions->handle);
}

NvmlDevice* Nvml::device(const std::string& pciAddress) const {
    NvmlDevice* found = nullptr;
    return m_functions && m_functions->byPciAddress(pciAddress.c_str(), &found) == kSuccess ? found : nullptr;
}

void Nvml::read(const std::string& pciAddress, DeviceSample& sample) const {
    NvmlDevice* found = device(pciAddress);
    if (found == nullptr)
        return;
    if (NvmlUtilization use; m_functions->utilization(found, &use) == kSuccess)
        sample.utilisation = use.gpu / 100.0;
    if (NvmlMemory memory; m_functions->memory(found, &memory) == kSuccess) {
        sample.usedBytes = memory.used;
        sample.totalBytes = memory.total;
    }
    if (unsigned celsius = 0; m_functions->temperature(found, kTemperatureGpu, &celsius) == kSuccess)
        sample.celsius = celsius;
    if (unsigned milliwatts = 0; m_functions->power(found, &milliwatts) == kSuccess)
        sample.watts = milliwatts / 1000.0;
}

std::optional<std::uint64_t> Nvml::freeBytes(const std::string& pciAddress) const {
    NvmlDevice* found = device(pciAddress);
    NvmlMemory memory;
    if (found == nullptr || m_functions->memory(found, &memory) != kSuccess)
        return std::nullopt;
    return memory.free;
}

std::optional<std::vector<NvmlProcess>> Nvml::processes(const std::string& pciAddress) const {
    NvmlDevice* found = device(pciAddress);
    if (found == nullptr || m_functions->processes == nullptr)
        return std::nullopt;
    std::vector<NvmlProcessInfo> room(64);
    unsigned count = 0;
    int result = kTooSmall;
    for (int trial = 0; result == kTooSmall && trial < 5; ++trial) { // others may begin between two calls
        count = static_cast<unsigned>(room.size());
        result = m_functions->processes(found, &count, room.data());
        if (result == kTooSmall)
            room.resize(2 * std::max<std::size_t>(room.size(), count));
    }
    if (result != kSuccess)
        return std::nullopt;
    std::vector<NvmlProcess> all;
    for (unsigned i = 0; i < count; ++i)
        all.push_back({room[i].process, room[i].bytes == kNotTold ? 0 : room[i].bytes});
    return all;
}

NvmlLinks Nvml::links(const std::string& pciAddress) const {
    NvmlLinks links;
    NvmlDevice* found = device(pciAddress);
    if (found != nullptr && m_functions->linkState != nullptr)
        for (unsigned link = 0; link < kMostLinks; ++link)
            m_functions->readLink(found, link, links);
    return links;
}

std::optional<double> Nvml::pcieGigabytes(const std::string& pciAddress) const {
    NvmlDevice* found = device(pciAddress);
    unsigned generation = 0, width = 0;
    if (found == nullptr || m_functions->pcieGeneration == nullptr || m_functions->pcieWidth == nullptr ||
        m_functions->pcieGeneration(found, &generation) != kSuccess ||
        m_functions->pcieWidth(found, &width) != kSuccess)
        return std::nullopt;
    const double all = gigabytesOfPcie(generation) * width;
    return all > 0 ? std::optional(all) : std::nullopt;
}

const Nvml& driverSensors() {
    static const Nvml sensors;
    return sensors;
}

bool samePciAddress(const std::string& one, const std::string& other) {
    const auto tail = [](const std::string& address) { // the domain's last four digits, bus, device
        constexpr std::size_t kKept = 12;
        std::string kept = address.size() > kKept ? address.substr(address.size() - kKept) : address;
        for (char& c : kept)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return kept;
    };
    return tail(one) == tail(other);
}

} // namespace engine
