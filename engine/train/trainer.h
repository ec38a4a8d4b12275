#pragma once

#include "engine/api/devices.h"
#include "engine/api/metrics.h"
#include "engine/api/train.h"
#include "engine/device/computedevice.h"
#include "engine/distributed/processgroup.h"
#include "engine/models/load.h"
#include "engine/optim/optimizer.h"
#include "engine/runs/knobs.h"
#include "engine/runs/liverun.h"
#include "engine/runs/rankpulse.h"
#include "engine/runs/runrecorder.h"
#include "engine/train/bestkeeper.h"
#include "engine/train/checkpoint.h"
#include "engine/train/epochplan.h"
#include "engine/train/freezedirector.h"
#include "engine/train/frozenpart.h"
#include "engine/train/insight.h"
#include "engine/train/pace.h"
#include "engine/train/resolvedexperiment.h"
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
#include <set>
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
    // Taken up between two steps; of several ranks those of the first.
    [[nodiscard]] StepRequests& requests() { return m_requests; }
    // The devices of this machine's ranks, in place of those that the experiment names.
    void trainOn(std::vector<std::string> devices) { m_devices = std::move(devices); }
    // Shows what this rank does; outlives the trainer.
    void show(RankPulse& pulse);

private:
    using Clock = std::chrono::steady_clock;
    enum class Ended { Done, Stopped };
    [[nodiscard]] Error explained(const Error& error) const;
    void loadModel();
    [[nodiscard]] bool startFromWeights();
    void tellOfWeights(const std::filesystem::path& weights, const WeightsReport& loaded, const HeadChoice& head);
    void resume();
    void takeModelOf(const std::filesystem::path& checkpoint);
    void goOn(const std::filesystem::path& checkpoint);
    void begin();
    void requireSameSteps() const;
    void recordChanges();
    void takePlanChange();
    // What was asked for of all ranks alike, between two steps.
    void followRequests();
    void setAsAsked(const std::vector<ChangedSetting>& settings);
    void checkpointAsAsked();
    // What knobs say of the next step. True: its pictures are prepared in another way.
    bool followKnobs();
    [[nodiscard]] std::string requestsOfFirstRank();
    void enterPhase(int epoch);
    // Compares what is frozen with how it was. Throws Error where something changed and the settings stop on that.
    void verifyFrozen();
    // Folds the frozen stages of the phase and, where that is wanted, computes their outputs once.
    Ended prepareFrozen();

    // An epoch; where the pictures are gone, its state is saved first. Throws Error(DataGone).
    Ended epoch();
    // Throws Error(BadInput) where no step could be made.
    void planTheEpochs(const FreezePlan& plan);
    Ended trainEpoch();
    // As far as the pictures are prepared in one way.
    Ended trainStretch();
    // The batches of one step. False: cancelled, and the step is not made.
    [[nodiscard]] bool addGroup(BatchSource& batches, std::int64_t group);
    void makeStep(std::int64_t samples);
    // Once no step is left in an epoch that was trained from `before`.
    void countEpoch(const BatchSource& batches, const TrainerState& before);
    [[nodiscard]] std::unique_ptr<BatchSource> trainingBatches() const;
    [[nodiscard]] std::unique_ptr<BatchSource> validationBatches() const;
    void recordArrived(TrainStep::Wait wait);
    [[nodiscard]] Troubles::Moment now() const { return {m_state.step, m_state.epoch + 1}; }

    Ended validate();
    void judge(const ValidationResult& result);
    void recordValidation(const Judgement& judgement, bool best);
    void saveCheckpoint(bool best);
    void keepBest();
    void saveKeptBest(); // if there is one
    [[nodiscard]] ModelDescription description() const;
    void finish();
    void rememberSpeeds() const;

    // What the first rank was asked to do, done by all. True: stop.
    [[nodiscard]] bool pauseOrStop();
    // Of a rank among others nothing but agreed stops ends an epoch.
    [[nodiscard]] std::stop_token ownStop() const;
    [[nodiscard]] std::vector<std::string> ownDevice() const; // as [devices] use would name it
    void tellDevices();                                       // in the record, where the experiment leaves them open
    [[nodiscard]] std::uint64_t dropoutSeed() const;          // of this step and rank
    [[nodiscard]] std::int64_t sumOverRanks(std::int64_t number);
    void shareBuffers(); // the first rank's, which BatchNorm moved by its own samples
    // What each rank left out, on all of them.
    [[nodiscard]] std::vector<BadFile> ofAllRanks(std::vector<BadFile> files);
    void report(Phase phase, const std::string& message = {});
    void showPhase(Phase phase); // in the pulse

    std::filesystem::path m_folder;
    RunControl& m_control;
    ProgressSink* m_progress;
    std::vector<std::string> m_devices; // empty: the experiment's
    RankPulse* m_pulse = nullptr;       // of a rank among others
    Experiment m_experiment;
    std::unique_ptr<ProcessGroup> m_alone; // where no group was given
    ProcessGroup& m_group;
    World m_world;
    std::unique_ptr<RunRecorder> m_recorder;
    RunRecorder& m_writer;

    // Of a run that goes on.
    Experiment m_before; // as the run has been trained so far
    std::vector<ChangedSetting> m_changes;
    std::optional<ResumePoint> m_from;
    std::vector<std::string> m_changed; // in words
    std::vector<std::string> m_notes;   // of resuming, and of the devices: warnings for the record

    std::unique_ptr<ComputeDevice> m_compute;
    std::unique_ptr<DeviceScope> m_scope;
    ImageFolder m_data;
    std::optional<ResolvedExperiment> m_resolved; // once device and data are known
    std::shared_ptr<Backbone> m_backbone;
    std::string m_program; // its checksum, where it is one
    std::unique_ptr<Optimizer> m_optimizer;
    std::unique_ptr<TrainStep> m_step;
    std::unique_ptr<FreezeDirector> m_freeze;
    std::unique_ptr<FrozenPart> m_frozen;
    std::unique_ptr<Insight> m_insight;
    StepHook m_afterStep;

    TrainerState m_state;
    EpochPlan m_epochs;
    StepRequests m_requests;
    Knobs m_knobs;
    std::set<std::string> m_toldKnobs; // in the run's record
    std::string m_weightDecay;         // as the optimizer has it
    std::string m_augmentation;
    bool m_stopAfterEpoch = false;
    std::int64_t m_read = 0; // pictures, of this epoch by this rank
    BestKeeper m_best;
    std::vector<double> m_thresholds; // of the last validation
    Troubles m_troubles{m_writer};
    std::unique_ptr<StepRecord> m_record;
    Pace m_pace;
    Progress m_shown;
    Clock::time_point m_begin;
    Clock::time_point m_lastCheckpoint;
    double m_secondsToReady = 0;
};

} // namespace engine
