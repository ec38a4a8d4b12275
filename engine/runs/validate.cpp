#include "engine/api/catalog.h"
#include "engine/api/datakinds.h"
#include "engine/api/error.h"
#include "engine/api/experiment.h"
#include "engine/api/hub.h"
#include "engine/api/metrics.h"
#include "engine/api/optimizers.h"
#include "engine/api/tasks.h"
#include "engine/base/ownmodelname.h"
#include "engine/runs/devicechoice.h"
#include "engine/runs/parameterrow.h"
#include "engine/runs/scheduletext.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <optional>

namespace engine {
namespace {

void checkRanges(const Experiment& experiment, std::vector<Finding>& findings) {
    Experiment copy = experiment;
    for (const ParameterRow& row : parameterRows()) {
        try {
            row.set(copy, row.parameter, row.get(experiment));
        } catch (const Error& error) {
            findings.push_back({.key = row.parameter.key,
                                .message = error.what(),
                                .detail = error.remedy(),
                                .fixLabel = fmt::format("Use {}", row.parameter.defaultValue),
                                .fixKey = row.parameter.key,
                                .fixValue = row.parameter.defaultValue});
        }
    }
}

void checkHubName(const std::string& name, std::vector<Finding>& findings) {
    try {
        if (cachedHubFile(name).empty())
            findings.push_back({.key = "model.weights",
                                .severity = Severity::Warning,
                                .message = "These weights are not on this machine yet.",
                                .detail = "They are downloaded when training begins."});
    } catch (const Error& error) {
        findings.push_back({.key = "model.weights", .message = error.what(), .detail = error.remedy()});
    }
}

// Of the usual weights: where they can be had.
Finding notHere(const std::string& backbone) {
    Finding finding{.key = "model.weights",
                    .message = fmt::format("The weights of {} are not on this machine.", backbone),
                    .detail = "Choose a file of weights, or none for a random start.",
                    .fixLabel = "Start from random",
                    .fixKey = "model.weights",
                    .fixValue = "none"};
    const auto all = backbones();
    const auto found = std::ranges::find(all, backbone, &BackboneInfo::name);
    if (found == all.end())
        return finding;
    const std::string where = whereWeightsAre(*found);
    if (found->bundled)
        finding.detail = fmt::format(
            "{}: press Download in Setup, or run packaging/bootstrap or thaw weights fetch {}.", where, backbone);
    else if (!found->hub.empty())
        finding.detail = fmt::format("{}: press Download in Setup, or run thaw weights fetch {}.", where, backbone);
    else if (!where.empty())
        finding.detail = fmt::format("{}; then choose the file.", where);
    return finding;
}

// A program of one's own. False: the weights need no look.
bool checkProgram(const Experiment& experiment, std::vector<Finding>& findings) {
    if (!isOwnModel(experiment.model.backbone))
        return true;
    const auto file = parseOwnModel(experiment.model.backbone).file;
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code)) {
        findings.push_back({.key = "model.backbone",
                            .message = "The program of the backbone does not exist.",
                            .detail = file.string()});
        return false;
    }
    if (experiment.model.weights == "none")
        findings.push_back({.key = "model.weights",
                            .message = "A program of your own begins with the parameters it was saved with.",
                            .detail = "It says nothing about how to draw others.",
                            .fixLabel = "Use its own",
                            .fixKey = "model.weights",
                            .fixValue = "bundled"});
    return experiment.model.weights != "bundled";
}

std::optional<TaskInfo> known(const std::string& name) {
    const std::vector<TaskInfo> all = tasks();
    const auto found = std::ranges::find(all, name, &TaskInfo::name);
    return found == all.end() ? std::nullopt : std::optional(*found);
}

bool exclusive(const std::string& task) { return !known(task) || known(task)->exclusive; }

// Where `path` is no place for data of this kind.
std::optional<DataKind> misplacedKind(const std::string& name, const std::filesystem::path& path) {
    const std::vector<DataKind> all = dataKinds();
    const auto kind = std::ranges::find(all, name, &DataKind::name);
    std::error_code code;
    const auto fits = [&](DataKind::Place place) {
        return place == DataKind::Place::Anywhere ||
               (place == DataKind::Place::Folder ? std::filesystem::is_directory(path, code)
                                                 : std::filesystem::is_regular_file(path, code));
    };
    return kind == all.end() || fits(kind->place) ? std::nullopt : std::optional(*kind);
}

