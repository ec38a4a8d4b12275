#pragma once

#include "engine/api/devices.h"
#include "engine/api/metrics.h"
#include "engine/api/train.h"
#include "engine/device/computedevice.h"
#include "engine/distributed/processgroup.h"
#include "engine/freeze/freezeplan.h"
#include "engine/freeze/proof.h"
#include "engine/optim/optimizer.h"
#include "engine/runs/runrecorder.h"
#include "engine/train/checkpoint.h"
#include "engine/train/frozenpart.h"
#include "engine/train/insight.h"
#include "engine/train/pace.h"
#include "engine/train/resume.h"
#include "engine/train/step.h"
#include "engine/train/steprecord.h"
#include "engine/train/troubles.h"
#include "engine/train/validation.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// One training, from the run folder's experiment to its last checkpoint. Create, run and destroy it on one thread.
class Trainer final {
public:
    // `group`: the ranks that train together, this one among them; none: it trains alone. It outlives the trainer.
    Trainer(const std::filesystem::path& folder, RunControl& control, ProgressSink* progress,
            const std::vector<ChangedSetting>& changes = {}, ProcessGroup* group = nullptr);
    ~Trainer();
    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;
    RunSummary run(); // throws Error and foreign exceptions; the run's record then still says running
    // Records the error that run() ended with, and returns it with what is known of this training.
    [[nodiscard]] Error fail(const Error& error);
    // Called on the trainer's thread after every update with the backbone and the steps done.
    using StepHook = std::function<void(Backbone&, std::int64_t)>;
    void afterEachStep(StepHook hook) { m_afterStep = std::move(hook); }

private:
    using Clock = std::chrono::steady_clock;
    enum class Ended { Done, Stopped };
    [[nodiscard]] Error explained(const Error& error) const;
    void loadModel();
    [[nodiscard]] bool startFromWeights();
    void resume();
    void begin();
    void requireSameSteps() const;
    [[nodiscard]] std::int64_t stepsInAll() const;
    void recordChanges();
    void takePlanChange();
    void enterPhase(int epoch);
    // Compares what is frozen with how it was. Throws Error where something changed and the settings stop on that.
    void verifyFrozen();
    // Folds the frozen stages of the phase and, where that is wanted, computes their outputs once.
    Ended prepareFrozen();

    // An epoch; where the pictures are gone, its state is saved first. Throws Error(DataGone).
    Ended epoch();
    // Throws Error(BadInput) where no step could be made.
    void planEpochs(const FreezePlan& plan);
    Ended trainEpoch();
    [[nodiscard]] std::unique_ptr<BatchSource> trainingBatches() const;
    [[nodiscard]] std::unique_ptr<BatchSource> validationBatches() const;
    void recordArrived(TrainStep::Wait wait);
    [[nodiscard]] Troubles::Moment now() const { return {m_state.step, m_state.epoch + 1}; }

    Ended validate();
    void recordValidation(const Judgement& judgement, int epoch, bool best);
    [[nodiscard]] bool improves(const Judgement& judgement) const;
    [[nodiscard]] bool shouldStopEarly() const;
    void saveCheckpoint(bool best);
    void keepBest();
    void saveKeptBest(); // if there is one
    [[nodiscard]] ModelDescription description() const;

    // What the first rank was asked to do, done by all. True: stop.
    [[nodiscard]] bool pauseOrStop();
    // Of a rank among others nothing but agreed stops ends an epoch.
    [[nodiscard]] std::stop_token ownStop() const;
    [[nodiscard]] std::vector<std::string> ownDevice() const; // as [devices] use would name it
    [[nodiscard]] std::uint64_t dropoutSeed() const;          // of this step and rank
    [[nodiscard]] std::int64_t sumOverRanks(std::int64_t number);
    void shareBuffers(); // the first rank's, which BatchNorm moved by its own samples
    // What each rank left out, on all of them.
    [[nodiscard]] std::vector<BadFile> ofAllRanks(std::vector<BadFile> files);
    void report(Phase phase, const std::string& message = {});

    std::filesystem::path m_folder;
    RunControl& m_control;
    ProgressSink* m_progress;
    Experiment m_experiment;
    const Task* m_task = nullptr;
    MetricInfo m_monitor;
    std::unique_ptr<ProcessGroup> m_alone; // where no group was given
    ProcessGroup& m_group;
    World m_world;
    std::unique_ptr<RunRecorder> m_recorder;
    RunRecorder& m_writer;
    Experiment m_before; // as the run has been trained so far
    std::vector<ChangedSetting> m_changes;
    std::vector<std::string> m_changed; // in words
    std::optional<ResumePoint> m_from;
    std::vector<std::string> m_notes; // of resuming, and of the devices: warnings for the record
    std::unique_ptr<ComputeDevice> m_compute;
    std::unique_ptr<DeviceScope> m_scope;
    DeviceInfo m_device;
    int m_threads = 1;
    Precision m_precision = Precision::Float32;
    Preprocess m_preprocess;
    ImageFolder m_data;
    std::shared_ptr<Backbone> m_backbone;
    std::string m_program; // its checksum, where it is one
    std::unique_ptr<FreezePlan> m_plan;
    std::unique_ptr<Optimizer> m_optimizer;
    std::unique_ptr<TrainStep> m_step;
    std::unique_ptr<FrozenProof> m_proof; // none where the settings do not verify
    std::unique_ptr<Insight> m_insight;
    StepHook m_afterStep;
    std::unique_ptr<FrozenPart> m_frozen;
    std::size_t m_phase = 0;
    TrainerState m_state;
    Batching m_batching;
    bool m_oneIsTooFew = false;       // to train on at once
    std::vector<double> m_thresholds; // of the last validation
    std::int64_t m_batchesPerEpoch = 0;
    std::int64_t m_stepsPerEpoch = 0;
    Troubles m_troubles{m_writer};
    std::unique_ptr<StepRecord> m_record;
    Pace m_pace;
    Progress m_shown;
    Clock::time_point m_begin;
    Clock::time_point m_lastCheckpoint;
    std::vector<double> m_bestThresholds; // of m_best
    std::optional<KeptState> m_best;      // better than the best on disk, and not written yet
    UnchangedCopies m_unchanged;          // of this phase, for m_best
};

} // namespace engine
