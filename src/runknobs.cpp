#include "src/runknobs.h"

#include "engine/api/augmentations.h"
#include "src/runevents.h"
#include "src/values.h"

#include <algorithm>
#include <limits>

namespace app {
namespace {

constexpr std::int64_t kNow = std::numeric_limits<std::int64_t>::max(); // what was set last counts

double numberOf(const engine::Experiment& experiment, const engine::Knobs& knobs, const char* key) {
    return words(engine::knobValue(experiment, knobs, key, kNow)).toDouble();
}

} // namespace

void RunKnobs::show(const QString& folder) {
    m_folder = folder;
    m_eventsSeen = 0;
    m_knobs.clear();
    m_problem.clear();
}

void RunKnobs::follow(const engine::RunReader& reader) {
    const auto& events = reader.events();
    bool again = m_eventsSeen == 0;
    for (; m_eventsSeen < events.size(); ++m_eventsSeen) {
        const engine::RunEvent& event = events[m_eventsSeen];
        again |= event.kind == engine::EventKind::Knob || event.kind == engine::EventKind::Started;
        if (event.kind == engine::EventKind::Refused)
            m_problem = words(event.text);
        else if (event.kind == engine::EventKind::Knob)
            m_problem.clear();
    }
    if (!again)
        return;
    try {
        m_experiment = engine::readExperiment(toPath(m_folder) / "experiment.toml");
        m_knobs = engine::readKnobs(toPath(m_folder));
    } catch (const engine::Error&) {
        m_problem = currentTrouble().message;
    }
}

ui::LiveKnobs RunKnobs::knobs(const engine::RunReader& reader, bool live) const {
    ui::LiveKnobs made{.shown = live};
    if (!live)
        return made;
    made.learningRate = numberOf(m_experiment, m_knobs, "train.learning_rate");
    made.weightDecay = numberOf(m_experiment, m_knobs, "train.weight_decay");
    made.augmentation = words(engine::knobValue(m_experiment, m_knobs, "data.augmentation", kNow));
    for (const auto& preset : engine::augmentationPresets())
        made.augmentations.append(words(preset.choice.name));
    made.epoch = std::min(reader.summary().epoch + 1, std::max(1, reader.summary().epochs));
    made.stopsAfterEpoch = engine::stopsAfterEpoch(reader.events());
    made.problem = m_problem;
    return made;
}

bool RunKnobs::offerUndo(QList<ui::LiveChange>& changes) const {
    const auto undo = engine::undoOfKnobs(m_experiment, m_knobs);
    if (!undo)
        return false;
    const QString title = withGroupedSteps(asSentence(words(engine::words(m_experiment, m_knobs, undo->undone))));
    for (ui::LiveChange& change : changes) {
        if (!change.action.isEmpty())
            return false;
        if (change.title == title) {
            change.action = tr("Undo");
            return true;
        }
    }
    return false;
}

template <typename Send>
void RunKnobs::send(Send send) {
    m_problem.clear();
    m_background.run(
        [send = std::move(send)] {
            send();
            return true;
        },
        [this](const Outcome<bool>& outcome) {
            if (const auto* trouble = std::get_if<Trouble>(&outcome))
                m_problem = QStringLiteral("%1 %2").arg(trouble->message, trouble->remedy).trimmed();
            Q_EMIT changed();
        });
}

void RunKnobs::apply(const QList<ui::KnobSetting>& settings) {
    std::vector<engine::ChangedSetting> wanted;
    for (const ui::KnobSetting& setting : settings)
        wanted.push_back({setting.key.toStdString(), setting.value.toStdString()});
    send([folder = toPath(m_folder), wanted] { engine::sendKnobs(folder, wanted); });
}

void RunKnobs::undo() {
    if (const auto undo = engine::undoOfKnobs(m_experiment, m_knobs))
        send([folder = toPath(m_folder), setting = undo->setting] { engine::sendKnobs(folder, {setting}); });
}

void RunKnobs::ask(engine::RunCommand command) {
    send([folder = toPath(m_folder), command] { engine::sendCommand(folder, command); });
}

} // namespace app
