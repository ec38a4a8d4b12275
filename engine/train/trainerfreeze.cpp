// What trains when, and what follows from that: changes of the plan, phases, the proof, the frozen part.
#include "engine/train/trainer.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace engine {

void Trainer::takePlanChange() {
    const auto change = m_control.takeFreezeChange();
    if (!change)
        return;
    // An epoch that has begun goes on as it was.
    const int first = std::max(change->fromEpoch, m_state.epoch + (m_state.samplesInEpoch > 0 ? 2 : 1));
    try {
        if (m_world.size > 1)
            throw Error(ErrorKind::BadInput, "Several ranks train this run together.");
        const int epochs = m_experiment.train.epochs;
        const BackboneLayout layout = layoutOf(*m_backbone);
        FreezeSettings next = changedFreeze(m_experiment.freeze, *change, first, epochs, layout);
        FreezePlan plan(next, epochs, layout);
        planTheEpochs(plan);
        m_freeze->follow(std::move(plan));
        m_experiment.freeze = std::move(next);
    } catch (const Error& error) {
        m_writer.event(EventKind::Refused, m_state.step, first,
                       fmt::format("The new freeze plan is not followed. {}", error.what()));
        return;
    }
    writeExperiment(m_experiment, m_folder / "experiment.toml");
    std::string words = change->words;
    if (words.empty())
        words = fmt::format("The freeze plan is another from epoch {} on, {} phases in all", first,
                            m_freeze->plan().phases().size());
    else if (first > change->fromEpoch)
        words += fmt::format("; it came in time for epoch {}", first);
    m_writer.event(EventKind::Knob, m_state.step, first, words);
}

void Trainer::verifyFrozen() {
    const auto comparison = m_freeze->compare(m_state.step);
    if (!comparison)
        return;
    const int epoch = m_state.epoch + 1;
    const std::vector<std::string>& changed = comparison->changed;
    if (changed.empty()) {
        m_writer.event(EventKind::Verified, m_state.step, epoch,
                       fmt::format("{} frozen tensors are unchanged at step {}", comparison->watched, m_state.step));
        return;
    }
    const std::string others = changed.size() > 1 ? fmt::format(" (and {} others)", changed.size() - 1) : "";
    const std::string words = fmt::format("The frozen tensor {}{} changed between steps {} and {}.", changed.front(),
                                          others, comparison->since, m_state.step);
    m_writer.event(EventKind::Alarm, m_state.step, epoch, words);
    saveKeptBest(); // it is from before the change
    m_best.forgetUnchanged();
    if (m_experiment.freeze.verify == "stop")
        throw Error(ErrorKind::Internal, words,
                    "The last checkpoint is from before the change: resume the run from it, or let it go on with "
                    "freeze.verify = \"warn\".");
}

void Trainer::enterPhase(int epoch) {
    const bool changes = m_freeze->enter(epoch, m_state.step);
    const FreezePlan::Phase& phase = m_freeze->phase();
    if (changes)
        m_best.forgetUnchanged();
    m_step->enterPhase(phase);
    m_record->setStageFactors(m_freeze->plan().stageFactors(m_freeze->phaseNumber()));
    m_insight->enterPhase(phase);
    if (changes) {
        m_pace.restart();
        m_writer.event(EventKind::Phase, m_state.step, epoch,
                       fmt::format("phase {} of {}: {} tensors train", m_freeze->phaseNumber() + 1,
                                   m_freeze->plan().phases().size(), phase.trained.size()));
    }
}

// Before the phase's first step: folds its frozen stages and, where that is wanted, computes their outputs once.
Trainer::Ended Trainer::prepareFrozen() {
    if (!m_frozen)
        m_frozen = std::make_unique<FrozenPart>(
            FrozenPart::Setting{*m_resolved, m_data}, *m_backbone,
            FrozenPart::Listeners{
                .event =
                    [this](EventKind kind, const std::string& sentence) {
                        m_writer.event(kind, m_state.step, m_state.epoch + 1, sentence);
                    },
                .progress = [this](const std::string& sentence) { report(Phase::LoadingData, sentence); },
                .stop = m_control.token(),
                .stopAsked = [this] { return pauseOrStop(); }});
    const FreezePlan::Phase& phase = m_freeze->phase();
    const auto& phases = m_freeze->plan().phases();
    const int end =
        m_freeze->isLastPhase() ? m_experiment.train.epochs + 1 : phases[m_freeze->phaseNumber() + 1].fromEpoch;
    // All of the phase's epochs count, so that a resumed run decides as the unbroken one.
    const auto ended =
        m_frozen->enter(phase.firstTrainedStage, std::min(end, m_experiment.train.epochs + 1) - phase.fromEpoch);
    m_step->usePrefix(m_frozen->prefix());
    m_troubles.noteSkipped(m_frozen->skipped(), now());
    return ended == FrozenPart::Ended::Stopped ? Ended::Stopped : Ended::Done;
}

} // namespace engine
