#include "engine/train/environment.h"

#include "engine/base/atomicfile.h"
#include "engine/base/torchheader.h"
#include "engine/models/ownmodel.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <torch/version.h>

namespace engine {

std::string environmentJson(const DeviceInfo& device, int threads, const std::string& precision,
                            const ImageFolder& folder, const ModelDescription& model) {
    std::string command = readFile("/proc/self/cmdline");
    std::replace(command.begin(), command.end(), '\0', ' ');
    utsname system{};
    uname(&system);
    nlohmann::json record = {
        {"thaw", THAW_VERSION},
        {"torch", TORCH_VERSION},
        {"compiler", __VERSION__},
        {"system", fmt::format("{} {} {}", system.sysname, system.release, system.machine)},
        {"host", system.nodename},
        {"command", command},
        {"device", {{"id", device.id}, {"name", device.name}, {"cores", device.cores}, {"bytes", device.totalBytes}}},
        {"threads", threads},
        {"precision", precision},
        {"data",
         {{"root", folder.root.string()},
          {"fingerprint", fmt::format("{:016x}", folder.fingerprint)},
          {"train", folder.train.size()},
          {"validation", folder.validation.size()}}}};
    if (!model.program.empty())
        record["program"] = {{"file", parseOwnModel(model.backbone).file.string()}, {"sha256", model.program}};
    return record.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace engine
