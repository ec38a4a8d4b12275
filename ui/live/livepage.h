#pragma once

#include "ui/live/livedata.h"
#include "ui/live/liveknobs.h"
#include "ui/live/queuelanes.h"
#include "ui/live/ranklanes.h"
#include "ui/setup/thawplan.h"

#include <QPointF>
#include <QWidget>

#include <memory>

namespace ui {

// Live: one run, running or over. The page keeps what the person set (axis, smoothing, zoom, crosshair); src gives
// data.
class LivePage final : public QWidget {
    Q_OBJECT
public:
    explicit LivePage(QWidget* parent = nullptr);
    ~LivePage() override;

    void showEmpty();                         // nothing is running and nothing is chosen
    void setHeader(const LiveHeader& header); // another id resets zoom and crosshair
    void setCurves(const LiveCurves& curves); // ignored on screen while the view is frozen
    void setProof(const LiveProof& proof);
    // The freeze plan of the run; its fixedEpochs can no longer be changed. `schedule` as in SetupPage::setThaw().
    void setThaw(const ThawPlan& plan, const QList<QPointF>& schedule);
    void setFacts(const QList<LiveFact>& facts);
    void setChanges(const QList<LiveChange>& changes); // newest first
    void setLog(const QList<LogLine>& lines);          // newest first
    void setMistakes(const LiveMistakes& mistakes);
    void setFailure(const std::optional<Failure>& failure);
    void setKnobs(const LiveKnobs& knobs);
    void setRanks(const LiveRanks& ranks); // nothing is shown of a run of one rank
    void setQueue(const LiveQueue& queue);
    void setNote(const QString& note); // ignored while the person types in it
    void setViewFrozen(bool frozen);
    [[nodiscard]] bool viewFrozen() const;

Q_SIGNALS:
    void reportRequested(const QString& id);
    void modelExportRequested(const QString& id);
    void setupRequested(); // the button of the empty page
    void pauseRequested(const QString& id);
    void resumeRequested(const QString& id); // from pause or from the last checkpoint
    void stopRequested(const QString& id);
    void extendRequested(const QString& id);
    void forkRequested(const QString& id, double step); // a new run from a point of a curve
    void remedyChosen(const QString& id, int remedy);   // the failed run's button
    void deleteRequested(const QString& id);
    void logRequested(const QString& id); // open all of it
    void rankLogRequested(const QString& id, int rank);
    void queueOpened(const QString& id); // a run of the lanes
    void queueHeld(bool held);           // nothing is to begin
    void rankActRequested(const QString& id, ui::RankAct act, int rank);
    void thawEdited(const QString& id, const ui::ThawPlan& plan, int gesture); // what is still to come of it
    void undoRequested(const QString& id);                                     // the button in the changes
    void knobsApplied(const QString& id, const QList<ui::KnobSetting>& settings);
    void checkpointRequested(const QString& id);
    void stopAfterEpochRequested(const QString& id, bool stops);
    void pictureOpened(const QString& id, const QString& file); // empty: all of the wrong ones
    void picturesRequested(const QString& id, ui::MistakeChoice choice);
    void noteChanged(const QString& id, const QString& note);
    void useSettingsRequested(const QString& id);
    void openFolderRequested(const QString& id);
    // A chart wants to be saved: ask for a file, then exportChart. The name has its ending.
    void exportRequested(const QString& suggestedName);
    void crosshairMoved(double step); // NaN: gone

public Q_SLOTS:
    bool exportChart(const QString& file); // false: it was not written

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
