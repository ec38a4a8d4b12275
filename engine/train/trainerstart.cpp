// How a training begins or goes on: model, weights, checkpoint and the plan of its epochs.
#include "engine/api/hub.h"
#include "engine/models/load.h"
#include "engine/models/ownmodel.h"
#include "engine/runs/devicechoice.h"
#include "engine/train/batchneeds.h"
#include "engine/train/classbalance.h"
#include "engine/train/place.h"
#include "engine/train/precision.h"
#include "engine/train/trainer.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace engine {
namespace fs = std::filesystem;

namespace {

// Trying kernels costs a GPU some ten seconds for a network and saves a few hundredths of each step.
constexpr std::int64_t kStepsWorthTrials = 3000;

// Looking inside a step costs less than 2 % at this interval; a GPU repeats no captured step meanwhile.
std::int64_t insightInterval(const ComputeDevice& device) { return device.answersAtOnce() ? 10 : 100; }

void refuseProblems(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings)
        if (finding.severity == Severity::Problem)
            throw Error(ErrorKind::BadInput, finding.message, finding.detail);
}

} // namespace

void Trainer::loadModel() {
    const DeviceInfo device = m_compute->info();
    for (const Finding& finding : deviceFindings(m_experiment.devices.use))
        m_notes.push_back(words(finding));
    refuseProblems(precisionFindings(m_experiment.train, device));
    const Task& task = taskOf(m_experiment.data.task);
    const auto outputs = static_cast<int>(task.outputs(m_data.classes));
    m_resolved.emplace(resolved(m_experiment, outputs, device, m_world));
    at::set_num_threads(m_resolved->threads);
    m_record = std::make_unique<StepRecord>(m_writer, *m_compute, task.stepMetrics());

    const BackboneInfo& info = findBackbone(m_experiment.model.backbone);
    m_program = programChecksum(info.name);
    m_backbone = makeBackbone(info.name, outputs, m_experiment.seed);
    m_freeze = std::make_unique<FreezeDirector>(*m_backbone, m_resolved->plan,
                                                m_experiment.freeze.verify == "off" ? FreezeDirector::Proof::Off
                                                                                    : FreezeDirector::Proof::Wanted);
    m_optimizer = makeOptimizer(m_experiment.train);

    const std::int64_t group =
        std::int64_t{m_experiment.train.batchSize} * m_experiment.train.accumulate * m_world.size;
    const std::int64_t steps = static_cast<std::int64_t>(m_data.train.size()) / group * m_experiment.train.epochs;
    const bool many = steps >= kStepsWorthTrials;
    const std::vector<double> weights = weightsOfClasses(m_experiment, m_data);
    if (!m_from && !weights.empty())
        m_writer.event(EventKind::Note, 0, 0, weightWords(weights, m_data.classes));
    m_step = std::make_unique<TrainStep>(
        *m_compute, *m_backbone, *m_optimizer,
        TrainStep::Settings{.task = m_resolved->task,
                            .group = &m_group,
                            .labelSmoothing = m_experiment.train.labelSmoothing,
                            .classWeights = weights,
                            .precision = m_resolved->precision,
                            .kernels = many ? ComputeDevice::Kernels::ByTrial : ComputeDevice::Kernels::ByRule,
                            .gradients = gradientSettings(m_experiment.devices),
                            .batchNorm = sharesBatchNorm(m_experiment.devices)
                                             ? TrainStep::Settings::BatchNorm::OfAllRanks
                                             : TrainStep::Settings::BatchNorm::OfEachRank});
}

// False where a run that goes on cannot read the weights it began with; it needs them to measure distances only.
bool Trainer::startFromWeights() {
    const std::string& chosen = m_experiment.model.weights;
    const BackboneInfo& info = m_backbone->info();
    const int size = m_experiment.data.imageSize;
    try {
        const fs::path weights =
            isHubName(chosen) ? fetchHubFile(chosen, m_control.token(), m_progress) : m_experiment.weightsPath();
        if (weights.empty())
            return true;
        m_resolved->preprocess = preprocessFor(info, weights, size);
        const HeadChoice head = chooseHead(m_experiment.model.head, weights, info.name, m_data.classes);
        if (!m_from)
            refuseProblems(head.findings);
        const WeightsReport loaded = loadWeights(*m_backbone, weights, head.keep);
        if (!head.rows.empty())
            pickHeadRows(*m_backbone, head.rows);
        if (!m_from)
            tellOfWeights(weights, loaded, head);
        return true;
    } catch (const Error&) {
        if (!m_from)
            throw;
        return false;
    }
}

void Trainer::tellOfWeights(const fs::path& weights, const WeightsReport& loaded, const HeadChoice& head) {
    const auto note = [this](const std::string& sentence) { m_writer.event(EventKind::Note, 0, 0, sentence); };
    const auto warn = [this](const std::string& sentence) { m_writer.event(EventKind::Warning, 0, 0, sentence); };
    const Preprocess& preprocess = m_resolved->preprocess;
    if (preprocess != preprocessFor(m_backbone->info(), m_experiment.data.imageSize))
        note(fmt::format("Pictures are prepared as the files beside the weights say: {}", words(preprocess)));
    const StatedPreprocess stated = statedPreprocess(weights);
    if (!stated.problem.empty())
        warn(stated.problem);
    for (const std::string& sentence : stated.notFollowed)
        warn(sentence);
    note(fmt::format("{}: {} tensors loaded{}. {}", weights.filename().string(),
                     loaded.matched + loaded.renamed + loaded.reshaped, head.keep ? ", the head among them" : "",
                     weightsWords(loaded)));
    if (!loaded.numerics.empty())
        note(fmt::format("These weights are computed as {} does: {}", libraryName(loaded.origin), loaded.numerics));
    for (const std::string& sentence : loaded.notes)
        warn(sentence);
}

