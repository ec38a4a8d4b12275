#include "src/runthaw.h"

#include "src/runcontroller.h"
#include "src/values.h"

#include <algorithm>
#include <utility>

namespace app {

RunThaw::RunThaw(RunController& controller, QObject* parent) : QObject(parent), m_controller(controller) {}

void RunThaw::show(const QString& id, const QString& folder, std::shared_ptr<const RunPlan> plan) {
    ++m_question;
    m_id = id;
    m_folder = folder;
    m_held = std::move(plan);
    m_wanted.reset();
    m_sent.reset();
    m_words.clear();
    m_back.clear();
    m_begun = 0;
    m_eventsSeen = 0;
    m_stepsPerEpoch = 0;
    m_stale = true;
    m_shown = {};
    m_schedule.clear();
}

bool RunThaw::open() const { return m_held && m_id == m_controller.currentId() && !m_controller.stopping(); }

HandPlan RunThaw::future(const HandPlan& plan) const { return joinedPlan(m_held->hand, plan, m_begun + 1); }

void RunThaw::follow(const engine::RunReader& reader) {
    if (!m_held)
        return;
    const engine::RunSummary& run = reader.summary();
    const auto progress = m_id == m_controller.currentId() ? m_controller.progress() : std::nullopt;
    m_begun = std::max(run.epoch + 1, progress ? progress->epoch : 0);
    const std::int64_t steps = run.epochs > 0 ? run.steps / run.epochs : 0;
    m_stale |= std::exchange(m_stepsPerEpoch, steps) != steps;
    const auto& events = reader.events();
    bool again = false;
    QString refusal;
    const bool fresh = m_eventsSeen == 0; // the plan was read with them
    for (m_eventsSeen = std::min(m_eventsSeen, events.size()); m_eventsSeen < events.size(); ++m_eventsSeen) {
        const engine::RunEvent& event = events[m_eventsSeen];
        if (fresh)
            continue;
        again |= event.kind == engine::EventKind::Knob || event.kind == engine::EventKind::Started;
        if (event.kind == engine::EventKind::Refused)
            refusal = words(event.text);
    }
    if (again)
        readAgain();
    if (!refusal.isEmpty())
        refuse(refusal);
    else if (m_wanted && !open())
        refuse(tr("The run ended before the change could count."));
    else
        refresh();
}

void RunThaw::readAgain() {
    m_background.run(
        [folder = toPath(m_folder), classes = m_held->classes] {
            return std::make_shared<const RunPlan>(readRunPlan(folder, classes));
        },
        [this, id = m_id](const Outcome<std::shared_ptr<const RunPlan>>& outcome) {
            const auto* plan = std::get_if<0>(&outcome);
            if (id != m_id || !plan)
                return; // a folder that is gone is told by what reads its curves
            m_held = *plan;
            m_stale = true;
            if (m_sent && !m_controller.freezeWaits()) {
                if (m_wanted == m_sent)
                    m_wanted.reset();
                m_sent.reset();
            }
            Q_EMIT held(*m_held);
            refresh();
        });
}

void RunThaw::edit(const ui::ThawPlan& edited, int gesture) {
    if (!open()) {
        Q_EMIT changed(); // back to what holds
        return;
    }
    const HandPlan wanted = future(withTimeline(m_held->tree, current(), edited));
    if (wanted == current()) {
        Q_EMIT changed();
        return;
    }
    if (m_back.isEmpty() || gesture < 0 || m_back.last().gesture != gesture)
        m_back.append({current(), gesture});
    ask(wanted);
}

void RunThaw::undo() {
    if (!open() || m_back.isEmpty())
        return;
    const HandPlan before = future(m_back.takeLast().before);
    if (before != m_held->hand || !m_controller.withdrawFreeze()) {
        ask(before);
        return;
    }
    ++m_question;
    m_wanted.reset();
    m_sent.reset();
    m_stale = true;
    refresh();
}

QString RunThaw::wordsOf(const HandPlan& wanted) const {
    const int epochs = m_held->experiment.train.epochs;
    const QString said =
        ui::changeWords(thawPlan(m_held->tree, m_held->hand, epochs), thawPlan(m_held->tree, wanted, epochs));
    return said.isEmpty() ? tr("Another thaw plan") : said;
}

// The engine looks at the plan before the training is asked to follow it; meanwhile it is shown.
void RunThaw::ask(const HandPlan& wanted) {
    m_wanted = wanted;
    m_stale = true;
    m_words = wordsOf(wanted);
    refresh();
    m_background.run([held = m_held, wanted, from = m_begun + 1] { return changeTo(*held, wanted, from); },
                     [this, question = ++m_question](Outcome<engine::FreezeChange> outcome) {
                         if (question != m_question)
                             return;
                         if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
                             refuse(trouble->message + QLatin1Char(' ') + trouble->remedy);
                             return;
                         }
                         if (!open()) {
                             refuse(tr("The run ended before the change could count."));
                             return;
                         }
                         auto& change = std::get<engine::FreezeChange>(outcome);
                         change.words = m_words.toStdString();
                         m_controller.replaceFreeze(std::move(change));
                         m_sent = m_wanted;
                         Q_EMIT changed();
                     });
}

void RunThaw::refuse(const QString& sentence) {
    ++m_question;
    if (m_wanted == m_sent || !open())
        m_sent.reset();
    m_wanted = m_sent;
    if (m_wanted)
        m_words = wordsOf(*m_wanted);
    m_stale = true;
    refresh();
    Q_EMIT refused(sentence.trimmed());
}

void RunThaw::refresh() {
    const int epochs = m_held->experiment.train.epochs;
    const int fixed = open() ? std::min(m_begun, epochs) : epochs;
    if (!m_stale && fixed == m_shown.fixedEpochs)
        return;
    while (!m_back.isEmpty() && future(m_back.last().before) == future(current()))
        m_back.removeLast(); // nothing of it is still to come
    if (std::exchange(m_stale, false)) {
        m_shown = thawPlan(m_held->tree, current(), epochs);
        m_schedule = scheduleCurve(m_held->experiment.train, current(), m_stepsPerEpoch);
    }
    m_shown.fixedEpochs = fixed;
    Q_EMIT changed();
}

QList<ui::LiveChange> RunThaw::changes(QList<ui::LiveChange> recorded) const {
    const QString undo = open() && !m_back.isEmpty() ? tr("Undo") : QString();
    if (m_wanted) {
        recorded.prepend({QStringLiteral("sliders-horizontal"), ui::Tone::Accent, m_words,
                          tr("Counts from epoch %1 on").arg(m_begun + 1), undo});
        return recorded;
    }
    const auto last = std::find_if(recorded.begin(), recorded.end(), [this](const ui::LiveChange& change) {
        return !m_words.isEmpty() && change.title.startsWith(m_words);
    });
    if (last != recorded.end())
        last->action = undo;
    return recorded;
}

} // namespace app
