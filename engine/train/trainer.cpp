#include "engine/train/trainer.h"

#include "engine/api/ranks.h"
#include "engine/base/hash.h"
#include "engine/data/dataset.h"
#include "engine/runs/checkpoints.h"
#include "engine/runs/runwriter.h"
#include "engine/train/environment.h"
#include "engine/train/finite.h"
#include "engine/train/schedule.h"
#include "engine/train/speedbook.h"

#include <cmath>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr auto kCheckpointInterval = std::chrono::seconds(60);

// The first rank alone writes into the run's folder.
std::unique_ptr<RunRecorder> recorderOf(const fs::path& folder, const World& world) {
    return world.leads() ? std::make_unique<RunWriter>(folder) : std::make_unique<RunRecorder>();
}

double since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

Trainer::Trainer(const fs::path& folder, RunControl& control, ProgressSink* progress,
                 const std::vector<ChangedSetting>& changes, ProcessGroup* group)
    : m_folder(folder),
      m_control(control),
      m_progress(progress),
      m_experiment(readExperiment(folder / "experiment.toml")),
      m_alone(group == nullptr ? soloGroup() : nullptr),
      m_group(group == nullptr ? *m_alone : *group),
      m_world(m_group.world()),
      m_recorder(recorderOf(folder, m_world)),
      m_writer(*m_recorder),
      m_before(m_experiment),
      m_changes(changes),
      m_from(findResumePoint(folder, m_writer.writtenCheckpointStep())),
      m_changed(applyChanges(m_experiment, changes, m_from.has_value())),
      m_best(monitorOf(m_experiment), m_experiment.train.earlyStoppingPatience),
      m_begin(Clock::now()),
      m_lastCheckpoint(m_begin) {
    m_state.monitor = m_best.monitor().name;
    m_knobs = readKnobs(folder);
    if (m_from)
        keepThawing(m_experiment, m_before);
}

// What a run leaves for reuse is of no use to what comes after it.
Trainer::~Trainer() {
    m_step.reset();
    m_optimizer.reset();
    m_backbone.reset();
    m_scope.reset();
    if (m_compute)
        m_compute->releaseCachedMemory();
}

RunSummary Trainer::run() {
    report(Phase::LoadingData);
    m_data = openData(m_experiment);
    report(Phase::LoadingWeights);
    m_compute = openDevice(ownDevice());
    if (m_pulse != nullptr)
        m_pulse->setDevice(m_compute->info().id);
    m_scope = m_compute->enter();
    loadModel();
    resume();
    begin();
    m_secondsToReady = since(m_begin);
    const int epochs = m_experiment.train.epochs;
    while (m_state.epoch < epochs) {
        takePlanChange();
        enterPhase(m_state.epoch + 1);
        if (epoch() == Ended::Stopped || (m_stopAfterEpoch && m_state.epoch < epochs)) {
            saveCheckpoint(false);
            m_writer.stopped(m_state.step);
            return m_writer.summary();
        }
        if (m_best.isOutOfPatience(m_state) && m_state.epoch < epochs) {
            m_writer.event(EventKind::Knob, m_state.step, m_state.epoch,
                           fmt::format("Ended early: no better {} in {} epochs", loweredLabel(m_best.monitor()),
                                       m_experiment.train.earlyStoppingPatience));
            break;
        }
    }
    finish();
    return m_writer.summary();
}

void Trainer::finish() {
    if (m_best.keptStep() == m_state.step)
        saveKeptBest();
    if (agreed(m_group, m_writer.summary().lastCheckpointStep != m_state.step ? 1 : 0) != 0)
        saveCheckpoint(false);
    m_writer.finished(m_state.step);
    report(Phase::Finished);
    rememberSpeeds();
}

