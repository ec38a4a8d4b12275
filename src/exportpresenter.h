#pragma once

#include "engine/api/export.h"
#include "engine/api/run.h"
#include "src/answer.h"
#include "src/latestprogress.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <stop_token>

class QWidget;

namespace ui {
class ExportDialog;
struct ExportOutcome;
struct ExportWords;
} // namespace ui

namespace app {

// Feeds the dialog that exports a run: what would come of each choice, how far the writing is, the certificate. Lives
// as long as the dialog; what is being written is stopped with it.
class ExportPresenter final : public QObject {
    Q_OBJECT
public:
    // The dialog of that run, where one is open already.
    static ExportPresenter* open(QWidget& window, const engine::RunSummary& run);
    ~ExportPresenter() override;
    void choose(const QString& format); // its name
    void begin();                       // writes what is chosen
    [[nodiscard]] ui::ExportDialog& dialog() { return m_dialog; }
    [[nodiscard]] bool atRest() { return m_background.idle(); }

private:
    ExportPresenter(ui::ExportDialog& dialog, const engine::RunSummary& run);
    [[nodiscard]] engine::ExportRequest request() const;
    void suggestPlace();
    void ask();
    void showOffer();
    void showProgress();
    void end(const Outcome<engine::ExportReport>& outcome);
    ui::ExportDialog& m_dialog;
    engine::RunSummary m_run;
    Answer<engine::ExportOffer> m_offer;
    std::stop_source m_stop;
    std::shared_ptr<LatestProgress> m_progress;
    QTimer m_timer;
    Background m_background{1}; // last: ends its work before the answer goes
};

// What the dialog says of an offer, and of what was written.
[[nodiscard]] ui::ExportWords exportWords(const engine::ExportOffer& offer);
[[nodiscard]] ui::ExportOutcome exportOutcome(const engine::ExportReport& report, const QString& place);

} // namespace app
