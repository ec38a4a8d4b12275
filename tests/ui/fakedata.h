#pragma once

#include "ui/compare/comparedata.h"
#include "ui/frame/devicestrip.h"
#include "ui/live/livedata.h"
#include "ui/live/queuelanes.h"
#include "ui/live/ranklanes.h"

#include <QStandardItemModel>

#include <memory>

// Made-up runs and curves for tests and the gallery: a training of 960 steps in three phases, at step 656.
namespace fake {

std::unique_ptr<QStandardItemModel> runs(bool running);
std::unique_ptr<QStandardItemModel> compareTable();
ui::LiveHeader header(bool running);
ui::LiveCurves curves(int steps = 656);
QList<ui::CompareRun> compareRuns(); // with a curve for each of compareCharts()
QList<ui::CompareChart> compareCharts();
ui::Differences differences();
QList<ui::ConfusionMatrix> confusion();
ui::RealityCheck reality();
ui::StripReading strip(bool running);
QImage picture(int seed);
// So many ranks, of which one has given no sign for 12 s (< 0: none).
ui::LiveRanks ranks(int count, int silent);
// Four GPUs: one run on two of them, another person's on a third, two that wait.
ui::LiveQueue queue();

} // namespace fake
