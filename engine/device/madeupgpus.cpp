#include "engine/device/madeupgpus.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/device/cudamodule.h"

#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
using nlohmann::json;

namespace {

std::string fileOfGpus() {
    const char* value = std::getenv("THAW_GPUS");
    return value != nullptr ? value : "";
}

double numberOr(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

GpuUser userIn(const json& object) {
    GpuUser user{.process = object.value("process", std::int64_t{0}),
                 .program = object.value("program", std::string()),
                 .user = object.value("user", std::string()),
                 .bytes = object.value("bytes", std::uint64_t{0})};
    user.run = bytesFromUtf8(object.value("run", std::string()));
    user.rank = object.value("rank", -1);
    user.is = !user.run.empty() ? GpuUser::Is::Rank : GpuUser::Is::Other;
    return user;
}

GpuState stateIn(const json& object) {
    GpuState gpu{.id = object.at("id").get<std::string>(),
                 .name = object.value("name", std::string()),
                 .address = object.value("address", std::string()),
                 .totalBytes = object.value("total_bytes", std::uint64_t{0}),
                 .freeBytes = object.value("free_bytes", std::uint64_t{0})};
    gpu.utilisation = numberOr(object, "utilisation");
    gpu.celsius = numberOr(object, "celsius");
    gpu.watts = numberOr(object, "watts");
    gpu.pcieGigabytes = numberOr(object, "pcie_gigabytes_per_s");
    if (const auto users = object.find("users"); users != object.end() && users->is_array()) {
        gpu.users.emplace();
        for (const json& user : *users)
            gpu.users->push_back(userIn(user));
    }
    return gpu;
}

} // namespace

bool gpusAreMadeUp() { return !fileOfGpus().empty(); }

GpuMachine madeUpMachine() {
    const std::string file = fileOfGpus();
    GpuMachine machine;
    try {
        const json object = json::parse(readFile(file));
        for (const json& device : object.at("devices"))
            if (device.at("id") != "cpu")
                machine.gpus.push_back(stateIn(device));
        for (const json& link : object.value("links", json::array()))
            machine.links.push_back({.first = link.at("between").at(0).get<std::string>(),
                                     .second = link.at("between").at(1).get<std::string>(),
                                     .lanes = link.value("lanes", 1),
                                     .gigabytes = numberOr(link, "gigabytes_per_s")});
    } catch (const json::exception&) {
        throw Error(ErrorKind::BadInput, fmt::format("{} does not say which GPUs there are.", file),
                    "THAW_GPUS names a file as thaw devices --json writes it.");
    }
    return machine;
}

std::vector<GpuInfo> gpuInfos() {
    if (!gpusAreMadeUp())
        return cuda().gpus;
    std::vector<GpuInfo> all;
    for (const GpuState& gpu : madeUpMachine().gpus)
        all.push_back(
            {.device =
                 {.id = gpu.id, .name = gpu.name, .cores = 1, .totalBytes = gpu.totalBytes, .freeBytes = gpu.freeBytes},
             .pciAddress = gpu.address});
    return all;
}

} // namespace engine
