#include "engine/api/devices.h"

#include "engine/api/gpus.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

#include <algorithm>
#include <cmath>

namespace engine::cli {
namespace {

using nlohmann::json;

// What is not told is left out.
void put(json& object, const char* key, double value) {
    if (std::isfinite(value))
        object[key] = value;
}

json asJson(const GpuUser& user) {
    json object = {{"process", user.process}};
    if (!user.program.empty())
        object["program"] = user.program;
    if (!user.user.empty())
        object["user"] = user.user;
    if (user.bytes > 0)
        object["bytes"] = user.bytes;
    if (!user.run.empty())
        object["run"] = user.run.string();
    if (user.rank >= 0)
        object["rank"] = user.rank;
    return object;
}

void addState(json& object, const GpuState& gpu) {
    object["address"] = gpu.address;
    put(object, "utilisation", gpu.utilisation);
    put(object, "celsius", gpu.celsius);
    put(object, "watts", gpu.watts);
    put(object, "pcie_gigabytes_per_s", gpu.pcieGigabytes);
    object["free"] = isFree(gpu);
    if (!gpu.takenFor.empty())
        object["taken_for"] = gpu.takenFor.string();
    if (!gpu.users)
        return;
    object["users"] = json::array();
    for (const GpuUser& user : *gpu.users)
        object["users"].push_back(asJson(user));
}

json asJson(const DeviceInfo& device, const GpuMachine& machine) {
    json object = {{"id", device.id},
                   {"name", device.name},
                   {"cores", device.cores},
                   {"total_bytes", device.totalBytes},
                   {"free_bytes", device.freeBytes},
                   {"bf16", device.bf16}};
    if (const auto gpu = std::ranges::find(machine.gpus, device.id, &GpuState::id); gpu != machine.gpus.end())
        addState(object, *gpu);
    return object;
}

json linksOf(const GpuMachine& machine) {
    json links = json::array();
    for (const GpuLink& link : machine.links) {
        links.push_back({{"between", {link.first, link.second}}, {"kind", "nvlink"}, {"lanes", link.lanes}});
        put(links.back(), "gigabytes_per_s", link.gigabytes);
    }
    return links;
}

std::string numbered(double value, double times, const char* unit) {
    return std::isfinite(value) ? fmt::format("{:.0f} {}", value * times, unit) : "–";
}

void print(const std::vector<DeviceInfo>& devices, const GpuMachine& machine) {
    std::vector<std::vector<std::string>> rows = {{"Device", "Name", "Cores", "Memory", "Free", "bf16"}};
    std::vector<bool> right = {false, false, true, true, true, false};
    if (!machine.gpus.empty()) {
        for (const char* head : {"Busy", "Temp.", "Used by"})
            rows.front().emplace_back(head);
        right.insert(right.end(), {true, true, false});
    }
    for (const DeviceInfo& device : devices) {
        rows.push_back({device.id, device.name, std::to_string(device.cores), byteWords(device.totalBytes),
                        byteWords(device.freeBytes), device.bf16 ? "native" : "emulated"});
        if (machine.gpus.empty())
            continue;
        const auto gpu = std::ranges::find(machine.gpus, device.id, &GpuState::id);
        if (gpu == machine.gpus.end())
            rows.back().insert(rows.back().end(), {"–", "–", "–"});
        else
            rows.back().insert(rows.back().end(), {numbered(gpu->utilisation, 100, "%"),
                                                   numbered(gpu->celsius, 1, "°C"), gpuUseWords(*gpu)});
    }
    printTable(rows, right);
    if (const std::string links = gpuLinkWords(machine); !links.empty())
        fmt::print("{}\n", links);
}

} // namespace

void addDevices(CLI::App& app, Context& context) {
    CLI::App* command =
        app.add_subcommand("devices", "List what can train here; of GPUs also who uses them and how they are linked");
    command->footer("--json writes what THAW_GPUS can name on another machine, to see windows and queues as they are "
                    "here.");
    command->callback([&context] {
        const std::vector<DeviceInfo> all = devices();
        const GpuMachine machine = lookAtGpus();
        if (context.json) {
            json list = json::array();
            for (const DeviceInfo& device : all)
                list.push_back(asJson(device, machine));
            printJson({{"devices", list}, {"links", linksOf(machine)}, {"gpu_absence_reason", gpuAbsenceReason()}});
        } else {
            print(all, machine);
        }
        if (const std::string reason = gpuAbsenceReason(); !reason.empty())
            say("{}", reason);
    });
}

} // namespace engine::cli
