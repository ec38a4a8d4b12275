#include "engine/freeze/presets.h"

#include "engine/api/catalog.h"
#include "engine/api/error.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

using Stages = std::vector<BackboneLayout::StageNames>;

[[noreturn]] void refusePreset(const std::string& preset, const std::string& remedy) {
    throw Error(ErrorKind::BadInput, fmt::format("“{}” is not a freeze preset.", preset), remedy);
}

std::size_t stageCount(const std::string& preset) {
    std::size_t count = 0;
    const char* begin = preset.data() + std::string_view("last-stages:").size();
    const auto [end, code] = std::from_chars(begin, preset.data() + preset.size(), count);
    if (code != std::errc{} || end != preset.data() + preset.size() || count == 0)
        refusePreset(preset, "Give the number of stages, for instance last-stages:2.");
    return count;
}

std::vector<std::string> lastStages(const Stages& stages, std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = stages.size() - std::min(count, stages.size()); i < stages.size(); ++i)
        names.push_back(stages[i].name);
    return names;
}

// The head; two more stages after a sixth of the epochs, at half the rate; the two before them after half of the
// epochs, slower still.
std::vector<FreezePhase> gradual(const Stages& stages, int epochs) {
    constexpr double kFactors[] = {0.5, 0.5, 0.25, 0.1}; // from the head down
    const int second = 1 + std::max(1, static_cast<int>(std::lround(epochs / 6.0)));
    const int third = std::max(second + 1, 1 + (epochs + 1) / 2);
    std::vector<FreezePhase> phases;
    for (const auto& [fromEpoch, more] : {std::pair(1, std::size_t{0}), {second, 2}, {third, 4}}) {
        const std::vector<std::string> names = lastStages(stages, 1 + more);
        if (fromEpoch > epochs || (!phases.empty() && phases.back().train.size() == names.size()))
            continue;
        FreezePhase phase{.fromEpoch = fromEpoch, .train = names};
        for (std::size_t i = 0; i + 1 < names.size(); ++i)
            phase.factors.push_back({names[i], kFactors[names.size() - 2 - i]});
        phases.push_back(std::move(phase));
    }
    return phases;
}

// fastai's Learner.fine_tune(epochs - 1) with its defaults: freeze_epochs 1, lr_mult 100, pct_start 0.3, div 5. Its
// parameter groups are the stages here; momentum stays as it is.
std::vector<FreezePhase> fineTune(const Stages& stages, int epochs) {
    constexpr double kSpan = 100; // the head's rate over the first stage's
    std::vector<FreezePhase> phases = {
        {.fromEpoch = 1, .train = lastStages(stages, 1), .schedule = "one-cycle:0.99,25,100000"}};
    if (epochs < 2)
        return phases;
    FreezePhase all{.fromEpoch = 2,
                    .train = lastStages(stages, stages.size()),
                    .learningRateFactor = 0.5,
                    .schedule = "one-cycle:0.3,5,100000"};
    const auto last = static_cast<double>(stages.size() - 1);
    for (std::size_t i = 0; i + 1 < stages.size(); ++i)
        all.factors.push_back({stages[i].name, std::pow(kSpan, static_cast<double>(i) / last - 1)});
    phases.push_back(std::move(all));
    return phases;
}

} // namespace

std::vector<FreezePhase> phasesOf(const FreezeSettings& settings, int epochs, const BackboneLayout& layout) {
    const Stages& stages = layout.stages;
    const std::string& preset = settings.preset;
    if (preset == "none")
        return {{.train = lastStages(stages, stages.size())}};
    if (preset == "head-only")
        return {{.train = lastStages(stages, 1)}};
    if (preset.starts_with("last-stages:"))
        return {{.train = lastStages(stages, std::min(stageCount(preset), stages.size()) + 1)}};
    if (preset == "gradual")
        return gradual(stages, epochs);
    if (preset == "fine-tune")
        return fineTune(stages, epochs);
    if (preset == "by-hand")
        return settings.phases;
    refusePreset(preset, "Choose none, head-only, last-stages:N, gradual, fine-tune or by-hand.");
}

std::vector<FreezePhase> joinedPlan(const std::vector<FreezePhase>& past, const std::vector<FreezePhase>& future,
                                    int fromEpoch) {
    std::vector<FreezePhase> joined;
    for (const FreezePhase& phase : past)
        if (phase.fromEpoch < fromEpoch)
            joined.push_back(phase);
    bool first = true;
    for (std::size_t i = 0; i < future.size(); ++i) {
        const bool over = i + 1 < future.size() && future[i + 1].fromEpoch <= fromEpoch;
        if (over)
            continue;
        FreezePhase phase = future[i];
        phase.fromEpoch = std::max(phase.fromEpoch, fromEpoch);
        // A phase that just goes on keeps its beginning, and with it its schedule.
        FreezePhase goesOn = phase;
        goesOn.fromEpoch = joined.empty() ? 0 : joined.back().fromEpoch;
        if (!first || joined.empty() || goesOn != joined.back())
            joined.push_back(std::move(phase));
        first = false;
    }
    return joined;
}

std::vector<FreezePhase> freezePhases(const FreezeSettings& settings, int epochs, std::string_view backbone) {
    return phasesOf(settings, epochs, layoutOf(backbone, 1));
}

} // namespace engine
