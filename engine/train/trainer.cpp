#include "engine/train/trainer.h"

#include "engine/api/hub.h"
#include "engine/base/hash.h"
#include "engine/freeze/presets.h"
#include "engine/models/load.h"
#include "engine/models/ownmodel.h"
#include "engine/train/environment.h"
#include "engine/train/place.h"
#include "engine/train/precision.h"
#include "engine/train/schedule.h"
#include "engine/train/speedbook.h"

#include <cmath>
#include <fmt/format.h>
#include <map>
#include <thread>
#include <utility>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kDropoutStream = 0xd509; // of the seed, for what is drawn inside a step
constexpr auto kCheckpointInterval = std::chrono::seconds(60);
// Epochs from a cache take less than a checkpoint: between two of them the best state waits in memory.
constexpr auto kEpochCheckpointInterval = std::chrono::seconds(2);
constexpr int kBadLossesAllowed = 3;
// Trying kernels costs a GPU some ten seconds for a network and saves a few hundredths of each step.
constexpr std::int64_t kStepsWorthTrials = 3000;

// Looking inside a step costs less than 2 % at this interval; a GPU repeats no captured step meanwhile.
std::int64_t insightInterval(const ComputeDevice& device) { return device.answersAtOnce() ? 10 : 100; }

double since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

Trainer::Trainer(const fs::path& folder, RunControl& control, ProgressSink* progress, int epochs)
    : m_folder(folder),
      m_control(control),
      m_progress(progress),
      m_experiment(readExperiment(folder / "experiment.toml")),
      m_writer(folder),
      m_begin(Clock::now()),
      m_lastCheckpoint(m_begin) {
    if (epochs > 0 && epochs != m_experiment.train.epochs) {
        m_writer.event("knob", m_writer.summary().step, m_writer.summary().epoch,
                       fmt::format("Epochs {} → {}", m_experiment.train.epochs, epochs));
        // A run that has begun keeps the epochs in which it thaws.
        FreezeSettings& freeze = m_experiment.freeze;
        if (m_writer.summary().step > 0 && (freeze.preset == "gradual" || freeze.preset == "fine-tune")) {
            freeze.phases = freezePhases(freeze, m_experiment.train.epochs, m_experiment.model.backbone);
            freeze.preset = "by-hand";
        }
        m_experiment.train.epochs = epochs;
        writeExperiment(m_experiment, folder / "experiment.toml");
    }
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
    m_data = openImageFolder(m_experiment);
    report(Phase::LoadingWeights);
    m_compute = openDevice(m_experiment.devices.use);
    m_scope = m_compute->enter();
    loadModel();
    resume();
    begin();
    const double ready = since(m_begin);
    const int epochs = m_experiment.train.epochs;
    while (m_state.epoch < epochs) {
        takePlanChange();
        enterPhase(m_state.epoch + 1);
        if (prepareFrozen() == Ended::Stopped || trainEpoch() == Ended::Stopped || validate() == Ended::Stopped) {
            saveCheckpoint(false);
            m_writer.stopped(m_state.step);
            return m_writer.summary();
        }
        if (shouldStopEarly()) {
            m_writer.event(
                "knob", m_state.step, m_state.epoch,
                fmt::format("Ended early: no better accuracy in {} epochs", m_experiment.train.earlyStoppingPatience));
            break;
        }
    }
    if (m_best && m_best->state.step == m_state.step)
        saveKeptBest();
    if (m_writer.summary().lastCheckpointStep != m_state.step)
        saveCheckpoint(false);
    m_writer.finished(m_state.step);
    report(Phase::Finished);
    if (const double speed = m_record->samplesPerSecond(); speed > 0) {
        const std::string& preset = m_experiment.freeze.preset;
        rememberSpeed(m_device, m_experiment.model.backbone, preset + (m_frozen->trainsFromCache() ? kFromCache : ""),
                      m_preprocess.imageSize, speed);
        rememberStart(m_device, m_experiment.model.backbone, preset, m_preprocess.imageSize,
                      ready + m_record->firstStepSeconds());
    }
    return m_writer.summary();
}

