// How a training begins or goes on: model, weights, checkpoint and the plan of its epochs.
#include "engine/api/hub.h"
#include "engine/models/load.h"
#include "engine/models/ownmodel.h"
#include "engine/runs/devicechoice.h"
#include "engine/train/batchneeds.h"
#include "engine/train/place.h"
#include "engine/train/precision.h"
#include "engine/train/trainer.h"

#include <algorithm>
#include <fmt/format.h>
#include <thread>
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
    m_device = m_compute->info();
    for (const Finding& finding : deviceFindings(m_experiment.devices.use))
        m_notes.push_back(words(finding));
    const int cores = static_cast<int>(std::thread::hardware_concurrency()) / m_world.localSize;
    m_threads = m_experiment.devices.threads > 0 ? m_experiment.devices.threads : std::max(1, cores);
    m_record = std::make_unique<StepRecord>(m_writer, *m_compute, m_task->stepMetrics());
    at::set_num_threads(m_threads);
    refuseProblems(precisionFindings(m_experiment.train, m_device));
    m_precision = pickPrecision(m_experiment.train, m_device);

    const BackboneInfo& info = findBackbone(m_experiment.model.backbone);
    m_program = programChecksum(info.name);
    m_backbone = makeBackbone(info.name, static_cast<int>(m_task->outputs(m_data.classes)), m_experiment.seed);
    m_plan = std::make_unique<FreezePlan>(m_experiment.freeze, m_experiment.train.epochs, *m_backbone);
    m_optimizer = makeOptimizer(m_experiment.train);

    const std::int64_t group =
        std::int64_t{m_experiment.train.batchSize} * m_experiment.train.accumulate * m_world.size;
    const std::int64_t steps = static_cast<std::int64_t>(m_data.train.size()) / group * m_experiment.train.epochs;
    const bool many = steps >= kStepsWorthTrials;
    m_step = std::make_unique<TrainStep>(
        *m_compute, *m_backbone, *m_optimizer,
        TrainStep::Settings{.task = m_task,
                            .group = &m_group,
                            .labelSmoothing = m_experiment.train.labelSmoothing,
                            .precision = m_precision,
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
        const HeadChoice head = chooseHead(m_experiment.model.head, weights, info.name, m_data.classes);
        if (!m_from)
            refuseProblems(head.findings);
        const WeightsReport loaded = loadWeights(*m_backbone, weights, head.keep);
        if (!head.rows.empty())
            pickHeadRows(*m_backbone, head.rows);
        if (!m_from && m_preprocess != preprocessFor(info, size))
            m_writer.event(
                "phase", 0, 0,
                fmt::format("Pictures are prepared as the files beside the weights say: {}", words(m_preprocess)));
        const StatedPreprocess stated = statedPreprocess(weights);
        if (!m_from && !stated.problem.empty())
            m_writer.event("warning", 0, 0, stated.problem);
        if (!m_from)
            for (const std::string& sentence : stated.notFollowed)
                m_writer.event("warning", 0, 0, sentence);
        if (!m_from)
            m_writer.event("phase", 0, 0,
                           fmt::format("{}: {} tensors loaded{}. {}", weights.filename().string(),
                                       loaded.matched + loaded.renamed + loaded.reshaped,
                                       head.keep ? ", the head among them" : "", weightsWords(loaded)));
        if (!m_from && !loaded.numerics.empty())
            m_writer.event(
                "phase", 0, 0,
                fmt::format("These weights are computed as {} does: {}", libraryName(loaded.library), loaded.numerics));
        for (const std::string& note : loaded.notes)
            if (!m_from)
                m_writer.event("warning", 0, 0, note);
        return true;
    } catch (const Error&) {
        if (!m_from)
            throw;
        return false;
    }
}

