#include "engine/train/epochplan.h"

#include "engine/train/batchneeds.h"

#include <algorithm>

namespace engine {
namespace {

BatchQuestion questionOf(const ResolvedExperiment& resolved, const FreezePlan& plan, std::int64_t samples) {
    return {.plan = plan,
            .backbone = resolved.experiment.model.backbone,
            .imageSize = resolved.preprocess.imageSize,
            .batchSize = std::max(1, resolved.experiment.train.batchSize),
            .pictures = samples};
}

std::int64_t roundedUp(std::int64_t number, std::int64_t by) { return (number + by - 1) / by; }

} // namespace

std::int64_t EpochPlan::steps(const TrainerState& done) const {
    if (done.epoch >= epochs)
        return done.step;
    const std::int64_t left = roundedUp(batching.batches(samples - done.samplesInEpoch), accumulate);
    return done.step + left + stepsPerEpoch * (epochs - done.epoch - 1);
}

EpochPlan planEpochs(const ResolvedExperiment& resolved, const FreezePlan& plan, std::int64_t samples) {
    const BatchQuestion question = questionOf(resolved, plan, samples);
    EpochPlan result{.samples = samples,
                     .accumulate = std::max(1, resolved.experiment.train.accumulate),
                     .epochs = resolved.experiment.train.epochs,
                     .batching = batchingOf(question),
                     .oneIsTooFew = oneIsTooFew(plan, question.backbone, question.imageSize)};
    result.batching.world = resolved.world;
    result.batchesPerEpoch = result.batching.batches(samples);
    result.stepsPerEpoch = roundedUp(result.batchesPerEpoch, result.accumulate);
    return result;
}

std::vector<Finding> epochFindings(const ResolvedExperiment& resolved, const FreezePlan& plan, std::int64_t samples) {
    return batchFindings(questionOf(resolved, plan, samples));
}

} // namespace engine