Error Trainer::explained(const Error& error) const {
    if (error.kind() != ErrorKind::OutOfMemory || !m_compute || m_compute->answersAtOnce())
        return error;
    const int batch = m_experiment.train.batchSize;
    return {ErrorKind::OutOfMemory,
            fmt::format("The memory of {} ({:.1f} GB) is too small for batches of {} pictures.", m_device.id,
                        double(m_device.totalBytes) / 1e9, batch),
            batch > 1 ? fmt::format("A batch of {} may fit; or choose a smaller picture size.", batch / 2)
                      : "Choose a smaller picture size or backbone."};
}

void Trainer::fail(const Error& error) {
    try {
        saveKeptBest();
    } catch (const std::exception&) { // what went wrong first is what is told
    }
    m_writer.failed(error, m_state.step);
}

void Trainer::loadModel() {
    m_device = m_compute->info();
    m_threads = m_experiment.devices.threads > 0 ? m_experiment.devices.threads
                                                 : static_cast<int>(std::thread::hardware_concurrency());
    m_record = std::make_unique<StepRecord>(m_writer, *m_compute);
    at::set_num_threads(m_threads);
    m_bf16 = pickPrecision(m_experiment.train, m_device.bf16) == "bf16";

    const BackboneInfo& info = findBackbone(m_experiment.model.backbone);
    m_program = programChecksum(info.name);
    m_backbone = makeBackbone(info.name, static_cast<int>(m_data.classes.size()), m_experiment.seed);
    m_plan = std::make_unique<FreezePlan>(m_experiment.freeze, m_experiment.train.epochs, *m_backbone);
    m_optimizer = makeOptimizer(m_experiment.train);

    const std::int64_t count = static_cast<std::int64_t>(m_data.train.size());
    m_batchesPerEpoch = (count + m_experiment.train.batchSize - 1) / m_experiment.train.batchSize;
    m_stepsPerEpoch = (m_batchesPerEpoch + m_experiment.train.accumulate - 1) / m_experiment.train.accumulate;
    const bool many = m_stepsPerEpoch * m_experiment.train.epochs >= kStepsWorthTrials;
    m_step = std::make_unique<TrainStep>(
        *m_compute, *m_backbone, *m_optimizer,
        TrainStep::Settings{.labelSmoothing = m_experiment.train.labelSmoothing,
                            .bf16 = m_bf16,
                            .kernels = many ? ComputeDevice::Kernels::ByTrial : ComputeDevice::Kernels::ByRule});
}

// False where a run that goes on cannot read the weights it began with; it needs them to measure distances only.
bool Trainer::startFromWeights() {
    const std::string& chosen = m_experiment.model.weights;
    const BackboneInfo& info = m_backbone->info();
    const int size = m_experiment.data.imageSize;
    m_preprocess = preprocessFor(info, size);
    try {
        const fs::path weights =
            isHubName(chosen) ? fetchHubFile(chosen, m_control.token(), m_progress) : m_experiment.weightsPath();
        if (weights.empty())
            return true;
        m_preprocess = preprocessFor(info, weights, size);
        const WeightsReport loaded = loadWeights(*m_backbone, weights, false);
        if (!m_resumed && m_preprocess != preprocessFor(info, size))
            m_writer.event(
                "phase", 0, 0,
                fmt::format("Pictures are prepared as the files beside the weights say: {}", words(m_preprocess)));
        if (!m_resumed)
            m_writer.event("phase", 0, 0,
                           fmt::format("{}: {} tensors loaded, {:.0f} % of the backbone pretrained",
                                       weights.filename().string(), loaded.matched + loaded.renamed + loaded.reshaped,
                                       100 * loaded.pretrainedShare));
        if (!m_resumed && !loaded.numerics.empty())
            m_writer.event(
                "phase", 0, 0,
                fmt::format("These weights are computed as {} does: {}", libraryName(loaded.library), loaded.numerics));
        for (const std::string& note : loaded.notes)
            if (!m_resumed)
                m_writer.event("warning", 0, 0, note);
        return true;
    } catch (const Error&) {
        if (!m_resumed)
            throw;
        return false;
    }
}

