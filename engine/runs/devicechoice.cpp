#include "engine/runs/devicechoice.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr const char* kKey = "devices.use";

bool isGpu(const std::string& name) {
    if (name == "cuda")
        return true;
    constexpr std::string_view kNumbered = "cuda:";
    return name.size() > kNumbered.size() && name.starts_with(kNumbered) &&
           std::all_of(name.begin() + kNumbered.size(), name.end(), [](unsigned char c) { return std::isdigit(c); });
}

bool canBe(const std::string& name) { return name == "auto" || name == "cpu" || name == "all" || isGpu(name); }

// Each once, a GPU by its number.
std::vector<std::string> differentDevices(std::span<const std::string> use) {
    std::vector<std::string> devices;
    for (const std::string& name : use)
        if (const std::string full = name == "cuda" ? "cuda:0" : name; std::ranges::count(devices, full) == 0)
            devices.push_back(full);
    return devices;
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

std::vector<Finding> deviceFindings(std::span<const std::string> use) {
    std::vector<Finding> findings;
    const std::vector<std::string> devices = differentDevices(use);
    for (const std::string& name : devices)
        if (!canBe(name))
            findings.push_back(finding(Severity::Problem, fmt::format("There is no device called “{}”.", name),
                                       "Devices are auto, cpu, cuda:0 and so on.", "auto"));
    if (!findings.empty() || devices.empty())
        return findings;
    const bool several = devices.size() > 1;
    const auto other = std::ranges::find_if(devices, [](const std::string& name) { return name != "cpu"; });
    if (several && std::ranges::count(devices, "cpu") > 0)
        return {finding(Severity::Problem, "The CPU cannot be used together with a GPU.",
                        "Name one of the two: a training runs on one device.", *other)};
    if (several && isGpu(devices.front()))
        return {finding(Severity::Warning,
                        fmt::format("Only {} is used: training on several GPUs is not there yet.", devices.front()), "",
                        devices.front())};
    if (several || devices.front() == "all")
        return {finding(Severity::Warning, "Only the first GPU is used: training on several GPUs is not there yet.", "",
                        "auto")};
    return {};
}

} // namespace engine
