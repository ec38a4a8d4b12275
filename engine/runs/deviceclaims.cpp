#include "engine/api/deviceclaims.h"

#include "engine/api/error.h"
#include "engine/api/gpus.h"
#include "engine/api/ranks.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/base/filelock.h"
#include "engine/base/utf8.h"
#include "engine/runs/devicechoice.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path claimFile(const std::string& device, const std::string& address) {
    std::string name = address.empty() ? device : address;
    std::ranges::replace(name, ':', '-');
    return cacheFolder() / "devices" / (name + ".lock");
}

// What whoever holds the lock wrote into it; nothing where nobody does.
json claimIn(const std::string& device, const std::string& address) {
    const fs::path file = claimFile(device, address);
    if (!FileLock::heldByAnyone(file))
        return {};
    try {
        return json::parse(readFile(file), nullptr, false);
    } catch (const Error&) {
        return {}; // gone meanwhile
    }
}

[[noreturn]] void sayNotFree(const DeviceWish& wish, const GpuMachine& machine) {
    if (wish.count > machine.gpus.size())
        throw Error(ErrorKind::Device,
                    fmt::format("{} GPUs are asked for, and this machine has {}.", wish.count, machine.gpus.size()),
                    "Ask for fewer in devices.use.");
    std::vector<std::string> who;
    std::size_t free = 0;
    for (const GpuState& gpu : machine.gpus) {
        if (isFree(gpu))
            ++free;
        else
            who.push_back(fmt::format("{}: {}", gpu.id, gpuUseWords(gpu)));
    }
    const std::string there =
        free == 0 ? std::string("none is free")
                  : fmt::format("{} of {} {} free", free, machine.gpus.size(), free == 1 ? "is" : "are");
    throw Error(ErrorKind::Device,
                fmt::format("{} free {} asked for, and {}{}{}.", wish.count, wish.count == 1 ? "GPU is" : "GPUs are",
                            there, who.empty() ? "" : ". ", fmt::join(who, ". ")),
                "Put the run into the queue, where it begins once they are free, or name devices in devices.use.");
}

} // namespace

DeviceClaims::DeviceClaims() = default;
DeviceClaims::~DeviceClaims() = default;
DeviceClaims::DeviceClaims(DeviceClaims&&) noexcept = default;
DeviceClaims& DeviceClaims::operator=(DeviceClaims&& other) noexcept {
    m_devices.swap(other.m_devices);
    m_locks.swap(other.m_locks);
    return *this;
}

bool DeviceClaims::take(const std::string& device, const std::string& address, const fs::path& run) {
    const fs::path file = claimFile(device, address);
    std::error_code code;
    fs::create_directories(file.parent_path(), code);
    FileLock lock(file);
    if (!lock.tryTake())
        return false;
    std::ofstream(file, std::ios::trunc)
        << json{{"run", utf8FromBytes(fs::absolute(run).string())}, {"process", getpid()}}.dump() << '\n';
    m_devices.push_back(device);
    m_locks.push_back(std::move(lock));
    return true;
}

std::vector<int> DeviceClaims::descriptors() const {
    std::vector<int> all;
    for (const FileLock& lock : m_locks)
        all.push_back(lock.descriptor());
    return all;
}

fs::path takenFor(const std::string& device, const std::string& address) {
    const json claim = claimIn(device, address);
    return claim.is_object() ? fs::path(bytesFromUtf8(claim.value("run", std::string()))) : fs::path();
}

std::int64_t takenBy(const std::string& device, const std::string& address) {
    const json claim = claimIn(device, address);
    return claim.is_object() ? claim.value("process", std::int64_t{0}) : 0;
}

DeviceWish deviceWish(const std::vector<std::string>& use, std::size_t gpus) {
    const std::vector<std::string> named = namedDevices(use);
    const std::string first = named.empty() ? "auto" : named.front();
    if (const std::size_t count = nextFree(first); count > 0)
        return {.kind = DeviceWish::Kind::Free, .named = {}, .count = count};
    if (first == "cpu" || ((first == "auto" || first == "all") && gpus == 0))
        return {.kind = DeviceWish::Kind::Cpu, .named = {}, .count = std::max<std::size_t>(1, named.size())};
    if (first == "all")
        return {.kind = DeviceWish::Kind::All, .named = {}, .count = gpus};
    if (first == "auto")
        return {.kind = DeviceWish::Kind::Free, .named = {}, .count = 1};
    return {.kind = DeviceWish::Kind::Named, .named = named, .count = named.size()};
}

DeviceClaims takeDevices(const fs::path& run, const DeviceWish& wish, const GpuMachine& machine) {
    DeviceClaims claims;
    GpuMachine now = machine;
    const auto take = [&](GpuState& gpu) {
        if (claims.take(gpu.id, gpu.address, run))
            return true;
        gpu.takenFor = takenFor(gpu.id, gpu.address);
        if (gpu.takenFor.empty())
            gpu.takenFor = "of another program"; // that is about to say
        return false;
    };
    if (wish.kind == DeviceWish::Kind::Named || wish.kind == DeviceWish::Kind::All)
        for (GpuState& gpu : now.gpus)
            if (wish.kind == DeviceWish::Kind::All || std::ranges::find(wish.named, gpu.id) != wish.named.end())
                (void)take(gpu);
    while (wish.kind == DeviceWish::Kind::Free && claims.devices().size() < wish.count) {
        claims = DeviceClaims();
        const std::vector<std::string> free = freeGpus(now, wish.count);
        if (free.size() < wish.count)
            sayNotFree(wish, now);
        const bool all = std::ranges::all_of(
            free, [&](const std::string& id) { return take(*std::ranges::find(now.gpus, id, &GpuState::id)); });
        if (!all)
            claims = DeviceClaims();
    }
    return claims;
}

} // namespace engine