void Trainer::resume() {
    const fs::path last = m_folder / "last";
    std::error_code code;
    m_resumed = fs::exists(last / "trainer_state.json", code);
    const bool asBegun = startFromWeights();
    addAdapters(*m_backbone, m_plan->adapters(), m_experiment.seed);
    place(*m_backbone, *m_compute);
    if (asBegun)
        m_insight = std::make_unique<Insight>(*m_backbone, *m_plan, insightInterval(*m_compute));
    if (!m_resumed)
        return;
    const ModelDescription described = readModelDescription(last);
    if (described.classes != m_data.classes)
        throw Error(ErrorKind::BadInput,
                    fmt::format("The data has {} classes now, other than the {} this run began with.",
                                m_data.classes.size(), described.classes.size()),
                    "Restore the class folders or start a new run.");
    requireSameProgram(described);
    m_preprocess = described.preprocess; // whatever stands beside the weights by now
    m_backbone->setNumerics(described.numerics);
    loadCheckpoint(*m_backbone, last / "model.safetensors");
    if (!asBegun)
        m_insight = std::make_unique<Insight>(*m_backbone, *m_plan, insightInterval(*m_compute));
    m_state = readTrainerState(last);
    m_phase = m_plan->phaseOf(m_state.epoch + 1);
    enterPhase(m_state.epoch + 1);
    m_optimizer->loadState(WeightsFile::open(last / "optimizer.safetensors"));
}

void Trainer::begin() {
    RunStart start{.classes = m_data.classes,
                   .device = m_device.id,
                   .epochs = m_experiment.train.epochs,
                   .steps = m_stepsPerEpoch * m_experiment.train.epochs,
                   .environmentJson =
                       environmentJson(m_device, m_threads, m_bf16 ? "bf16" : "fp32", m_data, description())};
    const auto& trained = m_plan->phases()[m_plan->phaseOf(m_state.epoch + 1)].trained;
    for (const auto& item : m_backbone->named_parameters()) {
        start.parameters += item.value().numel();
        start.trainableParameters += trained.contains(item.key()) ? item.value().numel() : 0;
    }
    // What an attempt without a checkpoint has recorded is taken back as well.
    const bool anything = m_resumed || m_writer.summary().step > 0;
    m_writer.started(start, anything ? m_state.step : -1);
    m_shown.epochs = m_experiment.train.epochs;
    m_shown.steps = start.steps;
}

void Trainer::takePlanChange() {
    const auto change = m_control.takeFreezeChange();
    if (!change)
        return;
    const int epochs = m_experiment.train.epochs;
    // An epoch that has begun goes on as it was.
    const int first = std::max(change->fromEpoch, m_state.epoch + (m_state.batchInEpoch > 0 ? 2 : 1));
    try {
        const BackboneLayout layout = layoutOf(*m_backbone);
        FreezeSettings next = m_experiment.freeze;
        next.phases = joinedPlan(phasesOf(m_experiment.freeze, epochs, layout),
                                 phasesOf(change->settings, epochs, layout), first);
        next.preset = "by-hand";
        m_plan = std::make_unique<FreezePlan>(next, epochs, layout);
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
            FrozenPart::Setting{m_experiment, m_data, m_preprocess, m_bf16}, *m_backbone,
            FrozenPart::Listeners{
                .event =
                    [this](const char* kind, const std::string& sentence) {
                        m_writer.event(kind, m_state.step, m_state.epoch + 1, sentence);
                    },
                .progress = [this](const std::string& sentence) { report(Phase::LoadingData, sentence); },
                .stopAsked = [this] { return pauseOrStop(); }});
    const auto& phases = m_plan->phases();
    const FreezePlan::Phase& phase = phases[m_phase];
    const int end = m_phase + 1 < phases.size() ? phases[m_phase + 1].fromEpoch : m_experiment.train.epochs + 1;
    // All of the phase's epochs count, so that a resumed run decides as the unbroken one.
    const auto ended =
        m_frozen->enter(phase.firstTrainedStage, std::min(end, m_experiment.train.epochs + 1) - phase.fromEpoch);
    m_step->usePrefix(m_frozen->prefix());
    noteSkipped(m_frozen->skipped());
    return ended == FrozenPart::Ended::Stopped ? Ended::Stopped : Ended::Done;
}