// For the estimates of later trainings.
void Trainer::rememberSpeeds() const {
    const double speed = m_record->samplesPerSecond();
    if (speed <= 0 || m_world.size > 1)
        return;
    const std::string &preset = m_experiment.freeze.preset, &backbone = m_experiment.model.backbone;
    const int size = m_resolved->preprocess.imageSize;
    rememberSpeed(m_resolved->device, backbone, preset + (m_frozen->trainsFromCache() ? kFromCache : ""), size, speed);
    rememberStart(m_resolved->device, backbone, preset, size, m_secondsToReady + m_record->firstStepSeconds());
}

Error Trainer::explained(const Error& error) const {
    const RunCheckpoints saved = findCheckpoints(m_folder);
    const std::string step = saved.newest() != nullptr ? std::to_string(saved.newest()->step) : std::string();
    if (error.kind() == ErrorKind::DiskFull)
        return {error.kind(),
                step.empty() ? "The disk is full. Nothing is saved yet."
                             : fmt::format("The disk is full. Saved at step {}.", step),
                fmt::format("Free some space, then resume the run. {}", error.what())};
    const int batch = m_experiment.train.batchSize;
    std::string what = error.what(), remedy = error.remedy();
    if (error.kind() == ErrorKind::OutOfMemory && m_compute && !m_compute->answersAtOnce()) {
        what = fmt::format("The memory of {} ({:.1f} GB) is too small for batches of {} pictures.",
                           m_compute->info().id, double(m_compute->info().totalBytes) / 1e9, batch);
        remedy = batch > 1 ? fmt::format("A batch of {} may fit; or choose a smaller picture size.", batch / 2)
                           : "Choose a smaller picture size or backbone.";
    }
    if (m_state.step > 0 && error.kind() != ErrorKind::Diverged &&
        error.kind() != ErrorKind::DataGone) // which say so themselves
        remedy +=
            step.empty() ? " No checkpoint was written yet." : fmt::format(" The checkpoint of step {} is kept.", step);
    return {error.kind(), what, remedy};
}

Error Trainer::fail(const Error& error) {
    try {
        saveKeptBest();
    } catch (const std::exception&) { // what went wrong first is what is told
    }
    m_group.leave(error.what());
    const Error told = explained(error);
    m_writer.failed(told, m_state.step);
    return told;
}

void Trainer::begin() {
    const ResolvedExperiment& resolved = *m_resolved;
    RunStart start{.task = resolved.task->info().name,
                   .monitor = resolved.monitor.name,
                   .classes = m_data.classes,
                   .device = resolved.device.id,
                   .ranks = m_world.size,
                   .epochs = m_experiment.train.epochs,
                   .steps = m_epochs.steps(m_state),
                   .environmentJson = environmentJson(resolved, m_data, description()),
                   .firstRecorded = [this] { recordChanges(); }};
    const FreezePlan& plan = m_freeze->plan();
    const auto& trained = plan.phases()[plan.phaseOf(m_state.epoch + 1)].trained;
    for (const auto& item : m_backbone->named_parameters()) {
        start.parameters += item.value().numel();
        start.trainableParameters += trained.contains(item.key()) ? item.value().numel() : 0;
    }
    m_step->usePixels({resolved.preprocess, m_compute->place()});
    m_writer.started(start, m_from ? m_state.step : -1);
    tellDevices();
    m_shown.monitor = resolved.monitor.name;
    m_shown.epochs = m_experiment.train.epochs;
    m_shown.steps = start.steps;
}

std::unique_ptr<BatchSource> Trainer::trainingBatches() const {
    if (auto kept = m_frozen->training(m_state.epoch, m_state.samplesInEpoch, m_epochs.batching))
        return kept;
    return std::make_unique<PictureSource>(
        m_data, Targets(*m_resolved->task, m_data.train, m_data.classes),
        PictureLoading{.batchSize = m_epochs.batching.size,
                       .single = m_epochs.batching.single,
                       .world = m_world,
                       .preprocess = m_resolved->preprocess,
                       .augmentation = m_augmentation,
                       .training = true,
                       .seed = m_experiment.seed,
                       .epoch = m_state.epoch,
                       .views = m_frozen->views(),
                       .firstSample = m_state.samplesInEpoch,
                       .workers = m_experiment.data.workers,
                       .mostSkipped = m_troubles.mostSkipped(Troubles::Part::Training,
                                                             static_cast<std::int64_t>(m_data.train.size()))});
}

