#pragma once

#include "engine/api/devices.h"
#include "engine/api/train.h"
#include "engine/freeze/freezeplan.h"
#include "engine/runs/runwriter.h"
#include "engine/train/checkpoint.h"
#include "engine/train/frozenpart.h"
#include "engine/train/optimizer.h"
#include "engine/train/pace.h"
#include "engine/train/step.h"
#include "engine/train/validation.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

namespace engine {

// One training, from the run folder's experiment to its last checkpoint. Create, run and destroy it on one thread.
class Trainer final {
public:
    Trainer(const std::filesystem::path& folder, RunControl& control, ProgressSink* progress, int epochs);
    RunSummary run(); // throws Error and foreign exceptions; the run's record then still says running
    // Records the failure that run() ended with.
    void fail(const Error& error);

private:
    using Clock = std::chrono::steady_clock;
    enum class Ended { Done, Stopped };
    void loadModel();
    void resume();
    void begin();
    void enterPhase(int epoch);
    Ended prepareFrozen();

    Ended trainEpoch();
    [[nodiscard]] std::unique_ptr<BatchSource> trainingBatches() const;
    [[nodiscard]] std::unique_ptr<BatchSource> validationBatches() const;
    void record(const StepResult& step, double learningRate, double seconds);
    void watchLoss(double loss);
    void noteSkipped(const std::vector<BadFile>& files);

    Ended validate();
    [[nodiscard]] bool improves(const ValidationResult& result) const;
    [[nodiscard]] bool shouldStopEarly() const;
    void saveCheckpoint(bool best);

    [[nodiscard]] bool pauseOrStop(); // true: stop
    void report(Phase phase, const std::string& message = {});

    std::filesystem::path m_folder;
    RunControl& m_control;
    ProgressSink* m_progress;
    Experiment m_experiment;
    RunWriter m_writer;
    DeviceInfo m_device;
    int m_threads = 1;
    bool m_bf16 = false;
    Preprocess m_preprocess;
    ImageFolder m_data;
    std::shared_ptr<Backbone> m_backbone;
    std::unique_ptr<FreezePlan> m_plan;
    std::unique_ptr<Optimizer> m_optimizer;
    std::unique_ptr<TrainStep> m_step;
    std::unique_ptr<FrozenPart> m_frozen;
    std::size_t m_phase = 0;
    TrainerState m_state;
    bool m_resumed = false;
    std::int64_t m_batchesPerEpoch = 0;
    std::int64_t m_stepsPerEpoch = 0;
    int m_badLosses = 0; // in a row
    std::set<std::string> m_skipped;
    Pace m_pace;
    double m_samplesPerSecond = 0; // recent
    std::string m_memorySeries;
    double m_memoryBytes = 0;
    Clock::time_point m_memoryRead;
    Progress m_shown;
    Clock::time_point m_begin;
    Clock::time_point m_lastCheckpoint;
};

} // namespace engine
