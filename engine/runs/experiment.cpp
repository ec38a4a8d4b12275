#include "engine/api/experiment.h"

#include "engine/api/error.h"
#include "engine/api/hub.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/base/ownmodelname.h"
#include "engine/base/url.h"
#include "engine/runs/parameterrow.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

fs::path against(const fs::path& directory, const fs::path& written) {
    if (isUrl(written))
        return written;
    const fs::path path = expandHome(written);
    if (path.empty() || path.is_absolute() || directory.empty())
        return path;
    return (directory / path).lexically_normal();
}

std::string phaseWords(const FreezeSettings& freeze) {
    std::vector<std::string> phases;
    for (const FreezePhase& phase : freeze.phases) {
        std::string words = fmt::format("from epoch {}: {} (× {:g})", phase.fromEpoch, fmt::join(phase.train, ", "),
                                        phase.learningRateFactor);
        for (const BlockFactor& factor : phase.factors)
            words += fmt::format(", {} × {:g}", factor.pattern, factor.factor);
        if (!phase.schedule.empty())
            words += ", " + phase.schedule;
        phases.push_back(std::move(words));
    }
    return fmt::format("{}", fmt::join(phases, "; "));
}

std::string partWords(const TrainSettings& train) {
    std::vector<std::string> parts;
    for (const SchedulePart& part : train.parts)
        parts.push_back(
            fmt::format("steps {} to {}: {} from {:g}", part.fromStep, part.toStep, part.schedule, part.learningRate));
    return fmt::format("{}", fmt::join(parts, "; "));
}

template <typename Value>
void addIfDifferent(std::vector<SettingDifference>& result, const std::vector<Experiment>& experiments, std::string key,
                    std::string label, const Value& value) {
    SettingDifference row{.key = std::move(key), .label = std::move(label), .values = {}};
    for (const Experiment& experiment : experiments)
        row.values.push_back(value(experiment));
    for (const std::string& other : row.values) {
        if (other != row.values.front()) {
            result.push_back(std::move(row));
            return;
        }
    }
}

// Where the cache has it; else the name itself, which is no file: it is fetched when training begins.
fs::path hubPath(const std::string& name) {
    try {
        const fs::path cached = cachedHubFile(name);
        return cached.empty() ? fs::path(name) : cached;
    } catch (const Error&) {
        return name; // validate() says what is wrong with it
    }
}

} // namespace

fs::path Experiment::dataPath() const { return against(directory, data.path); }

fs::path Experiment::weightsPath() const {
    if (model.weights == "none" || model.weights.empty())
        return {};
    if (model.weights == "bundled" && isOwnModel(model.backbone)) // a program comes with its own
        return against(directory, parseOwnModel(model.backbone).file);
    if (model.weights == "bundled") {
        const fs::path here = localWeights(model.backbone);
        return here.empty() ? bundledWeights(model.backbone) : here;
    }
    if (isHubName(model.weights))
        return hubPath(model.weights);
    return against(directory, model.weights);
}

std::vector<SettingDifference> differences(const std::vector<Experiment>& experiments) {
    std::vector<SettingDifference> result;
    for (const ParameterRow& row : parameterRows()) {
        if (row.parameter.key == "experiment.name")
            continue;
        addIfDifferent(result, experiments, row.parameter.key, row.parameter.label, row.get);
        if (row.parameter.key == "train.schedule")
            addIfDifferent(result, experiments, "train.part", "Schedule as resumed",
                           [](const Experiment& e) { return partWords(e.train); });
        if (row.parameter.key == "freeze.preset")
            addIfDifferent(result, experiments, "freeze.phase", "Phases", [](const Experiment& e) {
                return e.freeze.preset == "by-hand" ? phaseWords(e.freeze) : "";
            });
    }
    return result;
}

} // namespace engine
