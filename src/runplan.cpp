#include "src/runplan.h"

#include <algorithm>

namespace app {
namespace {

std::vector<engine::FreezePhase> phasesOf(const engine::Experiment& experiment) {
    return engine::freezePhases(experiment.freeze, experiment.train.epochs, experiment.model.backbone);
}

Plan resolved(const engine::FreezeSettings& freeze, const engine::Experiment& experiment, int classes) {
    return engine::resolveFreeze(freeze, experiment.train.epochs, experiment.model.backbone, classes);
}

} // namespace

RunPlan readRunPlan(const std::filesystem::path& runFolder, int classes) {
    RunPlan plan;
    plan.experiment = engine::readExperiment(runFolder / "experiment.toml");
    plan.classes = std::max(1, classes);
    plan.tree = engine::blockTree(plan.experiment.model.backbone, plan.classes);
    plan.outcomes = resolved(plan.experiment.freeze, plan.experiment, plan.classes);
    plan.hand = handPlan(plan.tree, plan.outcomes, phasesOf(plan.experiment));
    return plan;
}

engine::FreezeChange changeTo(const RunPlan& held, const HandPlan& wanted, int fromEpoch) {
    engine::FreezeChange change{
        .settings = byHand(held.experiment.freeze, held.tree, wanted), .fromEpoch = fromEpoch, .words = {}};
    // A phase that stays as it is keeps its words too: by them the training knows that it just goes on.
    const auto written = phasesOf(held.experiment);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto same = std::find(held.hand.begin(), held.hand.end(), wanted[i]);
        const auto phase = std::find_if(written.begin(), written.end(), [&](const engine::FreezePhase& one) {
            return one.fromEpoch == wanted[i].fromEpoch;
        });
        if (same != held.hand.end() && phase != written.end())
            change.settings.phases[i] = *phase;
    }
    (void)resolved(change.settings, held.experiment, held.classes);
    return change;
}

} // namespace app
