#pragma once

#include "src/background.h"
#include "src/livewords.h"
#include "src/mistakepresenter.h"
#include "src/runcurves.h"
#include "src/runknobs.h"
#include "src/runranks.h"
#include "src/runthaw.h"

#include <QTimer>

#include <memory>

namespace ui {
class LivePage;
} // namespace ui

namespace app {

class LabelList;
class RunController;
class RunLibrary;

// Shows one run in Live. What its folder grew by is drained by a timer while the page can be seen; long reads go to the
// background.
class LivePresenter final : public QObject {
    Q_OBJECT
public:
    LivePresenter(ui::LivePage& page, RunController& controller, RunLibrary& library, QObject* parent = nullptr);
    ~LivePresenter() override;

    void setLabels(LabelList* labels) { m_mistakes.setLabels(labels); } // what is said of pictures goes there
    void show(const QString& id, const QString& folder);                // empty id: no run
    [[nodiscard]] QString id() const { return m_id; }
    [[nodiscard]] QString log() const;      // all of it, oldest first
    [[nodiscard]] qsizetype points() const; // of the longest curve, as drawn
    [[nodiscard]] bool atRest() {
        return m_background.idle() && m_thaw.atRest() && m_knobs.atRest() && m_ranks.atRest() && m_mistakes.atRest();
    }

Q_SIGNALS:
    void setupRequested();
    void remedyChosen(const QString& id, app::RemedyKind remedy);
    void rankLogRequested(int rank, const QString& file);
    void refused(const QString& title, const QString& detail); // what was asked of its ranks
    void thawRefused(const QString& sentence);                 // an edit of the timeline; it shows again what holds

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Opened;
    void open();
    void tick();
    void adopt(std::shared_ptr<Opened> opened);
    void push(bool all);
    void pushHeader();
    void pushQueue();
    void pushThaw();
    void pushChanges();
    void loadMistakes();
    [[nodiscard]] bool live() const;
    [[nodiscard]] std::optional<engine::Progress> progressNow() const;
    // may grow
    void schedule();
    ui::LivePage& m_page;
    RunController& m_controller;
    RunLibrary& m_library;
    QString m_id;
    QString m_folder;
    std::shared_ptr<Opened> m_opened;
    quint64 m_generation = 0;
    int m_samplesEpoch = -1; // whose mistakes are shown
    bool m_samplesLoading = false;
    bool m_stale = false; // something ended or changed since the last tick
    QList<RemedyKind> m_remedies;
    RunThaw m_thaw;
    RunKnobs m_knobs;
    RunRanks m_ranks;
    bool m_undoesKnob = false; // the button in the changes
    MistakePresenter m_mistakes;
    QTimer m_timer;
    Background m_background{2};
};

} // namespace app