void Trainer::resume() {
    const bool asBegun = startFromWeights();
    addAdapters(*m_backbone, m_plan->adapters(), m_experiment.seed);
    place(*m_backbone, *m_compute);
    if (asBegun)
        m_insight = std::make_unique<Insight>(*m_backbone, *m_plan, insightInterval(*m_compute));
    if (!m_from) {
        planEpochs(*m_plan);
        return;
    }
    const fs::path& last = m_from->checkpoint.folder;
    const ModelDescription described = readModelDescription(last);
    for (const DamagedCheckpoint& damaged : m_from->passedOver)
        m_notes.push_back(words(damaged, m_from->checkpoint));
    if (const std::string other = compareData(m_data, described.classes, recordedData(m_folder)); !other.empty())
        m_notes.push_back(other);
    requireSameProgram(described);
    m_preprocess = described.preprocess; // whatever stands beside the weights by now
    m_backbone->setNumerics(described.numerics);
    loadCheckpoint(*m_backbone, last / "model.safetensors");
    if (!asBegun)
        m_insight = std::make_unique<Insight>(*m_backbone, *m_plan, insightInterval(*m_compute));
    m_state = readTrainerState(last);
    if (const std::int64_t batches = std::exchange(m_state.batchInEpoch, 0); batches > 0)
        m_state.samplesInEpoch =
            std::min<std::int64_t>(batches * m_before.train.batchSize, static_cast<std::int64_t>(m_data.train.size()));
    requireEpochsLeft(m_experiment, m_state.epoch);
    m_phase = m_plan->phaseOf(m_state.epoch + 1);
    requireSameSteps();
    planEpochs(*m_plan);
    const RunSummary& was = m_writer.summary();
    const std::int64_t before = plannedSteps(
        m_before, was.steps > 0 && was.damage.empty() ? was.steps : m_stepsPerEpoch * m_before.train.epochs);
    const std::string schedule = continueSchedule(m_experiment, m_before, m_plan->phases()[m_phase],
                                                  {m_state.step, before, stepsInAll(), m_stepsPerEpoch}, m_changes);
    if (!schedule.empty())
        m_changed.push_back(schedule);
    enterPhase(m_state.epoch + 1);
    m_optimizer->loadState(WeightsFile::open(last / "optimizer.safetensors"));
    for (const std::string& note : m_notes) {
        report(Phase::LoadingWeights, note);
        report(Phase::LoadingWeights);
    }
}

// Phases with schedules of their own begin at steps that are counted from the run's beginning.
void Trainer::requireSameSteps() const {
    const TrainSettings &now = m_experiment.train, &before = m_before.train;
    const bool same = now.batchSize == before.batchSize && now.accumulate == before.accumulate;
    if (!same && std::ranges::any_of(m_plan->phases(), [](const auto& phase) { return !phase.schedule.empty(); }))
        throw Error(ErrorKind::BadInput,
                    "The batch size cannot change in a run whose phases have schedules of their own: these count steps "
                    "of this size.",
                    "Keep train.batch_size and train.accumulate, or start a new run.");
}

std::int64_t Trainer::stepsInAll() const {
    const int epochs = m_experiment.train.epochs;
    if (m_state.epoch >= epochs)
        return m_state.step;
    const std::int64_t batches =
        m_batching.batches(static_cast<std::int64_t>(m_data.train.size()) - m_state.samplesInEpoch);
    const int accumulate = m_experiment.train.accumulate;
    return m_state.step + (batches + accumulate - 1) / accumulate + m_stepsPerEpoch * (epochs - m_state.epoch - 1);
}

// With the first step that is done: until then the run is what it was.
void Trainer::recordChanges() {
    if (m_from)
        setAside(*m_from);
    for (const std::string& note : m_notes)
        m_writer.event("warning", m_state.step, m_state.epoch + 1, note);
    for (const std::string& change : m_changed)
        m_writer.event("knob", m_state.step, m_state.epoch + 1, change);
    if (!m_changed.empty())
        writeExperiment(m_experiment, m_folder / "experiment.toml");
}

void Trainer::planEpochs(const FreezePlan& plan) {
    if (m_data.validation.empty())
        throw Error(ErrorKind::BadInput, "There is no picture to validate with.",
                    "Give each class at least two pictures, or choose a validation folder.");
    const TrainSettings& settings = m_experiment.train;
    const auto count = static_cast<std::int64_t>(m_data.train.size());
    const BatchQuestion question{.plan = plan,
                                 .backbone = m_experiment.model.backbone,
                                 .imageSize = m_preprocess.imageSize,
                                 .batchSize = settings.batchSize,
                                 .pictures = count};
    for (const Finding& finding : batchFindings(question))
        throw Error(ErrorKind::BadInput, finding.message, finding.detail);
    const bool said = m_batching.joins(count) || (m_from && m_batchesPerEpoch == 0);
    m_oneIsTooFew = oneIsTooFew(plan, question.backbone, question.imageSize);
    m_batching = batchingOf(question);
    m_batching.world = m_world;
    m_batchesPerEpoch = m_batching.batches(count);
    m_stepsPerEpoch = (m_batchesPerEpoch + settings.accumulate - 1) / settings.accumulate;
    if (m_batching.joins(count) && !said)
        m_writer.event(
            "phase", m_state.step, m_state.epoch,
            "The picture that is left over in an epoch is trained with the batch before it: BatchNorm cannot "
            "be trained with one picture of this size.");
}

} // namespace engine