std::unique_ptr<BatchSource> Trainer::validationBatches() const {
    if (auto kept = m_frozen->validation())
        return kept;
    return std::make_unique<PictureSource>(
        m_data, Targets(*m_resolved->task, m_data.validation, m_data.classes),
        PictureLoading{.batchSize = m_experiment.train.batchSize,
                       .world = m_world,
                       .preprocess = m_resolved->preprocess,
                       .workers = m_experiment.data.workers,
                       .mostSkipped = m_troubles.mostSkipped(Troubles::Part::Validation,
                                                             static_cast<std::int64_t>(m_data.validation.size()))});
}

Trainer::Ended Trainer::epoch() {
    try {
        const bool stopped =
            prepareFrozen() == Ended::Stopped || trainEpoch() == Ended::Stopped || validate() == Ended::Stopped;
        return stopped ? Ended::Stopped : Ended::Done;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::DataGone)
            throw;
        m_step->abandon();
        if (!m_step->shardsOptimizer()) // whose shares the other ranks have, which know nothing of this
            saveCheckpoint(false);
        const RunCheckpoints saved = findCheckpoints(m_folder);
        throw Error(ErrorKind::DataGone,
                    saved.newest() == nullptr ? std::string(error.what())
                                              : fmt::format("{} Saved at step {}.", error.what(), saved.newest()->step),
                    "Resume the run when they are back.");
    }
}

Trainer::Ended Trainer::trainEpoch() {
    do
        if (trainStretch() == Ended::Stopped)
            return Ended::Stopped;
    while (m_state.samplesInEpoch < m_epochs.samples);
    return Ended::Done;
}

Trainer::Ended Trainer::trainStretch() {
    const TrainerState before = m_state;
    (void)followKnobs();
    const auto batches = trainingBatches();
    const std::stop_callback cancel(ownStop(), [&batches] { batches->cancel(); });
    m_read = 0;
    while (m_state.samplesInEpoch < m_epochs.samples) {
        if (pauseOrStop())
            return Ended::Stopped;
        if (followKnobs())
            break;
        const std::int64_t left = m_epochs.samples - m_state.samplesInEpoch;
        const std::int64_t group = std::min<std::int64_t>(m_epochs.accumulate, m_epochs.batching.batches(left));
        if (!addGroup(*batches, group))
            return Ended::Stopped;
        makeStep(m_epochs.batching.end(group - 1, left));
        recordArrived(TrainStep::Wait::Never);
    }
    recordArrived(TrainStep::Wait::UntilAllAreDone);
    countEpoch(*batches, before);
    return Ended::Done;
}

bool Trainer::addGroup(BatchSource& batches, std::int64_t group) {
    m_step->begin(m_state.step + 1,
                  m_insight->due(m_state.step) ? TrainStep::Gradients::Wanted : TrainStep::Gradients::Hidden,
                  m_world.size > 1 ? m_epochs.batching.sizeOfAll() * m_epochs.accumulate : 0);
    at::manual_seed(dropoutSeed());
    showPhase(Phase::Training);
    ModelBatch batch;
    for (std::int64_t i = 0; i < group; ++i) {
        const auto waiting = Clock::now();
        if (const RankDoes waits(m_pulse, RankActivity::WaitingForData);
            !batches.next(batch)) { // cancelled: the checkpoint stands before this group
            m_step->abandon();
            return false;
        }
        m_step->waitedForData(since(waiting) * 1e3);
        m_read += batch.count;
        if (batch.count == 1 && m_epochs.oneIsTooFew && !m_step->sharesBatchNorm()) {
            m_troubles.noteLone(m_data.train[static_cast<std::size_t>(batch.indices.front())].file, now());
            batch.count = 0;
        }
        m_step->addBatch(batch, group);
    }
    return true;
}

