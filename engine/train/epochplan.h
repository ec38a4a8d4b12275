#pragma once

#include "engine/api/experiment.h"
#include "engine/data/batching.h"
#include "engine/train/checkpoint.h"
#include "engine/train/resolvedexperiment.h"

#include <cstdint>
#include <vector>

namespace engine {

// How the training pictures of an epoch lie in batches and steps while a freeze plan is followed.
struct EpochPlan {
    std::int64_t samples = 0; // to train on
    int accumulate = 1;       // batches a step
    int epochs = 1;
    Batching batching;
    bool oneIsTooFew = false; // to train on at once, in some phase
    std::int64_t batchesPerEpoch = 0;
    std::int64_t stepsPerEpoch = 0;

    [[nodiscard]] std::int64_t steps() const { return stepsPerEpoch * epochs; }
    // Of a training that has come so far: those behind it and those that are left.
    [[nodiscard]] std::int64_t steps(const TrainerState& done) const;
};

// `plan`: of the experiment, or what it is to become while it trains.
[[nodiscard]] EpochPlan planEpochs(const ResolvedExperiment& experiment, const FreezePlan& plan, std::int64_t samples);
// What stands in the way of the first step, each with its remedy.
[[nodiscard]] std::vector<Finding> epochFindings(const ResolvedExperiment& experiment, const FreezePlan& plan,
                                                 std::int64_t samples);

} // namespace engine
