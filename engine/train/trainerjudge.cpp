// Validation, what it decides, and what is kept of a training: checkpoints.
#include "engine/runs/checkpoints.h"
#include "engine/train/finite.h"
#include "engine/train/trainer.h"

#include <cmath>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace engine {
namespace {

// Epochs from a cache take less than a checkpoint: between two of them the best state waits in memory.
constexpr auto kEpochCheckpointInterval = std::chrono::seconds(2);

} // namespace

Trainer::Ended Trainer::validate() {
    verifyFrozen();
    shareBuffers();
    report(Phase::Validating);
    const auto begin = Clock::now();
    const auto batches = validationBatches();
    const auto folded = m_frozen->forValidation();
    const auto meter = m_resolved->task->meter(m_data.classes);
    const AnsweringModel model{.device = *m_compute,
                               .backbone = *m_backbone,
                               .prefix = folded ? folded.get() : m_frozen->prefix(),
                               .pixels = {m_resolved->preprocess, m_compute->place()},
                               .precision = m_resolved->precision,
                               .group = m_world.size > 1 ? &m_group : nullptr};
    auto result = validateSamples(model, *batches, Targets(*m_resolved->task, m_data.validation, m_data.classes),
                                  *meter, ownStop(), [this](std::int64_t) { report(Phase::Validating); });
    if (!result)
        return Ended::Stopped;
    result->skipped = ofAllRanks(std::move(result->skipped));
    m_pace.validationDone(std::chrono::duration<double>(Clock::now() - begin).count());
    m_troubles.noteSkipped(result->skipped, now());
    m_troubles.noteAway(result->awaySeconds, now());
    if (result->judgement.samples.empty())
        throw Error(ErrorKind::DataGone, fmt::format("None of the {} validation pictures in {} can be read.",
                                                     m_data.validation.size(), m_data.root.string()));
    if (batches->readsPictures())
        m_troubles.counted(Troubles::Part::Validation, result->skipped.size());
    judge(*result);
    return Ended::Done;
}

void Trainer::judge(const ValidationResult& result) {
    ++m_state.epoch;
    m_state.samplesInEpoch = 0;
    const Judgement& judgement = result.judgement;
    const auto model = notFinite(*m_backbone).empty() ? BestKeeper::Model::Finite : BestKeeper::Model::NotFinite;
    const bool best = m_best.judge(judgement, model, m_state);
    m_thresholds = judgement.thresholds;
    recordValidation(judgement, best);
    m_shown.monitored = judgement.values.at(m_best.monitor().name);
    if (agreed(m_group, Clock::now() - m_lastCheckpoint > kEpochCheckpointInterval ? 1 : 0) != 0)
        saveCheckpoint(best);
    else if (best)
        keepBest();
}

void Trainer::recordValidation(const Judgement& judgement, bool best) {
    const int epoch = m_state.epoch;
    const MetricInfo& monitor = m_best.monitor();
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
    const std::string reached =
        monitor.name == "loss"
            ? std::string()
            : fmt::format("{} {}, ", loweredLabel(monitor), metricWords(monitor, judgement.values.at(monitor.name)));
    m_writer.event(EventKind::Epoch, m_state.step, epoch,
                   std::isfinite(loss) ? fmt::format("epoch {}: validation {}loss {:.4f}{}", epoch, reached, loss,
                                                     best ? ", the best so far" : "")
                                       : fmt::format("epoch {}: the validation loss is not a number", epoch));
}

void Trainer::keepBest() {
    const OptimizerStates optimizer = m_step->optimizerStates();
    if (m_world.leads())
        m_best.keep(*m_backbone, optimizer, m_state, m_freeze->frozenNames(), m_thresholds);
}

void Trainer::saveKeptBest() {
    const auto best = m_best.take();
    if (!best || !m_world.leads())
        return;
    const std::int64_t step = best->kept.state.step;
    m_writer.flush();
    ModelDescription described = description();
    described.thresholds = best->thresholds;
    writeCheckpoint(checkpointFolder(m_folder, step), best->kept, described);
    m_writer.checkpointDone(step);
}

void Trainer::saveCheckpoint(bool best) {
    if (best)
        (void)m_best.take(); // this one is better
    recordArrived(TrainStep::Wait::UntilAllAreDone);
    verifyFrozen(); // before the good checkpoint is replaced
    report(Phase::Saving);
    m_troubles.noteCheckpoint(notFinite(*m_backbone), now());
    saveKeptBest();
    m_lastCheckpoint = Clock::now();
    const OptimizerStates optimizer = m_step->optimizerStates();
    if (!m_world.leads())
        return;
    m_writer.flush();
    writeCheckpoint(checkpointFolder(m_folder, m_state.step), *m_backbone, optimizer, m_state, description());
    m_writer.checkpointDone(m_state.step);
    m_lastCheckpoint = Clock::now();
}

ModelDescription Trainer::description() const {
    return {.backbone = m_experiment.model.backbone,
            .classes = m_data.classes,
            .task = m_resolved->task->info().name,
            .thresholds = m_thresholds,
            .preprocess = m_resolved->preprocess,
            .adapters = m_freeze->plan().adapters(),
            .program = m_program,
            .numerics = m_backbone->numerics()};
}

} // namespace engine
