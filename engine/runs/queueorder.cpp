#include "engine/runs/queueorder.h"

#include "engine/api/error.h"
#include "engine/api/parameter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr const char* kKept = "kept for a run that waits";

bool isThere(const GpuMachine& machine, const std::string& device) {
    return std::ranges::find(machine.gpus, device, &GpuState::id) != machine.gpus.end();
}

bool canNeverBe(const DeviceWish& wish, const GpuMachine& machine) {
    if (wish.kind == DeviceWish::Kind::Free)
        return wish.count > machine.gpus.size();
    return wish.kind == DeviceWish::Kind::Named &&
           !std::ranges::all_of(wish.named, [&](const std::string& device) { return isThere(machine, device); });
}

std::vector<std::string> idsOf(const GpuMachine& machine) {
    std::vector<std::string> ids;
    for (const GpuState& gpu : machine.gpus)
        ids.push_back(gpu.id);
    return ids;
}

// What it gets where it can begin now. Else nothing, and what it could use is kept for it.
std::vector<std::string> takenNow(const DeviceWish& wish, GpuMachine& machine) {
    const bool anyOf = wish.kind == DeviceWish::Kind::Free;
    const std::vector<std::string> wanted = anyOf                                ? freeGpus(machine, wish.count)
                                            : wish.kind == DeviceWish::Kind::All ? idsOf(machine)
                                                                                 : wish.named;
    const bool all = wanted.size() >= wish.count && std::ranges::all_of(wanted, [&](const std::string& device) {
                         return isFree(*std::ranges::find(machine.gpus, device, &GpuState::id));
                     });
    if (all)
        return wanted;
    for (GpuState& gpu : machine.gpus)
        if (anyOf || std::ranges::find(wanted, gpu.id) != wanted.end())
            gpu.takenFor = kKept;
    return {};
}

// "08:30"
std::optional<std::tm> timeOfDay(const std::string& words, std::tm day) {
    int hour = 0, minute = 0, read = 0;
    if (std::sscanf(words.c_str(), "%d:%d%n", &hour, &minute, &read) != 2 ||
        static_cast<std::size_t>(read) != words.size() || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return {};
    day.tm_hour = hour;
    day.tm_min = minute;
    day.tm_sec = 0;
    day.tm_isdst = -1;
    return day;
}

// "+90m"
std::optional<double> fromNow(const std::string& words) {
    constexpr std::array kUnits{std::pair{'m', 60.0}, std::pair{'h', 3600.0}, std::pair{'d', 86400.0}};
    if (words.size() < 3 || words.front() != '+')
        return {};
    double count = 0;
    const auto [read, problem] = std::from_chars(words.data() + 1, words.data() + words.size() - 1, count);
    for (const auto& [unit, seconds] : kUnits)
        if (problem == std::errc() && read == words.data() + words.size() - 1 && words.back() == unit && count >= 0)
            return count * seconds;
    return {};
}

} // namespace

DeviceWish wishOf(const QueuedRun& run, std::size_t gpus) {
    try {
        Experiment experiment = readExperiment(run.folder / "experiment.toml");
        for (const ChangedSetting& change : run.changes)
            if (change.key == "devices.use")
                setParameterValue(experiment, change.key, change.value);
        return deviceWish(experiment.devices.use, gpus);
    } catch (const Error&) { // which its training says
        return {};
    }
}

std::optional<QueueChoice> chooseNext(const QueueState& queue, const GpuMachine& machine, double now) {
    GpuMachine seen = machine;
    const bool cpuBusy = std::ranges::any_of(
        queue.running, [](const QueuedRun& run) { return run.devices.empty() || run.devices.front() == kCpuLane; });
    for (std::size_t place = 0; place < queue.waiting.size(); ++place) {
        const QueuedRun& run = queue.waiting[place];
        if (run.notBefore > now)
            continue;
        const DeviceWish wish = wishOf(run, machine.gpus.size());
        if (wish.kind == DeviceWish::Kind::Cpu) {
            if (!cpuBusy)
                return QueueChoice{place, std::vector<std::string>(wish.count, kCpuLane)};
            continue;
        }
        if (canNeverBe(wish, machine))
            return QueueChoice{place, {}};
        if (auto devices = takenNow(wish, seen); !devices.empty())
            return QueueChoice{place, std::move(devices)};
    }
    return {};
}

double startTimeOf(const std::string& words, double now) {
    if (words.empty() || words == "now")
        return 0;
    if (const auto seconds = fromNow(words))
        return now + *seconds;
    const auto today = static_cast<std::time_t>(now);
    std::tm day{};
    localtime_r(&today, &day);
    if (auto time = timeOfDay(words, day)) {
        if (std::mktime(&*time) <= today)
            ++time->tm_mday; // mktime() knows months
        time->tm_isdst = -1;
        return static_cast<double>(std::mktime(&*time));
    }
    std::tm date{};
    const char* const rest = strptime(words.c_str(), "%Y-%m-%d", &date);
    if (rest != nullptr && (*rest == ' ' || *rest == 'T'))
        if (auto time = timeOfDay(rest + 1, date))
            return static_cast<double>(std::mktime(&*time));
    throw Error(ErrorKind::BadInput, fmt::format("“{}” is no time.", words),
                "Write 08:30, 2026-12-01 08:30, +90m or +2h; now for as soon as it can.");
}

} // namespace engine
