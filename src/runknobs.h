#pragma once

#include "engine/api/knobs.h"
#include "engine/api/liverun.h"
#include "src/background.h"
#include "ui/live/livedata.h"
#include "ui/live/liveknobs.h"

#include <QObject>

namespace app {

// What Live shows of a run's knobs, and what it asks of whoever trains it: this window, or another program.
class RunKnobs final : public QObject {
    Q_OBJECT
public:
    explicit RunKnobs(QObject* parent = nullptr) : QObject(parent) {}

    void show(const QString& folder);             // another run
    void follow(const engine::RunReader& reader); // what grew
    // `live`: it is trained.
    [[nodiscard]] ui::LiveKnobs knobs(const engine::RunReader& reader, bool live) const;
    // Gives the change that undo() takes back its button. False: there is none, or a later one of another kind has it.
    bool offerUndo(QList<ui::LiveChange>& changes) const;

    void apply(const QList<ui::KnobSetting>& settings);
    void undo();
    void ask(engine::RunCommand command);
    [[nodiscard]] bool atRest() { return m_background.idle(); }

Q_SIGNALS:
    void changed(); // why the last wish was refused

private:
    template <typename Send>
    void send(Send send);
    QString m_folder;
    engine::Experiment m_experiment;
    engine::Knobs m_knobs;
    std::size_t m_eventsSeen = 0;
    QString m_problem;
    Background m_background{1};
};

} // namespace app
