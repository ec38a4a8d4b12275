#pragma once

#include "engine/api/experiment.h"
#include "engine/freeze/freezeplan.h"

#include <cstdint>

namespace engine {

// The learning rate of optimizer step `step` (0-based) of `steps`: the schedule's formula on train.learning_rate, after
// a linear warm-up. cosine as torch's CosineAnnealingLR to zero, one-cycle as OneCycleLR with its defaults (30 % up,
// cosine, from 1/25 to 1/250,000 of the rate).
[[nodiscard]] double learningRateAt(const TrainSettings& settings, std::int64_t step, std::int64_t steps);

// The same in a phase of the freeze plan, for step `step` of the whole run: with the phase's factor, and by its own
// schedule over its own epochs where it has one. A shaped one-cycle is fastai's fit_one_cycle.
[[nodiscard]] double learningRateAt(const TrainSettings& settings, const FreezePlan::Phase& phase, std::int64_t step,
                                    std::int64_t stepsPerEpoch);

} // namespace engine
