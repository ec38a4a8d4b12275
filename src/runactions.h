#pragma once

#include "src/background.h"
#include "src/livewords.h"

#include <QObject>
#include <QStringList>

namespace ui {
class MainFrame;
enum class RunAction;
} // namespace ui

namespace app {

struct PlannedRun;
class ExperimentDocument;
class RunController;
class RunLibrary;
class RunReport;

// What a person may ask of runs: train, pause, stop, go on, longer, their place in the queue, what is noted of them,
// delete, reuse. Asks first where work would end.
class RunActions final : public QObject {
    Q_OBJECT
public:
    RunActions(ui::MainFrame& frame, RunController& controller, RunLibrary& library, ExperimentDocument& document,
               QObject* parent = nullptr);

    void train(double aboutSeconds = 0);
    void trainAll(const std::vector<PlannedRun>& runs, const QString& tag);
    void startQueue();
    void pauseOrResume();
    void stop(); // the run that runs
    // Of any run that is trained: another program is asked through the run's folder.
    void pauseOrResume(const QString& id);
    void stop(const QString& id);
    void resume(const QString& id);
    void extend(const QString& id);
    void remedy(const QString& id, RemedyKind kind);
    void remove(const QStringList& ids);
    void editTags(const QStringList& ids);
    void useSettings(const QString& id);
    void openFolder(const QString& id);
    void exportModel(const QString& id);
    void report(const QStringList& ids); // the first is what the others are held against
    void showLog(const QString& id, const QString& log, const QString& part = {});
    void open(const QString& id); // in Live
    void act(ui::RunAction action, const QStringList& ids);

Q_SIGNALS:
    void shown(const QString& id, const QString& folder); // on the page that follows one run
    void tryRequested(const QString& id);

private:
    void wireController();
    void wireList();
    void created(const QString& id);
    void ended(const QString& id, const engine::RunSummary& summary);
    void removed(const QStringList& ids);
    void moveInQueue(ui::RunAction action, const QString& id);
    void askStartTime(const QString& id);
    void resumeWithoutRank(const QString& id);
    void trainOther(const QString& id, engine::Experiment (*change)(engine::Experiment));
    void tellTrouble();                                                 // the exception that is being handled
    [[nodiscard]] const engine::RunSummary* present(const QString& id); // null, and says so: it is gone
    [[nodiscard]] QString nameOf(const QString& id) const;
    [[nodiscard]] QString unusedName(const QString& wish) const;
    ui::MainFrame& m_frame;
    RunController& m_controller;
    RunLibrary& m_library;
    ExperimentDocument& m_document;
    RunReport* m_report;
};

} // namespace app
