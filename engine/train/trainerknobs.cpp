// What is asked of a training between two steps, and the settings that it follows from there on.
#include "engine/api/parameter.h"
#include "engine/runs/checkpoints.h"
#include "engine/train/trainer.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace engine {
namespace {

constexpr std::string_view kAugmentation = "data.augmentation", kWeightDecay = "train.weight_decay";

// Outputs of frozen blocks that are kept were computed from pictures that were prepared as the run began.
void requireNothingKept(const Experiment& experiment, const FreezePlan& plan) {
    const FreezeSettings& freeze = experiment.freeze;
    const bool kept = freeze.cache != "off" && (experiment.data.augmentation == "none" || freeze.views > 0) &&
                      std::ranges::any_of(plan.phases(), [](const auto& phase) { return phase.firstTrainedStage > 0; });
    if (kept)
        throw Error(ErrorKind::BadInput,
                    "The augmentation cannot change in a run that may keep outputs of its frozen blocks.",
                    "Start a new run for another one, or begin with freeze.cache = \"off\".");
}

// So that it is told once, also of a run that repeats it or goes on before it.
std::string markOf(std::int64_t step, const std::string& words) { return fmt::format("{} {}", step, words); }

std::set<std::string> toldIn(const std::filesystem::path& folder) {
    std::set<std::string> told;
    const RunReader reader(folder);
    for (const RunEvent& event : reader.events())
        if (event.kind == EventKind::Knob)
            told.insert(markOf(event.step, event.text));
    return told;
}

} // namespace

void Trainer::followRequests() {
    for (const StepRequest& request : requestsIn(requestsOfFirstRank())) {
        const int epoch = m_state.epoch + 1;
        switch (request.kind) {
        case StepRequest::Kind::Set:
            setAsAsked(request.settings);
            break;
        case StepRequest::Kind::Checkpoint:
            checkpointAsAsked();
            break;
        case StepRequest::Kind::StopAfterEpoch:
            if (!std::exchange(m_stopAfterEpoch, true))
                m_writer.event(EventKind::Knob, m_state.step, epoch, stopWords(epoch));
            break;
        case StepRequest::Kind::GoOnAfterEpoch:
            if (std::exchange(m_stopAfterEpoch, false))
                m_writer.event(EventKind::Knob, m_state.step, epoch, goOnWords(epoch));
            break;
        }
    }
}

void Trainer::setAsAsked(const std::vector<ChangedSetting>& settings) {
    Knobs next = m_knobs;
    try {
        if (std::ranges::find(settings, kAugmentation, &ChangedSetting::key) != settings.end())
            requireNothingKept(m_experiment, m_freeze->plan());
        setKnobs(next, m_experiment, settings, m_state.step);
    } catch (const Error& error) {
        m_writer.event(EventKind::Refused, m_state.step, m_state.epoch + 1,
                       fmt::format("{} {}", error.what(), error.remedy()));
        return;
    }
    if (next == m_knobs)
        return;
    m_knobs = std::move(next);
    if (m_world.leads()) // before the step that is made with it: killed or not, it goes on with it
        writeKnobs(m_knobs, m_folder);
}

void Trainer::checkpointAsAsked() {
    saveCheckpoint(false);
    if (m_world.leads())
        keepForGood(checkpointFolder(m_folder, m_state.step));
    m_writer.event(EventKind::Knob, m_state.step, m_state.epoch + 1, "Checkpoint as asked; it is kept");
}

bool Trainer::followKnobs() {
    const std::int64_t step = m_state.step;
    const bool first = m_weightDecay.empty();
    const auto begins = [step](const Knob& knob) { return knob.fromStep == step; };
    if (first && m_world.leads())
        m_toldKnobs = toldIn(m_folder);
    if (!first && std::ranges::none_of(m_knobs, begins))
        return false;
    if (std::string decay = knobValue(m_experiment, m_knobs, kWeightDecay, step); decay != m_weightDecay) {
        Experiment now = m_experiment;
        setParameterValue(now, kWeightDecay, decay);
        m_step->setWeightDecay(now.train.weightDecay);
        m_weightDecay = std::move(decay);
    }
    for (const Knob& knob : m_knobs)
        if (const std::string told = words(m_experiment, m_knobs, knob);
            begins(knob) && m_toldKnobs.insert(markOf(step, told)).second)
            m_writer.event(EventKind::Knob, step, m_state.epoch + 1, told);
    const std::string before = std::exchange(m_augmentation, knobValue(m_experiment, m_knobs, kAugmentation, step));
    return m_augmentation != before;
}

} // namespace engine
