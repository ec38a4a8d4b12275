#include "engine/train/trainer.h"

#include "engine/base/hash.h"
#include "engine/data/dataset.h"
#include "engine/freeze/presets.h"
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
// Epochs from a cache take less than a checkpoint: between two of them the best state waits in memory.
constexpr auto kEpochCheckpointInterval = std::chrono::seconds(2);

// What decides which epoch is the best.
MetricInfo monitorOf(const Experiment& experiment) {
    const std::string& chosen = experiment.train.monitor;
    return findMetric(chosen == "auto" ? findTask(experiment.data.task).monitor : chosen);
}

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
      m_begin(Clock::now()),
      m_lastCheckpoint(m_begin) {
    m_changed = applyChanges(m_experiment, changes, m_from.has_value());
    m_task = &taskOf(m_experiment.data.task);
    m_monitor = monitorOf(m_experiment);
    m_state.monitor = m_monitor.name;
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
    m_scope = m_compute->enter();
    loadModel();
    resume();
    begin();
    const double ready = since(m_begin);
    const int epochs = m_experiment.train.epochs;
    while (m_state.epoch < epochs) {
        takePlanChange();
        enterPhase(m_state.epoch + 1);
        if (epoch() == Ended::Stopped) {
            saveCheckpoint(false);
            m_writer.stopped(m_state.step);
            return m_writer.summary();
        }
        if (shouldStopEarly()) {
            m_writer.event("knob", m_state.step, m_state.epoch,
                           fmt::format("Ended early: no better {} in {} epochs", loweredLabel(m_monitor),
                                       m_experiment.train.earlyStoppingPatience));
            break;
        }
    }
    if (m_best && m_best->state.step == m_state.step)
        saveKeptBest();
    if (m_writer.summary().lastCheckpointStep != m_state.step)
        saveCheckpoint(false);
    m_writer.finished(m_state.step);
    report(Phase::Finished);
    if (const double speed = m_record->samplesPerSecond(); speed > 0 && m_world.size == 1) {
        const std::string& preset = m_experiment.freeze.preset;
        rememberSpeed(m_device, m_experiment.model.backbone, preset + (m_frozen->trainsFromCache() ? kFromCache : ""),
                      m_preprocess.imageSize, speed);
        rememberStart(m_device, m_experiment.model.backbone, preset, m_preprocess.imageSize,
                      ready + m_record->firstStepSeconds());
    }
    return m_writer.summary();
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
        what = fmt::format("The memory of {} ({:.1f} GB) is too small for batches of {} pictures.", m_device.id,
                           double(m_device.totalBytes) / 1e9, batch);
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
    RunStart start{.task = m_task->info().name,
                   .monitor = m_monitor.name,
                   .classes = m_data.classes,
                   .device = m_device.id,
                   .ranks = m_world.size,
                   .epochs = m_experiment.train.epochs,
                   .steps = stepsInAll(),
                   .environmentJson =
                       environmentJson(m_device, m_threads, std::string(nameOf(m_precision)), m_data, description()),
                   .firstRecorded = [this] { recordChanges(); }};
    const auto& trained = m_plan->phases()[m_plan->phaseOf(m_state.epoch + 1)].trained;
    for (const auto& item : m_backbone->named_parameters()) {
        start.parameters += item.value().numel();
        start.trainableParameters += trained.contains(item.key()) ? item.value().numel() : 0;
    }
    m_step->usePixels({m_preprocess, m_compute->place()});
    m_writer.started(start, m_from ? m_state.step : -1);
    m_shown.monitor = m_monitor.name;
    m_shown.epochs = m_experiment.train.epochs;
    m_shown.steps = start.steps;
}

