#include "engine/train/trainer.h"

#include "engine/api/hub.h"
#include "engine/base/hash.h"
#include "engine/device/procfs.h"
#include "engine/models/load.h"
#include "engine/train/batchtensor.h"
#include "engine/train/environment.h"
#include "engine/train/loss.h"
#include "engine/train/precision.h"
#include "engine/train/schedule.h"
#include "engine/train/speedbook.h"

#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kDropoutStream = 0xd509; // of the seed, for what is drawn inside a step
constexpr auto kCheckpointInterval = std::chrono::seconds(60);
constexpr int kBadLossesAllowed = 3;

double since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Convolution weights in the order in which the pictures lie.
void layOutChannelsLast(Backbone& backbone) {
    const torch::NoGradGuard noGrad;
    for (at::Tensor& parameter : backbone.parameters())
        if (parameter.dim() == 4)
            parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
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
        m_experiment.train.epochs = epochs;
        writeExperiment(m_experiment, folder / "experiment.toml");
    }
}

RunSummary Trainer::run() {
    report(Phase::LoadingData);
    m_data = openImageFolder(m_experiment);
    report(Phase::LoadingWeights);
    loadModel();
    resume();
    begin();
    const int epochs = m_experiment.train.epochs;
    while (m_state.epoch < epochs) {
        enterPhase(m_state.epoch + 1);
        if (trainEpoch() == Ended::Stopped || validate() == Ended::Stopped) {
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
    m_writer.finished(m_state.step);
    report(Phase::Finished);
    if (m_samplesPerSecond > 0)
        rememberSpeed(m_experiment.model.backbone, m_experiment.freeze.preset, m_preprocess.imageSize,
                      m_samplesPerSecond);
    return m_writer.summary();
}

void Trainer::fail(const Error& error) { m_writer.failed(error, m_state.step); }

void Trainer::loadModel() {
    m_device = devices().front();
    m_threads = m_experiment.devices.threads > 0 ? m_experiment.devices.threads : m_device.cores;
    at::set_num_threads(m_threads);
    m_bf16 = pickPrecision(m_experiment.train, m_device.bf16) == "bf16";

    const BackboneInfo& info = findBackbone(m_experiment.model.backbone);
    m_preprocess = preprocessFor(info, m_experiment.data.imageSize);
    m_backbone = makeBackbone(info.name, static_cast<int>(m_data.classes.size()), m_experiment.seed);
    m_plan = std::make_unique<FreezePlan>(m_experiment.freeze, *m_backbone);
    m_optimizer = makeOptimizer(m_experiment.train);

    const std::int64_t count = static_cast<std::int64_t>(m_data.train.size());
    m_batchesPerEpoch = (count + m_experiment.train.batchSize - 1) / m_experiment.train.batchSize;
    m_stepsPerEpoch = (m_batchesPerEpoch + m_experiment.train.accumulate - 1) / m_experiment.train.accumulate;
}

void Trainer::resume() {
    const fs::path last = m_folder / "last";
    std::error_code code;
    m_resumed = fs::exists(last / "trainer_state.json", code);
    if (!m_resumed) {
        const std::string& chosen = m_experiment.model.weights;
        const fs::path weights =
            isHubName(chosen) ? fetchHubFile(chosen, m_control.token(), m_progress) : m_experiment.weightsPath();
        if (!weights.empty()) {
            const WeightsReport loaded = loadWeights(*m_backbone, weights, false);
            m_writer.event("phase", 0, 0,
                           fmt::format("{}: {} tensors loaded, {:.0f} % of the backbone pretrained",
                                       weights.filename().string(), loaded.matched + loaded.renamed + loaded.reshaped,
                                       100 * loaded.pretrainedShare));
        }
        layOutChannelsLast(*m_backbone);
        return;
    }
    const ModelDescription described = readModelDescription(last);
    if (described.classes != m_data.classes)
        throw Error(ErrorKind::BadInput,
                    fmt::format("The data has {} classes now, other than the {} this run began with.",
                                m_data.classes.size(), described.classes.size()),
                    "Restore the class folders or start a new run.");
    loadCheckpoint(*m_backbone, last / "model.safetensors");
    layOutChannelsLast(*m_backbone);
    m_state = readTrainerState(last);
    m_phase = m_plan->phaseOf(m_state.epoch + 1);
    enterPhase(m_state.epoch + 1);
    m_optimizer->loadState(WeightsFile::open(last / "optimizer.safetensors"));
}

void Trainer::begin() {
    m_stages = m_backbone->stages();
    RunStart start{.classes = m_data.classes,
                   .device = m_device.id,
                   .epochs = m_experiment.train.epochs,
                   .steps = m_stepsPerEpoch * m_experiment.train.epochs,
                   .environmentJson = environmentJson(m_device, m_threads, m_bf16 ? "bf16" : "fp32", m_data)};
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

void Trainer::enterPhase(int epoch) {
    const std::size_t phase = m_plan->phaseOf(epoch);
    const bool changes = phase != m_phase;
    m_phase = phase;
    m_plan->apply(*m_backbone, phase);
    m_plan->setTrainingMode(*m_backbone, phase);
    std::map<std::string, at::Tensor> parameters;
    for (const auto& item : m_backbone->named_parameters())
        if (item.value().requires_grad())
            parameters.emplace(item.key(), item.value());
    m_optimizer->setParameters(std::move(parameters));
    if (changes) {
        m_pace.restart();
        m_writer.event("phase", m_state.step, epoch,
                       fmt::format("phase {} of {}: {} tensors train", phase + 1, m_plan->phases().size(),
                                   m_plan->phases()[phase].trained.size()));
    }
}

Trainer::Ended Trainer::trainEpoch() {
    const TrainSettings& settings = m_experiment.train;
    Loader loader(m_data, m_data.train,
                  {.batchSize = settings.batchSize,
                   .preprocess = m_preprocess,
                   .augmentation = m_experiment.data.augmentation,
                   .training = true,
                   .seed = m_experiment.seed,
                   .epoch = m_state.epoch,
                   .firstBatch = m_state.batchInEpoch,
                   .workers = m_experiment.data.workers});
    const std::stop_callback cancel(m_control.token(), [&loader] { loader.cancel(); });
    Batch batch;
    while (m_state.batchInEpoch < m_batchesPerEpoch) {
        if (pauseOrStop())
            return Ended::Stopped;
        const auto begin = Clock::now();
        const std::int64_t group =
            std::min<std::int64_t>(settings.accumulate, m_batchesPerEpoch - m_state.batchInEpoch);
        at::manual_seed(deriveSeed(m_experiment.seed, kDropoutStream, static_cast<std::uint64_t>(m_state.step)));
        Step step;
        for (std::int64_t i = 0; i < group; ++i) {
            const auto waiting = Clock::now();
            if (!loader.next(batch)) // cancelled: the checkpoint stands before this group
                return Ended::Stopped;
            step.dataMs += since(waiting) * 1e3;
            computeBatch(batch, group, step);
        }
        const double rate = m_plan->phases()[m_phase].learningRateFactor *
                            learningRateAt(settings, m_state.step, m_stepsPerEpoch * settings.epochs);
        finishStep(step, rate);
        ++m_state.step;
        m_state.batchInEpoch += group;
        record(step, rate, since(begin));
        watchLoss(step.loss);
        if (Clock::now() - m_lastCheckpoint > kCheckpointInterval)
            saveCheckpoint(false);
    }
    noteSkipped(loader.skipped());
    return Ended::Done;
}

void Trainer::computeBatch(const Batch& batch, std::int64_t batchesInGroup, Step& step) {
    if (batch.count == 0)
        return; // none of its pictures can be read
    const auto begin = Clock::now();
    const AutocastGuard autocast(m_bf16);
    at::Tensor value = pixelTensor(batch);
    const std::size_t first = m_plan->phases()[m_phase].firstTrainedStage;
    {
        const torch::NoGradGuard frozen;
        for (std::size_t i = 0; i < first; ++i)
            value = m_stages[i].forward(value);
    }
    for (std::size_t i = first; i < m_stages.size(); ++i)
        value = m_stages[i].forward(value);
    const at::Tensor labels = labelTensor(batch);
    at::Tensor loss = crossEntropy(value, labels, m_experiment.train.labelSmoothing);
    const double lossValue = loss.item<double>();
    step.right += value.detach().argmax(1).eq(labels).sum().item<std::int64_t>();
    step.forwardMs += since(begin) * 1e3;
    const auto backward = Clock::now();
    if (std::isfinite(lossValue))
        (batchesInGroup > 1 ? loss / batchesInGroup : loss).backward();
    step.backwardMs += since(backward) * 1e3;
    step.loss += lossValue / static_cast<double>(batchesInGroup);
    step.samples += batch.count;
}

void Trainer::finishStep(Step& step, double learningRate) {
    const auto begin = Clock::now();
    if (std::isfinite(step.loss)) // a broken gradient would spoil every weight it reaches
        m_optimizer->step(learningRate);
    m_optimizer->zeroGradients();
    step.optimizerMs = since(begin) * 1e3;
}

void Trainer::record(const Step& step, double learningRate, double seconds) {
    const std::int64_t at = m_state.step;
    m_pace.stepDone(seconds);
    m_writer.scalar("learning_rate", at, learningRate);
    if (step.samples > 0) {
        const double speed = static_cast<double>(step.samples) / seconds;
        m_samplesPerSecond = m_samplesPerSecond == 0 ? speed : 0.9 * m_samplesPerSecond + 0.1 * speed;
        m_writer.scalar("train/loss", at, step.loss);
        m_writer.scalar("train/accuracy", at, double(step.right) / double(step.samples));
        m_writer.scalar("throughput/samples_per_s", at, speed);
    }
    m_writer.scalar("memory/" + m_device.id + "/used_bytes", at, static_cast<double>(procfs::processBytes()));
    m_writer.scalar("step_time/data_ms", at, step.dataMs);
    m_writer.scalar("step_time/forward_ms", at, step.forwardMs);
    m_writer.scalar("step_time/backward_ms", at, step.backwardMs);
    m_writer.scalar("step_time/optimizer_ms", at, step.optimizerMs);
    m_writer.progress(m_state.epoch, at);
    m_shown.loss = step.loss;
    m_shown.samplesPerSecond = m_samplesPerSecond;
    report(Phase::Training);
}

void Trainer::watchLoss(double loss) {
    if (std::isfinite(loss)) {
        m_badLosses = 0;
        return;
    }
    m_writer.event("warning", m_state.step, m_state.epoch + 1, "The loss is not a number; this step changed nothing.");
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
    report(Phase::Validating);
    const auto begin = Clock::now();
    const auto result = validateSamples(*m_backbone, m_data, m_data.validation,
                                        {.batchSize = m_experiment.train.batchSize,
                                         .workers = m_experiment.data.workers,
                                         .bf16 = m_bf16,
                                         .preprocess = m_preprocess},
                                        m_control.token(), [this](std::int64_t) { report(Phase::Validating); });
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
    saveCheckpoint(best);
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

void Trainer::saveCheckpoint(bool best) {
    report(Phase::Saving);
    m_writer.flush();
    writeCheckpoint(m_writer.checkpointFolder(m_state.step), *m_backbone, *m_optimizer, m_state,
                    {m_experiment.model.backbone, m_data.classes, m_preprocess.imageSize});
    m_writer.checkpointDone(m_state.step, best);
    m_lastCheckpoint = Clock::now();
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
