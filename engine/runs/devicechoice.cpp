#include "engine/runs/devicechoice.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr const char* kKey = "devices.use";
constexpr std::string_view kNext = "next:";
constexpr std::size_t kMostGpus = 1024; // of a machine

bool isGpu(const std::string& name) {
    if (name == "cuda")
        return true;
    constexpr std::string_view kNumbered = "cuda:";
    return name.size() > kNumbered.size() && name.starts_with(kNumbered) &&
           std::all_of(name.begin() + kNumbered.size(), name.end(), [](unsigned char c) { return std::isdigit(c); });
}

bool canBe(const std::string& name) {
    return name == "auto" || name == "cpu" || name == "all" || isGpu(name) || nextFree(name) > 0;
}

Finding finding(Severity severity, std::string message, std::string detail, const std::string& instead) {
    return {.key = kKey,
            .severity = severity,
            .message = std::move(message),
            .detail = std::move(detail),
            .fixLabel = fmt::format("Use {}", instead),
            .fixKey = kKey,
            .fixValue = instead};
}

} // namespace

std::vector<std::string> namedDevices(std::span<const std::string> use) {
    std::vector<std::string> devices;
    for (const std::string& name : use)
        if (const std::string full = name == "cuda" ? "cuda:0" : name;
            full == "cpu" || std::ranges::count(devices, full) == 0)
            devices.push_back(full);
    return devices;
}

std::size_t nextFree(const std::string& name) {
    if (!name.starts_with(kNext))
        return 0;
    std::size_t count = 0;
    const char* const begin = name.data() + kNext.size();
    const char* const end = name.data() + name.size();
    const auto [read, problem] = std::from_chars(begin, end, count);
    return problem == std::errc() && read == end && count <= kMostGpus ? count : 0;
}

std::vector<Finding> deviceFindings(std::span<const std::string> use) {
    std::vector<Finding> findings;
    const std::vector<std::string> devices = namedDevices(use);
    for (const std::string& name : devices)
        if (!canBe(name))
            findings.push_back(
                finding(Severity::Problem, fmt::format("There is no device called “{}”.", name),
                        "Devices are auto, cpu, all, cuda:0 and so on, and next:2 for any two that are free.", "auto"));
    if (!findings.empty() || devices.size() < 2)
        return findings;
    const auto other = std::ranges::find_if(devices, [](const std::string& name) { return name != "cpu"; });
    if (other != devices.end() && std::ranges::count(devices, "cpu") > 0)
        return {finding(Severity::Problem, "The CPU cannot be used together with a GPU.",
                        "Name GPUs alone, or the CPU as often as there are to be ranks.", *other)};
    const auto whole = std::ranges::find_if(
        devices, [](const auto& name) { return name == "auto" || name == "all" || nextFree(name) > 0; });
    if (whole != devices.end())
        return {finding(Severity::Problem, fmt::format("“{}” stands for devices of its own choice.", *whole),
                        "Name it alone, or name the devices one by one.", *whole)};
    return {};
}

double learningRateFactor(const DeviceSettings& settings, int ranks) {
    if (settings.learningRate == "linear")
        return ranks;
    return settings.learningRate == "square-root" ? std::sqrt(static_cast<double>(ranks)) : 1.0;
}

std::vector<std::string> rankDevices(std::span<const std::string> use, std::size_t gpus) {
    std::vector<std::string> devices = namedDevices(use);
    if (devices == std::vector<std::string>{"all"} && gpus > 1) {
        devices.clear();
        for (std::size_t i = 0; i < gpus; ++i)
            devices.push_back(fmt::format("cuda:{}", i));
    }
    if (devices.size() == 1)
        if (const std::size_t count = nextFree(devices.front()); count > 1)
            devices.assign(count, devices.front());
    if (devices.empty())
        devices.emplace_back("auto");
    return devices;
}

} // namespace engine