// Of a group that has so many samples for all ranks.
void Trainer::makeStep(std::int64_t samples) {
    const bool looksInside = m_insight->due(m_state.step);
    if (looksInside)
        m_insight->beforeUpdate();
    m_step->finish(learningRateAt(m_experiment.train, m_freeze->phase(), m_state.step, m_epochs.stepsPerEpoch) *
                   learningRateKnob(m_experiment.train, m_knobs, m_state.step) *
                   learningRateFactor(m_experiment.devices, m_world.size));
    ++m_state.step;
    if (m_pulse != nullptr)
        m_pulse->stepDone(m_state.step);
    m_state.samplesInEpoch += samples;
    if (looksInside)
        for (const auto& [series, value] : m_insight->afterUpdate())
            m_writer.scalar(series, m_state.step, value);
    if (m_afterStep)
        m_afterStep(*m_backbone, m_state.step);
}

void Trainer::countEpoch(const BatchSource& batches, const TrainerState& before) {
    const std::vector<BadFile> skipped = ofAllRanks(batches.skipped());
    m_troubles.noteSkipped(skipped, now());
    m_troubles.noteAway(batches.awaySeconds(), now());
    const std::int64_t read = sumOverRanks(m_read);
    if (before.samplesInEpoch > 0 || m_state.samplesInEpoch < m_epochs.samples)
        return;      // a part of an epoch says nothing of all of it
    if (read == 0) { // no epoch, and no steps
        m_state = before;
        throw Error(ErrorKind::DataGone, fmt::format("None of the {} training pictures in {} can be read.",
                                                     m_data.train.size(), m_data.root.string()));
    }
    if (batches.readsPictures())
        m_troubles.counted(Troubles::Part::Training, skipped.size());
}

void Trainer::recordArrived(TrainStep::Wait wait) {
    while (const auto step = m_step->arrived(wait)) {
        m_pace.stepDone(step->seconds);
        m_record->add(*step);
        m_writer.progress(m_state.epoch, step->number);
        m_shown.loss = step->loss;
        m_shown.samplesPerSecond = m_record->samplesPerSecond();
        report(Phase::Training);
        m_troubles.watchLoss(step->loss, m_experiment.train.learningRate, {step->number, m_state.epoch + 1});
    }
}

bool Trainer::pauseOrStop() {
    enum Wish { GoOn, Save, Pause, Stop, Follow };
    const auto asked = [this]() -> std::int64_t {
        if (m_control.stopRequested())
            return Stop;
        if (m_control.paused())
            return Pause;
        if (m_requests.any())
            return Follow;
        const bool due = Clock::now() - m_lastCheckpoint > kCheckpointInterval;
        return due && m_writer.summary().lastCheckpointStep != m_state.step ? Save : GoOn;
    };
    std::int64_t wish = agreed(m_group, asked());
    if (wish == Save)
        saveCheckpoint(false);
    if (wish == Pause) {
        saveCheckpoint(false);
        m_writer.paused(m_state.step);
        report(Phase::Paused);
        if (m_world.leads())
            m_control.waitWhilePaused();
        wish = agreed(m_group, asked()); // the others wait here
        m_writer.resumed(m_state.step);
    }
    if (wish == Follow)
        followRequests();
    return wish == Stop;
}

void Trainer::report(Phase phase, const std::string& message) {
    showPhase(phase);
    if (m_progress == nullptr)
        return;
    m_shown.phase = phase;
    m_shown.epoch = std::min(m_state.epoch + (phase == Phase::Finished ? 0 : 1), m_experiment.train.epochs);
    m_shown.step = m_state.step;
    m_shown.elapsedSeconds = since(m_begin);
    if (m_pace.known())
        m_shown.leftSeconds = m_pace.left(m_shown.steps - m_state.step, m_experiment.train.epochs - m_state.epoch);
    m_shown.message = message;
    m_progress->onProgress(m_shown);
}

} // namespace engine
