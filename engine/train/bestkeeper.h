#pragma once

#include "engine/api/metrics.h"
#include "engine/task/task.h"
#include "engine/train/checkpoint.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace engine {

// Knows which epoch of a training is the best by what is monitored and when there has been none better for too long;
// keeps a best state in memory for as long as it is not written. The trainer's thread.
class BestKeeper final {
public:
    // `patience`: epochs without a better value before training ends early; 0: it never does.
    BestKeeper(MetricInfo monitor, int patience) : m_monitor(std::move(monitor)), m_patience(patience) {}

    [[nodiscard]] const MetricInfo& monitor() const { return m_monitor; }
    // Whether the validation that ended epoch `state.epoch` is the best so far; then `state` says so from now on.
    enum class Model { Finite, NotFinite };
    [[nodiscard]] bool judge(const Judgement& judgement, Model model, TrainerState& state) const;
    [[nodiscard]] bool isOutOfPatience(const TrainerState& state) const;

    struct Best {
        KeptState kept;
        std::vector<double> thresholds; // of its validation
    };
    // `unchanged`: the tensors that stay as they are until forgetUnchanged(); they are copied once.
    void keep(Backbone& backbone, const OptimizerStates& optimizer, const TrainerState& state,
              const std::set<std::string>& unchanged, std::vector<double> thresholds);
    void forgetUnchanged() { m_unchanged.clear(); }
    [[nodiscard]] std::optional<std::int64_t> keptStep() const; // none: nothing is kept
    [[nodiscard]] std::optional<Best> take();                   // it is kept no longer

private:
    [[nodiscard]] bool improves(const Judgement& judgement, const TrainerState& state) const;

    MetricInfo m_monitor;
    int m_patience;
    std::optional<Best> m_best; // better than the best on disk
    UnchangedCopies m_unchanged;
};

} // namespace engine