void Trainer::takePlanChange() {
    const auto change = m_control.takeFreezeChange();
    if (!change)
        return;
    if (m_world.size > 1) {
        m_writer.event("warning", m_state.step, m_state.epoch + 1,
                       fmt::format("{} Several ranks train this run together.", kFreezeRefused));
        return;
    }
    const int epochs = m_experiment.train.epochs;
    // An epoch that has begun goes on as it was.
    const int first = std::max(change->fromEpoch, m_state.epoch + (m_state.samplesInEpoch > 0 ? 2 : 1));
    try {
        const BackboneLayout layout = layoutOf(*m_backbone);
        FreezeSettings next = m_experiment.freeze;
        next.phases = joinedPlan(phasesOf(m_experiment.freeze, epochs, layout),
                                 phasesOf(change->settings, epochs, layout), first);
        next.preset = "by-hand";
        auto plan = std::make_unique<FreezePlan>(next, epochs, layout);
        planEpochs(*plan);
        m_plan = std::move(plan);
        m_experiment.freeze = std::move(next);
        m_phase = m_plan->phases().size(); // none of this plan has begun
    } catch (const Error& error) {
        m_writer.event("warning", m_state.step, first, fmt::format("{} {}", kFreezeRefused, error.what()));
        return;
    }
    writeExperiment(m_experiment, m_folder / "experiment.toml");
    std::string words = change->words;
    if (words.empty())
        words = fmt::format("The freeze plan is another from epoch {} on, {} phases in all", first,
                            m_plan->phases().size());
    else if (first > change->fromEpoch)
        words += fmt::format("; it came in time for epoch {}", first);
    m_writer.event("knob", m_state.step, first, words);
}

void Trainer::verifyFrozen() {
    if (!m_proof || m_proof->count() == 0 || m_proof->lastVerified() == m_state.step)
        return;
    const std::int64_t before = m_proof->lastVerified();
    const std::vector<std::string> changed = m_proof->changed(m_state.step);
    const int epoch = m_state.epoch + 1;
    if (changed.empty()) {
        m_writer.event("verified", m_state.step, epoch,
                       fmt::format("{} frozen tensors are unchanged at step {}", m_proof->count(), m_state.step));
        return;
    }
    const std::string others = changed.size() > 1 ? fmt::format(" (and {} others)", changed.size() - 1) : "";
    const std::string words = fmt::format("The frozen tensor {}{} changed between steps {} and {}.", changed.front(),
                                          others, before, m_state.step);
    m_writer.event("alarm", m_state.step, epoch, words);
    saveKeptBest(); // it is from before the change
    m_unchanged.clear();
    if (m_experiment.freeze.verify == "stop")
        throw Error(ErrorKind::Internal, words,
                    "The last checkpoint is from before the change: resume the run from it, or let it go on with "
                    "freeze.verify = \"warn\".");
}

void Trainer::enterPhase(int epoch) {
    const std::size_t phase = m_plan->phaseOf(epoch);
    const bool changes = phase != m_phase;
    if (changes)
        m_unchanged.clear();
    m_phase = phase;
    m_plan->apply(*m_backbone, phase);
    m_plan->setTrainingMode(*m_backbone, phase);
    m_step->enterPhase(m_plan->phases()[phase]);
    std::map<std::string, at::Tensor> parameters;
    for (const auto& item : m_backbone->named_parameters())
        if (item.value().requires_grad())
            parameters.emplace(item.key(), item.value());
    m_optimizer->setParameters(std::move(parameters), m_plan->phases()[phase].factors);
    m_record->setStageFactors(m_plan->stageFactors(phase));
    m_insight->enterPhase(m_plan->phases()[phase]);
    if (m_experiment.freeze.verify != "off" && (changes || !m_proof)) {
        if (!m_proof)
            m_proof = std::make_unique<FrozenProof>();
        m_proof->watch(m_plan->frozenTensors(*m_backbone, phase), m_state.step);
    }
    if (changes) {
        m_pace.restart();
        m_writer.event("phase", m_state.step, epoch,
                       fmt::format("phase {} of {}: {} tensors train", phase + 1, m_plan->phases().size(),
                                   m_plan->phases()[phase].trained.size()));
    }
}

