#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/experiment.h"
#include "engine/api/hub.h"
#include "engine/runs/parameterrow.h"

#include <algorithm>
#include <fmt/format.h>

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

void checkFiles(const Experiment& experiment, std::vector<Finding>& findings) {
    std::error_code code;
    if (experiment.data.path.empty())
        findings.push_back({.key = "data.path",
                            .message = "No data folder is chosen.",
                            .detail = "Choose a folder with one folder of pictures for each class."});
    else if (!std::filesystem::is_directory(experiment.dataPath(), code))
        findings.push_back(
            {.key = "data.path", .message = "This folder does not exist.", .detail = experiment.dataPath().string()});
    if (experiment.model.weights == "none")
        return;
    const auto weights = experiment.weightsPath();
    if (isHubName(experiment.model.weights)) {
        checkHubName(experiment.model.weights, findings);
        return;
    }
    if (experiment.model.weights == "bundled" && weights.empty())
        findings.push_back({.key = "model.weights",
                            .message = fmt::format("No weights for {} come with Thaw.", experiment.model.backbone),
                            .detail = "Choose a file of weights, or none for a random start."});
    else if (!std::filesystem::exists(weights, code))
        findings.push_back({.key = "model.weights",
                            .message = "This file does not exist.",
                            .detail = experiment.model.weights == "bundled"
                                          ? "Run packaging/bootstrap once; it fetches the bundled weights."
                                          : weights.string()});
}

void checkPlan(const Experiment& experiment, std::vector<Finding>& findings) {
    const FreezeSettings& freeze = experiment.freeze;
    if (freeze.preset == "by-hand") {
        const bool trains = std::ranges::any_of(freeze.phases, [](const FreezePhase& p) { return !p.train.empty(); });
        if (!trains)
            findings.push_back({.key = "freeze.preset",
                                .message = "The plan trains nothing.",
                                .detail = "Thaw at least one block; the head is the usual first.",
                                .fixLabel = "Train the head",
                                .fixKey = "freeze.preset",
                                .fixValue = "head-only"});
        int last = 0;
        for (const FreezePhase& phase : freeze.phases) {
            if (phase.fromEpoch <= last)
                findings.push_back({.key = "freeze.preset", .message = "Phases must begin at later and later epochs."});
            last = phase.fromEpoch;
        }
    }
    if (experiment.model.weights == "none" && freeze.preset != "none")
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
    const double high = (train.optimizer == "sgd" ? 10.0 : 1.0) * (wholeNetwork ? 5e-3 : 5e-2);
    if (train.learningRate > high) {
        const std::string value =
            train.optimizer == "sgd" ? (wholeNetwork ? "0.01" : "0.05") : (wholeNetwork ? "0.0001" : "0.001");
        findings.push_back({.key = "train.learning_rate",
                            .severity = Severity::Warning,
                            .message = "The learning rate is high.",
                            .detail = wholeNetwork ? "Pretrained blocks usually train at 1e-4 or less with AdamW."
                                                   : "A new head usually trains at 1e-3 with AdamW.",
                            .fixLabel = fmt::format("Use {}", value),
                            .fixKey = "train.learning_rate",
                            .fixValue = value});
    }
    for (const std::string& device : experiment.devices.use)
        if (device != "auto" && device != "cpu" && device != "all" && !device.starts_with("cuda"))
            findings.push_back({.key = "devices.use",
                                .message = fmt::format("There is no device called “{}”.", device),
                                .detail = "Devices are auto, cpu, cuda:0 and so on.",
                                .fixLabel = "Use auto",
                                .fixKey = "devices.use",
                                .fixValue = "auto"});
}

} // namespace

std::vector<Finding> validate(const Experiment& experiment) {
    std::vector<Finding> findings;
    checkRanges(experiment, findings);
    checkFiles(experiment, findings);
    checkPlan(experiment, findings);
    checkRecipe(experiment, findings);
    return findings;
}

} // namespace engine
