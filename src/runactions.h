#pragma once

#include "src/background.h"
#include "src/livewords.h"

#include <QObject>
#include <QStringList>

namespace ui {
class MainFrame;
}

namespace app {

class ExperimentDocument;
class LivePresenter;
class RunController;
class RunLibrary;

// What a person may ask of runs: train, pause, stop, go on, longer, delete, reuse. Asks first where work would end.
class RunActions final : public QObject {
    Q_OBJECT
public:
    RunActions(ui::MainFrame& frame, RunController& controller, RunLibrary& library, LivePresenter& live,
               ExperimentDocument& document, QObject* parent = nullptr);

    void train();
    void pauseOrResume();
    void stop(); // the run that runs
    // Of any run that is trained: another program is asked through the run's folder.
    void pauseOrResume(const QString& id);
    void stop(const QString& id);
    void resume(const QString& id);
    void extend(const QString& id);
    void remedy(const QString& id, RemedyKind kind);
    void remove(const QStringList& ids);
    void useSettings(const QString& id);
    void openFolder(const QString& id);
    void openLog(const QString& id);
    void open(const QString& id); // in Live

private:
    void wireController();
    void askToExtend(const QString& id, int epochs);
    void ended(const QString& id, const engine::RunSummary& summary);
    [[nodiscard]] QString nameOf(const QString& id) const;
    [[nodiscard]] QString unusedName(const QString& wish) const;
    ui::MainFrame& m_frame;
    RunController& m_controller;
    RunLibrary& m_library;
    LivePresenter& m_live;
    ExperimentDocument& m_document;
    Background m_background{1};
};

} // namespace app