std::unique_ptr<BatchSource> Trainer::trainingBatches() const {
    if (auto kept = m_frozen->training(m_state.epoch, m_state.batchInEpoch))
        return kept;
    return std::make_unique<PictureSource>(m_data, m_data.train,
                                           LoaderOptions{.batchSize = m_experiment.train.batchSize,
                                                         .preprocess = m_preprocess,
                                                         .augmentation = m_experiment.data.augmentation,
                                                         .training = true,
                                                         .seed = m_experiment.seed,
                                                         .epoch = m_state.epoch,
                                                         .views = m_frozen->views(),
                                                         .firstBatch = m_state.batchInEpoch,
                                                         .workers = m_experiment.data.workers});
}

std::unique_ptr<BatchSource> Trainer::validationBatches() const {
    if (auto kept = m_frozen->validation())
        return kept;
    return std::make_unique<PictureSource>(m_data, m_data.validation,
                                           LoaderOptions{.batchSize = m_experiment.train.batchSize,
                                                         .preprocess = m_preprocess,
                                                         .workers = m_experiment.data.workers});
}

Trainer::Ended Trainer::trainEpoch() {
    const TrainSettings& settings = m_experiment.train;
    const auto batches = trainingBatches();
    const std::stop_callback cancel(m_control.token(), [&batches] { batches->cancel(); });
    ModelBatch batch;
    while (m_state.batchInEpoch < m_batchesPerEpoch) {
        if (pauseOrStop())
            return Ended::Stopped;
        const bool looksInside = m_insight->due(m_state.step);
        m_step->begin(m_state.step + 1, looksInside ? TrainStep::Gradients::Wanted : TrainStep::Gradients::Hidden);
        const std::int64_t group =
            std::min<std::int64_t>(settings.accumulate, m_batchesPerEpoch - m_state.batchInEpoch);
        at::manual_seed(deriveSeed(m_experiment.seed, kDropoutStream, static_cast<std::uint64_t>(m_state.step)));
        for (std::int64_t i = 0; i < group; ++i) {
            const auto waiting = Clock::now();
            if (!batches->next(batch)) // cancelled: the checkpoint stands before this group
                return Ended::Stopped;
            m_step->waitedForData(since(waiting) * 1e3);
            m_step->addBatch(batch, group);
        }
        const double rate = learningRateAt(settings, m_plan->phases()[m_phase], m_state.step, m_stepsPerEpoch);
        if (looksInside)
            m_insight->beforeUpdate();
        m_step->finish(rate);
        ++m_state.step;
        m_state.batchInEpoch += group;
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
    noteSkipped(batches->skipped());
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
        watchLoss(*step);
    }
}

void Trainer::watchLoss(const StepResult& step) {
    if (std::isfinite(step.loss)) {
        m_badLosses = 0;
        return;
    }
    m_writer.event("warning", step.number, m_state.epoch + 1, "The loss is not a number; this step changed nothing.");
    if (++m_badLosses >= kBadLossesAllowed)
        throw Error(ErrorKind::Diverged,
                    fmt::format("The loss has not been a number for {} steps: training diverged.", m_badLosses),
                    fmt::format("Lower the learning rate (it is {:g}) and train again; the last checkpoint is kept.",
                                m_experiment.train.learningRate));
}

void Trainer::noteSkipped(const std::vector<BadFile>& files) {
    for (const BadFile& file : files)
        if (m_skipped.insert(file.file).second)
            m_writer.event("warning", m_state.step, m_state.epoch + 1,
                           fmt::format("{} is left out: {}", file.file, file.reason));
}