// Before the phase's first step: folds its frozen stages and, where that is wanted, computes their outputs once.
Trainer::Ended Trainer::prepareFrozen() {
    if (!m_frozen)
        m_frozen = std::make_unique<FrozenPart>(
            FrozenPart::Setting{m_experiment, *m_task, m_data, m_preprocess, m_precision, m_world}, *m_backbone,
            FrozenPart::Listeners{
                .event =
                    [this](const char* kind, const std::string& sentence) {
                        m_writer.event(kind, m_state.step, m_state.epoch + 1, sentence);
                    },
                .progress = [this](const std::string& sentence) { report(Phase::LoadingData, sentence); },
                .stop = m_control.token(),
                .stopAsked = [this] { return pauseOrStop(); }});
    const auto& phases = m_plan->phases();
    const FreezePlan::Phase& phase = phases[m_phase];
    const int end = m_phase + 1 < phases.size() ? phases[m_phase + 1].fromEpoch : m_experiment.train.epochs + 1;
    // All of the phase's epochs count, so that a resumed run decides as the unbroken one.
    const auto ended =
        m_frozen->enter(phase.firstTrainedStage, std::min(end, m_experiment.train.epochs + 1) - phase.fromEpoch);
    m_step->usePrefix(m_frozen->prefix());
    m_troubles.noteSkipped(m_frozen->skipped(), now());
    return ended == FrozenPart::Ended::Stopped ? Ended::Stopped : Ended::Done;
}