void checkFiles(const Experiment& experiment, std::vector<Finding>& findings) {
    std::error_code code;
    if (experiment.data.path.empty())
        findings.push_back({.key = "data.path",
                            .message = "No data folder is chosen.",
                            .detail = "Choose a folder with one folder of pictures for each class, or a table."});
    else if (const auto path = experiment.dataPath(); !isDataThere(path))
        findings.push_back({.key = "data.path",
                            .message = path.has_extension() ? "This does not exist." : "This folder does not exist.",
                            .detail = path.string()});
    else if (const auto kind = misplacedKind(experiment.data.kind, path))
        findings.push_back(
            {.key = "data.path",
             .message = kind->misplaced,
             .detail = path.string(),
             .fixLabel = std::filesystem::is_directory(path, code) ? "Take the folder" : "Take it as a table",
             .fixKey = "data.kind",
             .fixValue = "auto"});
    else if (!exclusive(experiment.data.task) && std::filesystem::is_directory(path, code) && !areShards(path))
        findings.push_back({.key = "data.path",
                            .message = "A folder gives each picture one class; several labels stand in a table.",
                            .detail = "Choose a file (CSV, TSV or JSONL) with a row for each picture, or shards.",
                            .fixLabel = "One class a picture",
                            .fixKey = "data.task",
                            .fixValue = "image-classification"});
    if (!checkProgram(experiment, findings) || experiment.model.weights == "none")
        return;
    const auto weights = experiment.weightsPath();
    if (isHubName(experiment.model.weights)) {
        checkHubName(experiment.model.weights, findings);
        return;
    }
    if (std::filesystem::exists(weights, code))
        return;
    if (experiment.model.weights == "bundled")
        findings.push_back(notHere(experiment.model.backbone));
    else
        findings.push_back(
            {.key = "model.weights", .message = "This file does not exist.", .detail = weights.string()});
}

// Every phase of a plan by hand; whether its patterns name anything only the backbone knows (resolveFreeze).
void checkPhases(const std::vector<FreezePhase>& phases, int epochs, std::vector<Finding>& findings) {
    const auto add = [&findings](Severity severity, std::string message, std::string detail) {
        findings.push_back(
            {.key = "freeze.phase", .severity = severity, .message = std::move(message), .detail = std::move(detail)});
    };
    int last = 0;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        const FreezePhase& phase = phases[i];
        if (phase.fromEpoch <= last)
            add(Severity::Problem, "Phases must begin at later and later epochs.",
                fmt::format("Phase {} begins at epoch {}.", i + 1, phase.fromEpoch));
        else if (i == 0 && phase.fromEpoch != 1)
            add(Severity::Problem, "The first phase must begin at epoch 1.",
                fmt::format("It begins at epoch {}.", phase.fromEpoch));
        else if (phase.fromEpoch > epochs)
            add(Severity::Warning, fmt::format("Phase {} never comes.", i + 1),
                fmt::format("It begins at epoch {}, but training ends after {}.", phase.fromEpoch, epochs));
        last = phase.fromEpoch;
        if (phase.train.empty())
            add(Severity::Problem, fmt::format("Phase {} trains nothing.", i + 1),
                "Thaw at least one block in it; the head is the usual first.");
        for (const BlockFactor& factor : phase.factors)
            if (!std::isfinite(factor.factor) || factor.factor <= 0)
                add(Severity::Problem,
                    fmt::format("{} cannot train with the factor {:g}.", factor.pattern, factor.factor),
                    "Give a number above 0, or freeze it.");
        if (!std::isfinite(phase.learningRateFactor) || phase.learningRateFactor <= 0)
            add(Severity::Problem,
                fmt::format("Phase {} cannot train with the factor {:g}.", i + 1, phase.learningRateFactor),
                "Give a number above 0; 1 leaves the learning rate as it is.");
        if (phase.schedule.empty())
            continue;
        try {
            requireSchedule(phase.schedule);
        } catch (const Error& error) {
            add(Severity::Problem, error.what(), error.remedy());
        }
    }
}

