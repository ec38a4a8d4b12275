#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/api/weights.h"
#include "engine/data/preprocess.h"
#include "engine/train/cacheplan.h"
#include "engine/train/epochplan.h"
#include "engine/train/speedbook.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <optional>

namespace engine {
namespace {

constexpr double kLowPretrainedShare = 0.9;
constexpr double kGigabyte = 1e9;

void lookAtPictures(const Experiment& experiment, const DataReport& data, std::vector<Finding>& findings) {
    std::ranges::copy_if(data.notes.findings, std::back_inserter(findings), [&](const Finding& finding) {
        return finding.fixKey != "train.class_weights" || experiment.train.classWeights == "none";
    });
    if (!data.unreadable.empty()) {
        std::vector<std::string> left = experiment.data.leaveOut;
        for (const BadFile& file : data.unreadable)
            left.push_back(file.file);
        const std::size_t count = data.unreadable.size();
        findings.push_back(
            {.key = "data.path",
             .severity = Severity::Warning,
             .message = count == 1 ? "1 file is not a readable picture; it is skipped."
                                   : fmt::format("{} files are not readable pictures; they are skipped.", count),
             .detail = fmt::format("{}: {}", data.unreadable.front().file, data.unreadable.front().reason),
             .fixLabel = count == 1 ? "Leave it out" : "Leave them out",
             .fixKey = "data.leave_out",
             .fixValue = fmt::format("{}", fmt::join(left, "\n"))});
    }
    if (data.validationSamples == 0)
        findings.push_back({.key = "data.validation",
                            .message = "There is no picture to validate with.",
                            .detail = "Give each class at least two pictures, or choose a validation folder."});
    const auto least = std::ranges::min_element(data.classes, {}, &ClassCount::train);
    if (least != data.classes.end() && least->train == 0)
        findings.push_back({.key = "data.path",
                            .severity = Severity::Warning,
                            .message = fmt::format("The class {} has no training picture.", least->name),
                            .detail = "The model cannot learn it."});
}

// "conv1.weight, bn1.weight, bn1.bias and 4 more"
std::string someOf(const std::vector<std::string>& names) {
    constexpr std::size_t kNamed = 3;
    const std::size_t named = std::min(kNamed, names.size());
    std::string words =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(named), ", "));
    if (names.size() > named)
        words += fmt::format(" and {} more", names.size() - named);
    return words;
}

void lookAtMissing(const WeightsReport& report, std::vector<Finding>& findings) {
    std::vector<std::string> missing;
    for (const TensorReport& tensor : report.tensors)
        if (tensor.match == TensorMatch::Missing && !tensor.name.ends_with("num_batches_tracked"))
            missing.push_back(tensor.name);
    if (report.pretrainedShare < kLowPretrainedShare)
        findings.push_back({.key = "model.weights",
                            .severity = Severity::Warning,
                            .message = fmt::format("Only {:.0f} % of the backbone comes from these weights.",
                                                   std::floor(100 * report.pretrainedShare)),
                            .detail = fmt::format("{} tensors are missing in the file, {} others are not used.",
                                                  report.missing, report.unexpected)});
    else if (!missing.empty())
        findings.push_back({.key = "model.weights",
                            .severity = Severity::Warning,
                            .message = "A part of the backbone starts at random.",
                            .detail = fmt::format("The file has no {} that fits.", someOf(missing))});
}

void lookAtWeights(const Experiment& experiment, const DataReport& data, std::vector<Finding>& findings) {
    const auto file = experiment.weightsPath();
    std::error_code code;
    if (file.empty() || !std::filesystem::exists(file, code))
        return; // validate() speaks of it
    try {
        const WeightsReport report =
            inspectWeights(file, experiment.model.backbone, std::max(1, static_cast<int>(data.classes.size())));
        if (report.pretrainedShare == 0)
            findings.push_back({.key = "model.weights",
                                .message = fmt::format("No tensor of this file fits {}.", experiment.model.backbone),
                                .detail = "Choose the backbone these weights were made for, or other weights."});
        else
            lookAtMissing(report, findings);
        const std::vector<std::string> spoilt = notFiniteTensors(file, experiment.model.backbone);
        if (!spoilt.empty())
            findings.push_back({.key = "model.weights",
                                .message = "These weights have numbers that are NaN or infinite.",
                                .detail = fmt::format("They stand in {}. Choose weights from before the training that "
                                                      "spoilt them.",
                                                      someOf(spoilt))});
        std::vector<std::string> classes;
        for (const ClassCount& one : data.classes)
            classes.push_back(one.name);
        const HeadChoice head = chooseHead(experiment.model.head, file, experiment.model.backbone, classes);
        findings.insert(findings.end(), head.findings.begin(), head.findings.end());
        for (const std::string& note : report.notes)
            findings.push_back({.key = "model.weights",
                                .severity = Severity::Warning,
                                .message = "These weights were made to be computed otherwise.",
                                .detail = note});
        const StatedPreprocess stated = statedPreprocess(file); // it is followed but for a size that is chosen
        if (stated.architecture != experiment.model.backbone &&
            std::ranges::find(backbones(), stated.architecture, &BackboneInfo::name) != backbones().end())
            findings.push_back({.key = "model.weights",
                                .severity = Severity::Warning,
                                .message = fmt::format("These weights are {}'s.", stated.architecture),
                                .detail = "The config.json beside them says so, and how its pictures are prepared.",
                                .fixLabel = fmt::format("Use {}", stated.architecture),
                                .fixKey = "model.backbone",
                                .fixValue = stated.architecture});
        const auto differing = preprocessFindings(
            stated, preparedAsStated(findBackbone(experiment.model.backbone), stated), experiment.data.imageSize);
        findings.insert(findings.end(), differing.begin(), differing.end());
    } catch (const Error& error) {
        findings.push_back({.key = "model.weights", .message = error.what(), .detail = error.remedy()});
    }
}

