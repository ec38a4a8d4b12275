#include "engine/device/gpustates.h"

#include "engine/api/deviceclaims.h"
#include "engine/api/rankwatch.h"
#include "engine/device/madeupgpus.h"
#include "engine/device/procfs.h"

#include <algorithm>
#include <unistd.h>

namespace engine {
namespace {

bool isThaw(const GpuUser& user) { return user.program.starts_with("thaw"); }

// The links of each pair, as each of the two tells them.
std::vector<GpuLink> linksOf(const std::vector<GpuInfo>& gpus, const Nvml& sensors) {
    std::vector<NvmlLinks> of;
    for (const GpuInfo& gpu : gpus)
        of.push_back(sensors.links(gpu.pciAddress));
    std::vector<GpuLink> links;
    for (std::size_t i = 0; i < gpus.size(); ++i)
        for (std::size_t j = i + 1; j < gpus.size(); ++j) {
            const auto direct = std::ranges::count_if(
                of[i].peers, [&](const std::string& peer) { return samePciAddress(peer, gpus[j].pciAddress); });
            const int lanes = static_cast<int>(direct) + std::min(of[i].toSwitch, of[j].toSwitch);
            if (lanes == 0)
                continue;
            links.push_back({.first = gpus[i].device.id, .second = gpus[j].device.id, .lanes = lanes});
            if (of[i].gigabytesPerLane > 0)
                links.back().gigabytes = lanes * of[i].gigabytesPerLane;
        }
    return links;
}

} // namespace

GpuMachine readGpus(const std::vector<GpuInfo>& gpus, const Nvml& sensors) {
    GpuMachine machine;
    for (const GpuInfo& gpu : gpus) {
        DeviceSample sample{.totalBytes = gpu.device.totalBytes};
        sensors.read(gpu.pciAddress, sample);
        GpuState state{.id = gpu.device.id,
                       .name = gpu.device.name,
                       .address = gpu.pciAddress,
                       .totalBytes = sample.totalBytes,
                       .freeBytes = sensors.freeBytes(gpu.pciAddress).value_or(gpu.device.freeBytes),
                       .utilisation = sample.utilisation,
                       .celsius = sample.celsius,
                       .watts = sample.watts};
        if (const auto speed = sensors.pcieGigabytes(gpu.pciAddress))
            state.pcieGigabytes = *speed;
        if (const auto processes = sensors.processes(gpu.pciAddress)) {
            state.users.emplace();
            for (const auto& [process, bytes] : *processes)
                state.users->push_back({.process = process,
                                        .program = procfs::programOf(process),
                                        .user = procfs::userOf(process),
                                        .bytes = bytes});
        }
        machine.gpus.push_back(std::move(state));
    }
    machine.links = linksOf(gpus, sensors);
    return machine;
}

void joinRuns(GpuMachine& machine) {
    const std::string me = procfs::userOf(getpid());
    for (GpuState& gpu : machine.gpus) {
        gpu.takenFor = takenFor(gpu.id, gpu.address);
        const std::int64_t by = gpu.takenFor.empty() ? 0 : takenBy(gpu.id, gpu.address);
        const std::vector<RankState> ranks = gpu.takenFor.empty() ? std::vector<RankState>() : readRanks(gpu.takenFor);
        if (!gpu.users)
            continue;
        for (GpuUser& user : *gpu.users) {
            const auto rank = std::ranges::find(ranks, user.process, &RankState::process);
            if (rank != ranks.end())
                user.rank = rank->rank;
            const bool mine = isThaw(user) && user.user == me;
            // One rank alone tells nothing of itself; who is there besides it has no reason to.
            const bool ours = rank != ranks.end() || (by != 0 && user.process == by) || (mine && !gpu.takenFor.empty());
            if (ours)
                user.run = gpu.takenFor;
            if (ours || !user.run.empty())
                user.is = GpuUser::Is::Rank;
            else if (mine)
                user.is = GpuUser::Is::IdleThaw;
        }
    }
}

GpuMachine lookAtGpus() {
    GpuMachine machine;
    if (gpusAreMadeUp())
        machine = madeUpMachine();
    else if (const std::vector<GpuInfo> gpus = gpuInfos(); !gpus.empty())
        machine = readGpus(gpus, driverSensors());
    joinRuns(machine);
    return machine;
}

} // namespace engine