void checkPlan(const Experiment& experiment, std::vector<Finding>& findings) {
    const FreezeSettings& freeze = experiment.freeze;
    if (freeze.preset == "by-hand") {
        if (std::ranges::all_of(freeze.phases, [](const FreezePhase& p) { return p.train.empty(); }))
            findings.push_back({.key = "freeze.preset",
                                .message = "The plan trains nothing.",
                                .detail = "Thaw at least one block; the head is the usual first.",
                                .fixLabel = "Train the head",
                                .fixKey = "freeze.preset",
                                .fixValue = "head-only"});
        else
            checkPhases(freeze.phases, experiment.train.epochs, findings);
    }
    if ((freeze.preset == "gradual" || freeze.preset == "fine-tune") && experiment.train.epochs == 1)
        findings.push_back({.key = "freeze.preset",
                            .severity = Severity::Warning,
                            .message = "With one epoch only the head trains.",
                            .detail = "The other blocks thaw from the second epoch on.",
                            .fixLabel = "Use 5 epochs",
                            .fixKey = "train.epochs",
                            .fixValue = "5"});
    if (freeze.loraRank == 0 && !freeze.loraTargets.empty())
        findings.push_back({.key = "freeze.lora_targets",
                            .severity = Severity::Warning,
                            .message = "These layers get no adapters.",
                            .detail = "The adapters' rank is 0.",
                            .fixLabel = "Use rank 8",
                            .fixKey = "freeze.lora_rank",
                            .fixValue = "8"});
    if (experiment.model.weights == "none" && freeze.preset != "none" && !isOwnModel(experiment.model.backbone))
        findings.push_back({.key = "freeze.preset",
                            .severity = Severity::Warning,
                            .message = "Random blocks are frozen.",
                            .detail = "Without pretrained weights the frozen blocks never learn anything.",
                            .fixLabel = "Train everything",
                            .fixKey = "freeze.preset",
                            .fixValue = "none"});
}

void checkRecipe(const Experiment& experiment, std::vector<Finding>& findings) {
    const TrainSettings& train = experiment.train;
    const bool wholeNetwork = experiment.freeze.preset != "head-only" && experiment.model.weights != "none";
    const OptimizerInfo& optimizer = findOptimizer(train.optimizer);
    if (train.learningRate > optimizer.usualRates * (wholeNetwork ? 5e-3 : 5e-2)) {
        const std::string value = fmt::format("{:g}", optimizer.usualRates * (wholeNetwork ? 1e-4 : 1e-3));
        findings.push_back({.key = "train.learning_rate",
                            .severity = Severity::Warning,
                            .message = "The learning rate is high.",
                            .detail = wholeNetwork ? "Pretrained blocks usually train at 1e-4 or less with AdamW."
                                                   : "A new head usually trains at 1e-3 with AdamW.",
                            .fixLabel = fmt::format("Use {}", value),
                            .fixKey = "train.learning_rate",
                            .fixValue = value});
    }
    for (const auto& [key, value] : train.options)
        if (std::ranges::find(optimizer.settings, key, &Parameter::key) == optimizer.settings.end())
            findings.push_back({.key = key,
                                .severity = Severity::Warning,
                                .message = fmt::format("{} has no such setting.", optimizer.choice.label),
                                .detail = "It changes nothing in this training.",
                                .fixLabel = "Use the default",
                                .fixKey = key,
                                .fixValue = findParameter(key)->defaultValue});
    std::ranges::move(deviceFindings(experiment.devices.use), std::back_inserter(findings));
}

// The metric that decides must be one that the task measures.
void checkMonitor(const Experiment& experiment, std::vector<Finding>& findings) {
    const auto task = known(experiment.data.task);
    const std::string& monitor = experiment.train.monitor;
    if (!task || monitor == "auto" || std::ranges::find(task->metrics, monitor) != task->metrics.end())
        return;
    findings.push_back(
        {.key = "train.monitor",
         .message = fmt::format("“{}” does not measure {}.", task->label, loweredLabel(findMetric(monitor))),
         .detail = fmt::format("It measures {}.", fmt::join(task->metrics, ", ")),
         .fixLabel = fmt::format("Use {}", loweredLabel(findMetric(task->monitor))),
         .fixKey = "train.monitor",
         .fixValue = "auto"});
}

} // namespace

std::string words(const Finding& finding) {
    return finding.detail.empty() ? finding.message : fmt::format("{} {}", finding.message, finding.detail);
}

std::vector<Finding> validate(const Experiment& experiment) {
    std::vector<Finding> findings;
    checkRanges(experiment, findings);
    checkFiles(experiment, findings);
    checkPlan(experiment, findings);
    checkRecipe(experiment, findings);
    checkMonitor(experiment, findings);
    return findings;
}

} // namespace engine
