#include "engine/api/gpus.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace engine {
namespace {

// As far as both tell it.
std::string speedWords(double gigabytes) {
    return std::isfinite(gigabytes) && gigabytes > 0 ? fmt::format(", {:.0f} GB/s each way", gigabytes) : std::string();
}

std::size_t pairsOf(const GpuMachine& machine) { return machine.gpus.size() * (machine.gpus.size() - 1) / 2; }

// The slowest slot.
double pcieGigabytes(const GpuMachine& machine) {
    double least = std::numeric_limits<double>::infinity();
    for (const GpuState& gpu : machine.gpus) {
        if (!std::isfinite(gpu.pcieGigabytes))
            return std::numeric_limits<double>::quiet_NaN();
        least = std::min(least, gpu.pcieGigabytes);
    }
    return least;
}

// So many of `from`, beginning with one of them and always taking the one with the most lanes to those that are taken.
std::vector<std::size_t> joinedFrom(std::size_t begin, const std::vector<std::vector<int>>& lanes, std::size_t count) {
    std::vector<std::size_t> taken{begin};
    while (taken.size() < count) {
        std::size_t best = lanes.size();
        int most = -1;
        for (std::size_t other = 0; other < lanes.size(); ++other) {
            if (std::ranges::find(taken, other) != taken.end())
                continue;
            const int joined = std::accumulate(taken.begin(), taken.end(), 0,
                                               [&](int sum, std::size_t one) { return sum + lanes[one][other]; });
            if (joined > most) {
                most = joined;
                best = other;
            }
        }
        taken.push_back(best);
    }
    std::ranges::sort(taken);
    return taken;
}

int lanesWithin(const std::vector<std::size_t>& taken, const std::vector<std::vector<int>>& lanes) {
    int sum = 0;
    for (const std::size_t one : taken)
        for (const std::size_t other : taken)
            sum += lanes[one][other];
    return sum;
}

} // namespace

bool isFree(const GpuState& gpu) {
    return gpu.takenFor.empty() && (!gpu.users || std::ranges::all_of(*gpu.users, [](const GpuUser& user) {
               return user.is == GpuUser::Is::IdleThaw;
           }));
}

int lanesBetween(const GpuMachine& machine, const std::string& first, const std::string& second) {
    for (const GpuLink& link : machine.links)
        if ((link.first == first && link.second == second) || (link.first == second && link.second == first))
            return link.lanes;
    return 0;
}

std::vector<std::string> freeGpus(const GpuMachine& machine, std::size_t count) {
    std::vector<std::string> ids;
    for (const GpuState& gpu : machine.gpus)
        if (isFree(gpu))
            ids.push_back(gpu.id);
    if (ids.size() <= count || count == 0) {
        ids.resize(std::min(ids.size(), count));
        return ids;
    }
    std::vector<std::vector<int>> lanes(ids.size(), std::vector<int>(ids.size(), 0));
    for (std::size_t i = 0; i < ids.size(); ++i)
        for (std::size_t j = 0; j < ids.size(); ++j)
            lanes[i][j] = i == j ? 0 : lanesBetween(machine, ids[i], ids[j]);
    std::vector<std::size_t> best;
    for (std::size_t begin = 0; begin < ids.size(); ++begin)
        if (auto taken = joinedFrom(begin, lanes, count);
            best.empty() || lanesWithin(taken, lanes) > lanesWithin(best, lanes))
            best = std::move(taken);
    std::vector<std::string> chosen;
    for (const std::size_t one : best)
        chosen.push_back(ids[one]);
    return chosen;
}

std::string gpuUserWords(const GpuUser& user) {
    const std::string bytes =
        user.bytes > 0 ? fmt::format(", {:.1f} GB", static_cast<double>(user.bytes) / 1e9) : std::string();
    if (!user.run.empty())
        return fmt::format("run {}{}{}", user.run.filename().string(),
                           user.rank >= 0 ? fmt::format(", rank {}", user.rank) : "", bytes);
    const std::string who = user.program.empty() ? fmt::format("process {}", user.process) : user.program;
    return user.user.empty() ? who + bytes : fmt::format("{} of {}{}", who, user.user, bytes);
}

std::string gpuUseWords(const GpuState& gpu) {
    std::string words;
    bool runNamed = false;
    for (const GpuUser& user : gpu.users.value_or(std::vector<GpuUser>())) {
        if (user.is == GpuUser::Is::IdleThaw)
            continue;
        words += (words.empty() ? "" : "; ") + gpuUserWords(user);
        runNamed = runNamed || user.run == gpu.takenFor;
    }
    if (!gpu.takenFor.empty() && !runNamed)
        words = fmt::format("run {}{}{}", gpu.takenFor.filename().string(), words.empty() ? "" : "; ", words);
    return words.empty() ? "free" : words;
}

std::string gpuLinkWords(const GpuMachine& machine) {
    if (machine.gpus.size() < 2)
        return {};
    const double pcie = pcieGigabytes(machine);
    if (machine.links.empty())
        return std::isfinite(pcie) ? fmt::format("PCIe between all{}", speedWords(pcie)) : std::string();
    const GpuLink& first = machine.links.front();
    const bool alike =
        std::ranges::all_of(machine.links, [&](const GpuLink& link) { return link.lanes == first.lanes; });
    if (alike && machine.links.size() == pairsOf(machine))
        return fmt::format("NVLink between all{}", speedWords(first.gigabytes));
    std::string words;
    for (const GpuLink& link : machine.links)
        words += fmt::format("{}{} and {}: NVLink{}", words.empty() ? "" : "; ", link.first, link.second,
                             speedWords(link.gigabytes));
    if (machine.links.size() < pairsOf(machine))
        words += fmt::format("; else PCIe{}", speedWords(pcie));
    return words;
}

} // namespace engine