// Names that only the backbone knows. False where the plan cannot be followed.
bool lookAtPlan(const Experiment& experiment, std::vector<Finding>& findings) {
    const auto trouble = [&](const FreezeSettings& freeze) -> std::optional<Error> {
        try {
            (void)resolveFreeze(freeze, experiment.train.epochs, experiment.model.backbone, 1);
            return std::nullopt;
        } catch (const Error& error) {
            return error;
        }
    };
    const FreezeSettings& freeze = experiment.freeze;
    const auto found = trouble(freeze);
    if (!found)
        return true;
    FreezeSettings plain = freeze;
    plain.loraRank = 0;
    const bool adapters = freeze.loraRank > 0 && !trouble(plain);
    const char* key = adapters ? (freeze.loraTargets.empty() ? "freeze.lora_rank" : "freeze.lora_targets")
                      : freeze.preset == "by-hand" ? "freeze.phase"
                                                   : "freeze.preset";
    findings.push_back({.key = key, .message = found->what(), .detail = found->remedy()});
    return false;
}

// What does not hold one checkpoint cannot keep anything; what holds one, but not all that lie side by side while one
// is replaced, may do: short trainings write a single one.
void lookAtDisk(const Cost& cost, std::uint64_t available, const std::filesystem::path& place,
                std::vector<Finding>& findings) {
    if (available >= cost.diskBytes)
        return;
    const bool problem = available < cost.checkpointBytes + (cost.diskBytes - 3 * cost.checkpointBytes);
    findings.push_back(
        {.key = "experiment.name",
         .severity = problem ? Severity::Problem : Severity::Warning,
         .message = problem ? "The disk has no room for a checkpoint." : "The disk may become full while it trains.",
         .detail = fmt::format("A checkpoint has {}; up to {} are needed while one is replaced, {} are "
                               "free in {}. Free some space, or save the experiment on another disk.",
                               bytesInWords(cost.checkpointBytes), bytesInWords(cost.diskBytes),
                               bytesInWords(available), place.string())});
}

// False where no step could be made.
bool lookAtBatches(const Experiment& experiment, const DataReport& data, std::vector<Finding>& findings) {
    const int classes = std::max(1, static_cast<int>(data.classes.size()));
    const ResolvedExperiment here = resolved(experiment, classes, deviceOf(experiment));
    const std::vector<Finding> found = epochFindings(here, here.plan, data.trainSamples);
    findings.insert(findings.end(), found.begin(), found.end());
    return found.empty();
}

void lookAtCost(const Experiment& experiment, const DataReport& data, const Cost& cost,
                std::vector<Finding>& findings) {
    const int batch = experiment.train.batchSize;
    if (batch > data.trainSamples && data.trainSamples > 0)
        findings.push_back(
            {.key = "train.batch_size",
             .severity = Severity::Warning,
             .message = fmt::format("The batch is larger than the {} training pictures.", data.trainSamples),
             .detail = "Every epoch is then a single step.",
             .fixLabel = fmt::format("Use {}", std::max<std::int64_t>(1, data.trainSamples / 8)),
             .fixKey = "train.batch_size",
             .fixValue = std::to_string(std::max<std::int64_t>(1, data.trainSamples / 8))});
    if (cost.deviceFreeBytes > 0 && cost.peakBytes > cost.deviceFreeBytes) {
        const std::uint64_t fixedBytes = cost.peakBytes - cost.activationBytes;
        const double room = cost.deviceFreeBytes > fixedBytes ? double(cost.deviceFreeBytes - fixedBytes) : 0;
        const int fitting = static_cast<int>(0.8 * room / (double(cost.activationBytes) / batch));
        Finding finding{.key = "train.batch_size",
                        .severity = Severity::Warning,
                        .message = "This may not fit into memory.",
                        .detail =
                            fmt::format("About {:.1f} GB are needed, {:.1f} GB are free.",
                                        double(cost.peakBytes) / kGigabyte, double(cost.deviceFreeBytes) / kGigabyte)};
        if (fitting > 0) {
            finding.fixLabel = fmt::format("Use {}", fitting);
            finding.fixKey = "train.batch_size";
            finding.fixValue = std::to_string(fitting);
        }
        findings.push_back(std::move(finding));
    }
    std::error_code code;
    const auto place = experiment.directory.empty() ? std::filesystem::current_path(code) : experiment.directory;
    const auto space = std::filesystem::space(place, code);
    if (!code)
        lookAtDisk(cost, space.available, place, findings);
}

} // namespace

std::vector<Finding> examine(const Experiment& experiment, const DataReport& data) {
    std::vector<Finding> findings;
    lookAtPictures(experiment, data, findings);
    lookAtWeights(experiment, data, findings);
    std::ranges::move(precisionFindings(experiment.train, deviceOf(experiment)), std::back_inserter(findings));
    if (lookAtPlan(experiment, findings) && lookAtBatches(experiment, data, findings))
        lookAtCost(experiment, data, estimateCost(experiment, data), findings);
    return findings;
}

} // namespace engine
