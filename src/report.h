#pragma once

#include "engine/api/experiment.h"
#include "engine/api/run.h"
#include "src/realitycheck.h"
#include "ui/live/livedata.h"

#include <QColor>
#include <QHash>
#include <QString>

#include <memory>

namespace app {

// All that a report says of one run.
struct ReportRun {
    engine::RunSummary summary;
    engine::Experiment experiment;
    bool imported = false; // then there is no experiment
    ui::LiveCurves curves;
    std::shared_ptr<const ValidatedRun> validated; // the answers of the epoch that stands for the run
    QStringList classes;
    ui::ClassScores scores;
};

// How a report looks: the colours of the window as it was when it was asked for.
struct ReportLook {
    QColor ground, surface, text, muted, border;
    QHash<QString, QColor> runs; // by id
    QHash<QString, bool> dashed;
};

// Reads a run's folder. Throws engine::Error. Any thread.
[[nodiscard]] ReportRun readReportRun(const std::filesystem::path& folder);
// One page that needs nothing else: results, curves, whether the runs differ by more than chance, settings, scores of
// classes, notes. The first run is what the others are held against. Any thread.
[[nodiscard]] QString reportHtml(const std::vector<ReportRun>& runs, const ReportLook& look, double now);

} // namespace app