Trainer::Ended Trainer::validate() {
    verifyFrozen();
    report(Phase::Validating);
    const auto begin = Clock::now();
    const auto batches = validationBatches();
    const auto folded = m_frozen->forValidation();
    const auto result = validateSamples(*m_compute, *m_backbone, folded ? folded.get() : m_frozen->prefix(), *batches,
                                        m_data.validation, m_bf16, m_control.token(),
                                        [this](std::int64_t) { report(Phase::Validating); });
    if (!result)
        return Ended::Stopped;
    m_pace.validationDone(since(begin));
    noteSkipped(result->skipped);

    const int epoch = ++m_state.epoch;
    m_state.batchInEpoch = 0;
    const bool best = improves(*result);
    if (result->accuracy > m_state.bestAccuracy)
        m_state.accuracyRoseAt = epoch;
    if (best) {
        m_state.bestAccuracy = result->accuracy;
        m_state.bestLoss = result->loss;
        m_state.bestEpoch = epoch;
    }
    std::map<std::string, double> values = {{"validation/loss", result->loss},
                                            {"validation/accuracy", result->accuracy}};
    for (std::size_t i = 0; i < m_data.classes.size(); ++i)
        if (std::isfinite(result->perClassAccuracy[i]))
            values["validation/accuracy/" + m_data.classes[i]] = result->perClassAccuracy[i];
    for (const auto& [name, value] : values)
        m_writer.scalar(name, m_state.step, value);
    m_writer.samples(epoch, result->samples);
    m_writer.epochDone(epoch, m_state.step, values, best);
    m_writer.event("epoch", m_state.step, epoch,
                   fmt::format("epoch {}: validation accuracy {:.1f} %, loss {:.4f}{}", epoch, 100 * result->accuracy,
                               result->loss, best ? ", the best so far" : ""));
    m_shown.validationAccuracy = result->accuracy;
    if (Clock::now() - m_lastCheckpoint > kEpochCheckpointInterval)
        saveCheckpoint(best);
    else if (best)
        keepBest();
    return Ended::Done;
}

bool Trainer::improves(const ValidationResult& result) const {
    if (m_state.bestEpoch == 0 || result.accuracy > m_state.bestAccuracy)
        return true;
    return result.accuracy == m_state.bestAccuracy && result.loss < m_state.bestLoss;
}

bool Trainer::shouldStopEarly() const {
    const int patience = m_experiment.train.earlyStoppingPatience;
    return patience > 0 && m_state.epoch - m_state.accuracyRoseAt >= patience &&
           m_state.epoch < m_experiment.train.epochs;
}

void Trainer::keepBest() {
    std::set<std::string> unchanged;
    for (const NamedTensor& tensor : m_plan->frozenTensors(*m_backbone, m_phase))
        unchanged.insert(tensor.name);
    m_best = keepState(*m_backbone, *m_optimizer, m_state, unchanged, m_unchanged);
}

void Trainer::saveKeptBest() {
    if (!m_best)
        return;
    const std::int64_t step = m_best->state.step;
    m_writer.flush();
    writeCheckpoint(m_writer.checkpointFolder(step), *m_best, description());
    m_writer.checkpointDone(step, true);
    m_best.reset();
}

void Trainer::saveCheckpoint(bool best) {
    if (best)
        m_best.reset();
    recordArrived(TrainStep::Wait::UntilAllAreDone);
    verifyFrozen(); // before the good checkpoint is replaced
    report(Phase::Saving);
    saveKeptBest();
    m_writer.flush();
    writeCheckpoint(m_writer.checkpointFolder(m_state.step), *m_backbone, *m_optimizer, m_state, description());
    m_writer.checkpointDone(m_state.step, best);
    m_lastCheckpoint = Clock::now();
}

ModelDescription Trainer::description() const {
    return {.backbone = m_experiment.model.backbone,
            .classes = m_data.classes,
            .preprocess = m_preprocess,
            .adapters = m_plan->adapters(),
            .program = m_program,
            .numerics = m_backbone->numerics()};
}

bool Trainer::pauseOrStop() {
    if (m_control.paused() && !m_control.stopRequested()) {
        saveCheckpoint(false);
        m_writer.paused(m_state.step);
        report(Phase::Paused);
        m_control.waitWhilePaused();
        m_writer.resumed(m_state.step);
    }
    return m_control.stopRequested();
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
