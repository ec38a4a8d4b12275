#include "engine/train/bestkeeper.h"

#include <cmath>
#include <utility>

namespace engine {

bool BestKeeper::judge(const Judgement& judgement, Model model, TrainerState& state) const {
    if (model == Model::NotFinite || !improves(judgement, state))
        return false;
    const double value = judgement.values.at(m_monitor.name);
    if (isBetter(m_monitor, value, state.bestValue))
        state.improvedAt = state.epoch;
    state.bestValue = value;
    state.bestLoss = judgement.values.at("loss");
    state.bestEpoch = state.epoch;
    return true;
}

bool BestKeeper::improves(const Judgement& judgement, const TrainerState& state) const {
    const double loss = judgement.values.at("loss");
    if (!std::isfinite(loss))
        return false;
    // A best without a finite loss is of a run that an older program began.
    if (state.bestEpoch == 0 || !std::isfinite(state.bestLoss))
        return true;
    const double value = judgement.values.at(m_monitor.name);
    return isBetter(m_monitor, value, state.bestValue) || (value == state.bestValue && loss < state.bestLoss);
}

bool BestKeeper::isOutOfPatience(const TrainerState& state) const {
    return m_patience > 0 && state.epoch - state.improvedAt >= m_patience;
}

void BestKeeper::keep(Backbone& backbone, const OptimizerStates& optimizer, const TrainerState& state,
                      const std::set<std::string>& unchanged, std::vector<double> thresholds) {
    m_best = Best{keepState(backbone, optimizer, state, unchanged, m_unchanged), std::move(thresholds)};
}

std::optional<std::int64_t> BestKeeper::keptStep() const {
    return m_best ? std::optional(m_best->kept.state.step) : std::nullopt;
}

std::optional<BestKeeper::Best> BestKeeper::take() { return std::exchange(m_best, std::nullopt); }

} // namespace engine
