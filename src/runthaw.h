#pragma once

#include "src/background.h"
#include "src/runplan.h"
#include "ui/live/livedata.h"

#include <QPointF>

#include <memory>
#include <optional>

namespace engine {
class RunReader;
} // namespace engine

namespace app {

class RunController;

// How the run shown in Live thaws, and how its future is edited: the plan that holds by its folder, what was asked of
// its training since, and the way back. What has begun, and a run that does not run here, cannot be edited.
class RunThaw final : public QObject {
    Q_OBJECT
public:
    explicit RunThaw(RunController& controller, QObject* parent = nullptr);

    // Another run; no plan: none is shown.
    void show(const QString& id, const QString& folder, std::shared_ptr<const RunPlan> plan);
    void follow(const engine::RunReader& reader);       // what grew, or what the controller holds is another
    void edit(const ui::ThawPlan& edited, int gesture); // as LivePage::thawEdited()
    void undo();                                        // the last edit

    [[nodiscard]] const ui::ThawPlan& plan() const { return m_shown; } // with what was asked for
    [[nodiscard]] const QList<QPointF>& schedule() const { return m_schedule; }
    // The changes of the run's record, and before them what the training has not taken up yet; the last with Undo.
    [[nodiscard]] QList<ui::LiveChange> changes(QList<ui::LiveChange> recorded) const;
    [[nodiscard]] bool atRest() { return m_background.idle(); }

Q_SIGNALS:
    void changed();                        // what is shown
    void held(const app::RunPlan& plan);   // the run's folder holds another plan
    void refused(const QString& sentence); // the plan stays as it was

private:
    struct Step {
        HandPlan before;
        int gesture = -1;
    };
    [[nodiscard]] bool open() const;
    [[nodiscard]] const HandPlan& current() const { return m_wanted ? *m_wanted : m_held->hand; }
    [[nodiscard]] HandPlan future(const HandPlan& plan) const;   // behind what has been trained
    [[nodiscard]] QString wordsOf(const HandPlan& wanted) const; // beside what holds
    void ask(const HandPlan& wanted);
    void readAgain();
    void refuse(const QString& sentence);
    void refresh();
    RunController& m_controller;
    QString m_id;
    QString m_folder;
    std::shared_ptr<const RunPlan> m_held;
    std::optional<HandPlan> m_wanted; // by the person; checked first
    std::optional<HandPlan> m_sent;   // the training was asked for this and has not taken it up
    QString m_words;                  // of the last change
    QList<Step> m_back;
    int m_begun = 0; // epochs
    std::size_t m_eventsSeen = 0;
    std::int64_t m_stepsPerEpoch = 0;
    quint64 m_question = 0;
    bool m_stale = false; // another plan than m_shown is current
    ui::ThawPlan m_shown;
    QList<QPointF> m_schedule;
    Background m_background{1};
};

} // namespace app
