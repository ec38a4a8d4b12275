#pragma once

#include "engine/api/devices.h"
#include "engine/api/train.h"
#include "engine/data/loader.h"
#include "engine/freeze/freezeplan.h"
#include "engine/runs/runwriter.h"
#include "engine/train/checkpoint.h"
#include "engine/train/optimizer.h"
#include "engine/train/pace.h"
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
    // What one optimizer step measured.
    struct Step {
        double loss = 0;
        std::int64_t samples = 0;
        std::int64_t right = 0;
        double dataMs = 0, forwardMs = 0, backwardMs = 0, optimizerMs = 0;
    };

    void loadModel();
    void resume();
    void begin();
    void enterPhase(int epoch);

    Ended trainEpoch();
    void computeBatch(const Batch& batch, std::int64_t batchesInGroup, Step& step);
    void finishStep(Step& step, double learningRate);
    void record(const Step& step, double learningRate, double seconds);
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
    std::vector<Stage> m_stages;
    std::unique_ptr<FreezePlan> m_plan;
    std::unique_ptr<Optimizer> m_optimizer;
    std::size_t m_phase = 0;
    TrainerState m_state;
    bool m_resumed = false;
    std::int64_t m_batchesPerEpoch = 0;
    std::int64_t m_stepsPerEpoch = 0;
    int m_badLosses = 0; // in a row
    std::set<std::string> m_skipped;
    Pace m_pace;
    double m_samplesPerSecond = 0; // recent
    Progress m_shown;
    Clock::time_point m_begin;
    Clock::time_point m_lastCheckpoint;
};

} // namespace engine
