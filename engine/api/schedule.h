#pragma once

#include "engine/api/experiment.h"

#include <cstdint>
#include <string>

namespace engine {

// What of a phase of the freeze plan decides its learning rate, besides factors. Epochs are 1-based.
struct PhaseSchedule {
    int fromEpoch = 1;
    int lastEpoch = 1;
    std::string schedule; // as FreezePhase::schedule
};

// The learning rate of optimizer step `step` (0-based, of the whole run) within `phase` as a share of
// train.learning_rate, warm-up included, by the code the training uses: what a chart of the schedule shows before the
// run. Throws Error(BadInput): no such schedule. Any thread.
[[nodiscard]] double learningRateShare(const TrainSettings& settings, const PhaseSchedule& phase, std::int64_t step,
                                       std::int64_t stepsPerEpoch);

} // namespace engine
