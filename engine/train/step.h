#pragma once

#include "engine/freeze/freezeplan.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/train/batchsource.h"
#include "engine/train/optimizer.h"

#include <cstdint>

namespace engine {

// What one optimizer step measured. Milliseconds.
struct StepResult {
    double loss = 0; // mean over its batches
    std::int64_t samples = 0;
    std::int64_t right = 0; // predicted as labelled
    double dataMs = 0, forwardMs = 0, backwardMs = 0, optimizerMs = 0;
};

// One optimizer step over a group of batches: the frozen stages without autograd, then forward, backward and update.
// The backbone's thread.
class TrainStep final {
public:
    TrainStep(Backbone& backbone, Optimizer& optimizer, double labelSmoothing, bool bf16);

    void enterPhase(const FreezePlan::Phase& phase) { m_firstTrained = phase.firstTrainedStage; }
    // Computes the first stages of pictures; null: the backbone does. It outlives its use.
    void usePrefix(const FrozenPrefix* prefix) { m_prefix = prefix; }
    // Gradients of one of the `batchesInGroup` batches, added up.
    void addBatch(const ModelBatch& batch, std::int64_t batchesInGroup);
    // Updates the parameters and begins anew. A loss that is no number updates nothing: its gradient would spoil every
    // weight it reaches.
    [[nodiscard]] StepResult finish(double learningRate);
    void waitedForData(double milliseconds) { m_result.dataMs += milliseconds; }

private:
    Backbone& m_backbone;
    Optimizer& m_optimizer;
    double m_labelSmoothing;
    bool m_bf16;
    std::vector<Stage> m_stages;
    std::size_t m_firstTrained = 0;
    const FrozenPrefix* m_prefix = nullptr;
    StepResult m_result;
};

} // namespace engine