void Trainer::resume() {
    const bool asBegun = startFromWeights();
    addAdapters(*m_backbone, m_freeze->plan().adapters(), m_experiment.seed);
    place(*m_backbone, *m_compute);
    const auto lookInside = [this] {
        m_insight = std::make_unique<Insight>(*m_backbone, m_freeze->plan(), insightInterval(*m_compute));
    };
    if (asBegun)
        lookInside();
    if (!m_from) {
        planTheEpochs(m_freeze->plan());
        return;
    }
    takeModelOf(m_from->checkpoint.folder);
    if (!asBegun)
        lookInside();
    goOn(m_from->checkpoint.folder);
    for (const std::string& note : m_notes) {
        report(Phase::LoadingWeights, note);
        report(Phase::LoadingWeights);
    }
}

void Trainer::takeModelOf(const fs::path& checkpoint) {
    const ModelDescription described = readModelDescription(checkpoint);
    for (const DamagedCheckpoint& damaged : m_from->passedOver)
        m_notes.push_back(words(damaged, m_from->checkpoint));
    if (const std::string other = compareData(m_data, described.classes, recordedData(m_folder)); !other.empty())
        m_notes.push_back(other);
    requireSameProgram(described);
    m_resolved->preprocess = described.preprocess; // whatever stands beside the weights by now
    m_backbone->setNumerics(described.numerics);
    loadCheckpoint(*m_backbone, checkpoint / "model.safetensors");
}

// At the place in the training that the checkpoint is of.
void Trainer::goOn(const fs::path& checkpoint) {
    const auto pictures = static_cast<std::int64_t>(m_data.train.size());
    m_state = readTrainerState(checkpoint);
    if (const std::int64_t batches = std::exchange(m_state.batchInEpoch, 0); batches > 0)
        m_state.samplesInEpoch = std::min<std::int64_t>(batches * m_before.train.batchSize, pictures);
    requireEpochsLeft(m_experiment, m_state.epoch);
    dropKnobs(m_knobs, m_changes, m_state.step);
    m_freeze->continueIn(m_state.epoch + 1);
    requireSameSteps();
    planTheEpochs(m_freeze->plan());
    const RunSummary& was = m_writer.summary();
    const std::int64_t before = plannedSteps(
        m_before, was.steps > 0 && was.damage.empty() ? was.steps : m_epochs.stepsPerEpoch * m_before.train.epochs);
    const double factor = learningRateKnob(m_before.train, m_knobs, m_state.step);
    const std::string schedule =
        continueSchedule(m_experiment, m_before, m_freeze->phase(),
                         {m_state.step, before, m_epochs.steps(m_state), m_epochs.stepsPerEpoch, factor}, m_changes);
    if (m_experiment.train.parts.size() > std::max<std::size_t>(1, m_before.train.parts.size()))
        countFrom(m_knobs, m_state.step, factor);
    if (!schedule.empty())
        m_changed.push_back(schedule);
    enterPhase(m_state.epoch + 1);
    m_step->setOptimizerStates(statesIn(WeightsFile::open(checkpoint / "optimizer.safetensors")));
}

// Phases with schedules of their own begin at steps that are counted from the run's beginning.
void Trainer::requireSameSteps() const {
    const TrainSettings &now = m_experiment.train, &before = m_before.train;
    const bool same = now.batchSize == before.batchSize && now.accumulate == before.accumulate;
    if (!same &&
        std::ranges::any_of(m_freeze->plan().phases(), [](const auto& phase) { return !phase.schedule.empty(); }))
        throw Error(ErrorKind::BadInput,
                    "The batch size cannot change in a run whose phases have schedules of their own: these count steps "
                    "of this size.",
                    "Keep train.batch_size and train.accumulate, or start a new run.");
}

// With the first step that is done: until then the run is what it was.
void Trainer::recordChanges() {
    if (m_from)
        setAside(*m_from);
    for (const std::string& note : m_notes)
        m_writer.event(EventKind::Warning, m_state.step, m_state.epoch + 1, note);
    for (const std::string& change : m_changed)
        m_writer.event(EventKind::Knob, m_state.step, m_state.epoch + 1, change);
    if (m_changed.empty())
        return;
    writeExperiment(m_experiment, m_folder / "experiment.toml");
    if (m_knobs != readKnobs(m_folder))
        writeKnobs(m_knobs, m_folder);
}

void Trainer::planTheEpochs(const FreezePlan& plan) {
    if (m_data.validation.empty())
        throw Error(ErrorKind::BadInput, "There is no picture to validate with.",
                    "Give each class at least two pictures, or choose a validation folder.");
    const auto count = static_cast<std::int64_t>(m_data.train.size());
    refuseProblems(epochFindings(*m_resolved, plan, count));
    const bool said = m_epochs.batching.joins(count) || (m_from && m_epochs.batchesPerEpoch == 0);
    m_epochs = planEpochs(*m_resolved, plan, count);
    if (m_epochs.batching.joins(count) && !said)
        m_writer.event(
            EventKind::Note, m_state.step, m_state.epoch,
            "The picture that is left over in an epoch is trained with the batch before it: BatchNorm cannot "
            "be trained with one picture of this size.");
}

} // namespace engine