std::unique_ptr<BatchSource> Trainer::trainingBatches() const {
    if (auto kept = m_frozen->training(m_state.epoch, m_state.samplesInEpoch, m_batching))
        return kept;
    return std::make_unique<PictureSource>(
        m_data, Targets(*m_task, m_data.train, m_data.classes),
        PictureLoading{.batchSize = m_batching.size,
                       .single = m_batching.single,
                       .world = m_world,
                       .preprocess = m_preprocess,
                       .augmentation = m_experiment.data.augmentation,
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
        m_data, Targets(*m_task, m_data.validation, m_data.classes),
        PictureLoading{.batchSize = m_experiment.train.batchSize,
                       .world = m_world,
                       .preprocess = m_preprocess,
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
        saveCheckpoint(false);
        throw Error(ErrorKind::DataGone, fmt::format("{} Saved at step {}.", error.what(), m_state.step),
                    "Resume the run when they are back.");
    }
}

Trainer::Ended Trainer::trainEpoch() {
    const TrainSettings& settings = m_experiment.train;
    const TrainerState atBegin = m_state;
    std::int64_t read = 0;
    const auto batches = trainingBatches();
    const std::stop_callback cancel(ownStop(), [&batches] { batches->cancel(); });
    ModelBatch batch;
    const auto count = static_cast<std::int64_t>(m_data.train.size());
    while (m_state.samplesInEpoch < count) {
        if (pauseOrStop())
            return Ended::Stopped;
        const bool looksInside = m_insight->due(m_state.step);
        const std::int64_t left = count - m_state.samplesInEpoch;
        const std::int64_t group = std::min<std::int64_t>(settings.accumulate, m_batching.batches(left));
        const std::int64_t samples = m_batching.end(group - 1, left);
        m_step->begin(m_state.step + 1, looksInside ? TrainStep::Gradients::Wanted : TrainStep::Gradients::Hidden,
                      m_world.size > 1 ? m_batching.sizeOfAll() * settings.accumulate : 0);
        at::manual_seed(dropoutSeed());
        for (std::int64_t i = 0; i < group; ++i) {
            const auto waiting = Clock::now();
            if (!batches->next(batch)) { // cancelled: the checkpoint stands before this group
                m_step->abandon();
                return Ended::Stopped;
            }
            m_step->waitedForData(since(waiting) * 1e3);
            read += batch.count;
            if (batch.count == 1 && m_oneIsTooFew) {
                m_troubles.noteLone(m_data.train[static_cast<std::size_t>(batch.indices.front())].file, now());
                batch.count = 0;
            }
            m_step->addBatch(batch, group);
        }
        const double rate = learningRateAt(settings, m_plan->phases()[m_phase], m_state.step, m_stepsPerEpoch);
        if (looksInside)
            m_insight->beforeUpdate();
        m_step->finish(rate);
        ++m_state.step;
        m_state.samplesInEpoch += samples;
        if (looksInside)
            for (const auto& [series, value] : m_insight->afterUpdate())
                m_writer.scalar(series, m_state.step, value);
        if (m_afterStep)
            m_afterStep(*m_backbone, m_state.step);
        recordArrived(TrainStep::Wait::Never);
        if (Clock::now() - m_lastCheckpoint > kCheckpointInterval)
            saveCheckpoint(false);
    }
    recordArrived(TrainStep::Wait::UntilAllAreDone);
    const std::vector<BadFile> skipped = ofAllRanks(batches->skipped());
    m_troubles.noteSkipped(skipped, now());
    m_troubles.noteAway(batches->awaySeconds(), now());
    read = sumOverRanks(read);
    if (atBegin.samplesInEpoch > 0)
        return Ended::Done;
    if (read == 0) { // no epoch, and no steps
        m_state = atBegin;
        throw Error(ErrorKind::DataGone, fmt::format("None of the {} training pictures in {} can be read.",
                                                     m_data.train.size(), m_data.root.string()));
    }
    if (batches->readsPictures())
        m_troubles.counted(Troubles::Part::Training, skipped.size());
    return Ended::Done;
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

Trainer::Ended Trainer::validate() {
    verifyFrozen();
    shareBuffers();
    report(Phase::Validating);
    const auto begin = Clock::now();
    const auto batches = validationBatches();
    const auto folded = m_frozen->forValidation();
    const auto meter = m_task->meter(m_data.classes);
    const AnsweringModel model{.device = *m_compute,
                               .backbone = *m_backbone,
                               .prefix = folded ? folded.get() : m_frozen->prefix(),
                               .pixels = {m_preprocess, m_compute->place()},
                               .precision = m_precision,
                               .group = m_world.size > 1 ? &m_group : nullptr};
    auto result = validateSamples(model, *batches, Targets(*m_task, m_data.validation, m_data.classes), *meter,
                                  ownStop(), [this](std::int64_t) { report(Phase::Validating); });
    if (!result)
        return Ended::Stopped;
    result->skipped = ofAllRanks(std::move(result->skipped));
    m_pace.validationDone(since(begin));
    m_troubles.noteSkipped(result->skipped, now());
    m_troubles.noteAway(result->awaySeconds, now());
    const Judgement& judgement = result->judgement;
    if (judgement.samples.empty())
        throw Error(ErrorKind::DataGone, fmt::format("None of the {} validation pictures in {} can be read.",
                                                     m_data.validation.size(), m_data.root.string()));
    if (batches->readsPictures())
        m_troubles.counted(Troubles::Part::Validation, result->skipped.size());

    const int epoch = ++m_state.epoch;
    m_state.samplesInEpoch = 0;
    const bool best = improves(judgement) && notFinite(*m_backbone).empty();
    const double value = judgement.values.at(m_monitor.name);
    if (best && isBetter(m_monitor, value, m_state.bestValue))
        m_state.improvedAt = epoch;
    if (best) {
        m_state.bestValue = value;
        m_state.bestLoss = result->loss();
        m_state.bestEpoch = epoch;
    }
    m_thresholds = judgement.thresholds;
    recordValidation(judgement, epoch, best);
    m_shown.monitored = value;
    if (Clock::now() - m_lastCheckpoint > kEpochCheckpointInterval)
        saveCheckpoint(best);
    else if (best)
        keepBest();
    return Ended::Done;
}

void Trainer::recordValidation(const Judgement& judgement, int epoch, bool best) {
    std::map<std::string, double> values;
    for (const auto& [metric, value] : judgement.values)
        values[validationSeries(metric)] = value;
    for (const auto& [name, value] : values)
        m_writer.scalar(name, m_state.step, value);
    for (const auto& [metric, ofClasses] : judgement.perClass) {
        const std::string series = validationSeries(metric);
        m_writer.classValues(series, m_state.step, ofClasses);
        for (std::size_t i = 0; i < m_data.classes.size(); ++i)
            if (!std::isnan(ofClasses[i]))
                values[fmt::format("{}/{}", series, m_data.classes[i])] = ofClasses[i];
    }
    m_writer.samples(epoch, judgement.samples);
    m_writer.epochDone(epoch, m_state.step, values, best);
    const double loss = judgement.values.at("loss");
    const std::string reached = m_monitor.name == "loss"
                                    ? std::string()
                                    : fmt::format("{} {}, ", loweredLabel(m_monitor),
                                                  metricWords(m_monitor, judgement.values.at(m_monitor.name)));
    m_writer.event("epoch", m_state.step, epoch,
                   std::isfinite(loss) ? fmt::format("epoch {}: validation {}loss {:.4f}{}", epoch, reached, loss,
                                                     best ? ", the best so far" : "")
                                       : fmt::format("epoch {}: the validation loss is not a number", epoch));
}

bool Trainer::improves(const Judgement& judgement) const {
    const double loss = judgement.values.at("loss");
    if (!std::isfinite(loss))
        return false;
    // A best without a finite loss is of a run that an older program began.
    if (m_state.bestEpoch == 0 || !std::isfinite(m_state.bestLoss))
        return true;
    const double value = judgement.values.at(m_monitor.name);
    return isBetter(m_monitor, value, m_state.bestValue) || (value == m_state.bestValue && loss < m_state.bestLoss);
}

bool Trainer::shouldStopEarly() const {
    const int patience = m_experiment.train.earlyStoppingPatience;
    return patience > 0 && m_state.epoch - m_state.improvedAt >= patience && m_state.epoch < m_experiment.train.epochs;
}

void Trainer::keepBest() {
    if (!m_world.leads())
        return;
    std::set<std::string> unchanged;
    for (const NamedTensor& tensor : m_plan->frozenTensors(*m_backbone, m_phase))
        unchanged.insert(tensor.name);
    m_best = keepState(*m_backbone, *m_optimizer, m_state, unchanged, m_unchanged);
    m_bestThresholds = m_thresholds;
}

void Trainer::saveKeptBest() {
    if (!m_best)
        return;
    const std::int64_t step = m_best->state.step;
    if (!m_world.leads()) {
        m_best.reset();
        return;
    }
    m_writer.flush();
    ModelDescription described = description();
    described.thresholds = m_bestThresholds;
    writeCheckpoint(checkpointFolder(m_folder, step), *m_best, described);
    m_writer.checkpointDone(step);
    m_best.reset();
}

void Trainer::saveCheckpoint(bool best) {
    if (best)
        m_best.reset();
    recordArrived(TrainStep::Wait::UntilAllAreDone);
    verifyFrozen(); // before the good checkpoint is replaced
    report(Phase::Saving);
    m_troubles.noteCheckpoint(notFinite(*m_backbone), now());
    saveKeptBest();
    m_lastCheckpoint = Clock::now();
    if (!m_world.leads())
        return;
    m_writer.flush();
    writeCheckpoint(checkpointFolder(m_folder, m_state.step), *m_backbone, *m_optimizer, m_state, description());
    m_writer.checkpointDone(m_state.step);
    m_lastCheckpoint = Clock::now();
}

ModelDescription Trainer::description() const {
    return {.backbone = m_experiment.model.backbone,
            .classes = m_data.classes,
            .task = m_task->info().name,
            .thresholds = m_thresholds,
            .preprocess = m_preprocess,
            .adapters = m_plan->adapters(),
            .program = m_program,
            .numerics = m_backbone->numerics()};
}

bool Trainer::pauseOrStop() {
    enum Wish { GoOn, Pause, Stop };
    const auto asked = [this]() -> std::int64_t {
        return m_control.stopRequested() ? Stop : m_control.paused() ? Pause : GoOn;
    };
    std::int64_t wish = agreed(m_group, asked());
    if (wish == Pause) {
        saveCheckpoint(false);
        m_writer.paused(m_state.step);
        report(Phase::Paused);
        if (m_world.leads())
            m_control.waitWhilePaused();
        wish = agreed(m_group, asked()); // the others wait here
        m_writer.resumed(m_state.step);
    }
    return wish == Stop;
}

void Trainer::report(Phase phase, const std::string& message) {
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
