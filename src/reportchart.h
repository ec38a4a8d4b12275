#pragma once

#include "ui/charts/chartdata.h"

#include <QString>

namespace app {

// A chart of a report.
struct ReportChart {
    QString title;
    QString xName;
    ui::ChartUnit unit = ui::ChartUnit::Number;
    QList<ui::ChartSeries> lines;
};

// As an <svg> element: axes, lines that keep every extreme, a ring at the best point, the whole name at the mouse. Its
// colours are those of the lines; text and axes take the classes "ink" and "axis" of the page.
[[nodiscard]] QString chartSvg(const ReportChart& chart);

} // namespace app
