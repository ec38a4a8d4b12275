#pragma once

#include "engine/device/computedevice.h"
#include "engine/distributed/gradientsync.h"
#include "engine/freeze/freezeplan.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/optim/optimizer.h"
#include "engine/train/batchsource.h"
#include "engine/train/pixelnormalisation.h"
#include "engine/train/precision.h"
#include "engine/train/stepgraph.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace engine {

// What one optimizer step measured.
struct StepResult {
    std::int64_t number = 0; // as given to begin()
    double learningRate = 0;
    double loss = 0;             // mean over its samples
    std::int64_t samples = 0;    // of all ranks
    std::vector<double> metrics; // of Task::stepMetrics(), each summed over its samples
    bool replayed = false;       // as a captured graph
    double seconds = 0;          // from begin() to its end on the device
    // Its parts. `dataMs` is what the device stood still for data: a wait while it had work is none.
    double dataMs = 0, forwardMs = 0, backwardMs = 0, optimizerMs = 0, otherMs = 0;
};

// Optimizer steps over groups of batches: the frozen stages without autograd, then forward, backward and update. On the
// CPU a step is done when finish() returns; a GPU only queues it, and arrived() hands it out some steps later. A loss
// that is no number updates nothing: its gradient would spoil every weight it reaches. The backbone's thread.
class TrainStep final {
public:
    struct Settings {
        const Task* task = nullptr;    // none: image classification; outlives the step
        ProcessGroup* group = nullptr; // none: a world of one; outlives the step
        double labelSmoothing = 0;
        std::vector<double> classWeights; // empty: all count the same
        Precision precision = Precision::Float32;
        enum class Graphs { Off, Captured } graphs = Graphs::Captured;
        ComputeDevice::Kernels kernels = ComputeDevice::Kernels::ByRule; // of the steps that are captured
        // Of several ranks.
        GradientSync::Settings gradients;
        enum class BatchNorm { OfEachRank, OfAllRanks } batchNorm = BatchNorm::OfEachRank;
    };
    TrainStep(ComputeDevice& device, Backbone& backbone, Optimizer& optimizer, const Settings& settings);

    // The backbone's parameters that want gradients train from now on. What was captured of a phase that differs in
    // anything is dropped.
    void enterPhase(const FreezePlan::Phase& phase);
    // The optimizer's, of all parameters, whatever share of it this rank keeps: where it keeps one, all ranks call it.
    [[nodiscard]] OptimizerStates optimizerStates();
    void setOptimizerStates(OptimizerStates states); // in the phase at hand
    [[nodiscard]] bool shardsOptimizer() const;      // among ranks, by the settings
    [[nodiscard]] bool sharesBatchNorm() const;      // likewise
    void setWeightDecay(double weightDecay);         // from the next step on
    // Where gradients are wanted, the parameters have them between addBatch() and finish(); a captured step shows none.
    enum class Gradients { Hidden, Wanted };
    // `divisor`: by what each rank divides its losses at first, the same number on all of them and in every step, for a
    // captured one keeps it; 0: the first batch says it, which is for a rank alone.
    void begin(std::int64_t number, Gradients gradients = Gradients::Hidden, std::int64_t divisor = 0);
    void waitedForData(double milliseconds) { m_open.dataMs += milliseconds; }
    // Computes the first stages of pictures; null: the backbone does. It outlives its use.
    void usePrefix(const FrozenPrefix* prefix) { m_prefix = prefix; }
    // Of pictures that come as bytes.
    void usePixels(PixelNormalisation pixels) { m_pixels = std::move(pixels); }
    // Gradients of one of the `batchesInGroup` batches, added up. Behind the last one they are those of the mean over
    // all samples of the group and all ranks, however these lie in their batches.
    void addBatch(const ModelBatch& batch, std::int64_t batchesInGroup);
    // Takes back what the batches since begin() moved: the step is not made.
    void abandon();
    // Updates the parameters. The step is made; begin() comes before anything else.
    void finish(double learningRate);

    enum class Wait { Never, UntilAllAreDone };
    // The oldest step that is done and was not handed out yet. Waits where too many are under way.
    [[nodiscard]] std::optional<StepResult> arrived(Wait wait = Wait::Never);

private:
    enum class Point { Begin, Forward, Backward, Update }; // of a batch: the beginning, and the ends of its parts
    using Reached = std::function<void(Point)>;
    using Times = std::array<std::shared_ptr<DeviceMark>, 3>; // by Point, without the update
    struct Pending {
        StepResult result;
        double lossFactor = 1; // from the sum to the mean
        double divided = 0;    // samples that were expected
        std::vector<Times> batches;
        std::shared_ptr<DeviceMark> begin, computed, end;
        std::unique_ptr<Readback> sums; // loss, metrics; of whole steps their times by Point as well
    };
    // Forward and backward of the summed loss / `samples`; adds to m_sums.
    void compute(const ModelBatch& batch, double samples, const Reached& reached);
    void keepStatistics();
    void beginGradients();
    void sumOverRanks();
    void weighSamplesAlike();
    void update(double learningRate);
    void queueUpdate();
    void computeWhole(double learningRate);
    [[nodiscard]] ModelBatch placed(const ModelBatch& batch);
    void setLearningRate(double learningRate);
    [[nodiscard]] StepResult measured(Pending& pending);

    ComputeDevice& m_device;
    Backbone& m_backbone;
    Optimizer& m_optimizer;
    Settings m_settings;
    LossOptions m_loss;
    std::int64_t m_sumsCount = 0;                // loss and metrics, and among ranks the samples
    std::unique_ptr<GradientSync> m_sync;        // of a rank among others
    std::map<std::string, at::Tensor> m_trained; // parameters of the phase
    std::vector<Stage> m_stages;
    std::optional<FreezePlan::Phase> m_phase;
    std::size_t m_firstTrained = 0;
    const FrozenPrefix* m_prefix = nullptr;
    PixelNormalisation m_pixels;
    Gradients m_gradients = Gradients::Hidden; // of the step in the making

    // Of the group in the making.
    std::int64_t m_batches = 0;
    double m_divided = 0;    // samples by which its losses are divided; known before all of them have come
    double m_lossFactor = 1; // to divide by those that came
    struct Kept {
        at::Tensor buffer, before;
    };
    std::vector<Kept> m_statistics; // BatchNorm's, before the group's first batch

    StepResult m_open;              // the step in the making
    std::vector<Times> m_openTimes; // of its batches
    std::shared_ptr<DeviceMark> m_begin;
    at::Tensor m_sums;         // of its batches: loss and metrics, float64
    at::Tensor m_learningRate; // of queued updates
    std::unique_ptr<StepGraph> m_graph;
    std::optional<ModelBatch> m_whole; // the only batch of a step that may be captured
    std::deque<Pending> m_pending;
};

} // namespace engine
