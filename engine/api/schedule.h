#pragma once

#include "engine/api/experiment.h"

#include <cstdint>

namespace engine {

// The learning rate of optimizer step `step` (0-based) of `steps` as a share of train.learning_rate, warm-up included:
// what a chart of the schedule shows before the run. Any thread.
[[nodiscard]] double learningRateShare(const TrainSettings& settings, std::int64_t step, std::int64_t steps);

} // namespace engine
