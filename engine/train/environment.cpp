#include "engine/train/environment.h"

#include "engine/base/atomicfile.h"
#include "engine/base/torchheader.h"
#include "engine/base/utf8.h"
#include "engine/data/dataset.h"
#include "engine/models/ownmodel.h"
#include "engine/train/resume.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <torch/version.h>

namespace engine {
namespace {

// What was found in the data folder and what of it is not used.
nlohmann::json dataJson(const ImageFolder& folder) {
    std::vector<std::pair<std::int64_t, std::int64_t>> counts(folder.classes.size());
    for (const ImageSample& sample : folder.train)
        forEachClass(sample, [&](std::size_t label) { ++counts[label].first; });
    for (const ImageSample& sample : folder.validation)
        forEachClass(sample, [&](std::size_t label) { ++counts[label].second; });
    std::map<std::string, std::string> fingerprints;
    for (auto& [name, pictures] : classFingerprints(folder))
        fingerprints.emplace(name, pictures);
    nlohmann::json classes = nlohmann::json::array();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        nlohmann::json row = {{"name", utf8FromBytes(folder.classes[i])},
                              {"train", counts[i].first},
                              {"validation", counts[i].second},
                              {"passed_over", passedOverWords(folder.passedOver[i])}};
        if (const auto found = fingerprints.find(folder.classes[i]); found != fingerprints.end())
            row["pictures"] = found->second;
        classes.push_back(std::move(row));
    }
    nlohmann::json noClasses = nlohmann::json::object();
    for (const ClassCount& row : folder.notes.noClasses)
        noClasses[row.name] = passedOverWords(row.passedOver);
    nlohmann::json unused = nlohmann::json::object();
    for (const UnusedFolder& one : folder.notes.unused)
        unused[one.folder] = fmt::format("{} pictures: {}", one.pictures, one.reason);
    std::vector<std::string> notes = folder.notes.facts;
    for (const Finding& finding : folder.notes.findings)
        notes.push_back(finding.message);
    return {{"root", folder.root.string()},
            {"fingerprint", fmt::format("{:016x}", folder.fingerprint)},
            {"train", folder.train.size()},
            {"validation", folder.validation.size()},
            {"train_folder", folder.trainFolder},
            {"validation_folder", folder.validationFolder},
            {"classes", classes},
            {"no_classes", noClasses},
            {"unused", unused},
            {"notes", notes}};
}

} // namespace

std::string environmentJson(const ResolvedExperiment& resolved, const ImageFolder& folder,
                            const ModelDescription& model) {
    const DeviceInfo& device = resolved.device;
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
        {"threads", resolved.threads},
        {"precision", nameOf(resolved.precision)},
        {"data", dataJson(folder)}};
    if (!model.program.empty())
        record["program"] = {{"file", parseOwnModel(model.backbone).file.string()}, {"sha256", model.program}};
    return record.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace engine
