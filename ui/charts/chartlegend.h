#pragma once

#include "ui/charts/chartdata.h"

#include <QRect>

class QPainter;

namespace ui {

// One curve in the head of a chart: its swatch, its name and its value.
struct LegendEntry {
    enum class Swatch { Line, Dashes, Square };
    QString name;
    QString value;
    QColor ink;
    Swatch swatch = Swatch::Line;
    double amount = 0; // of a part of a whole
};

// How much of the entries is said where there is not room for all of it.
struct LegendFit {
    QList<LegendEntry> entries;
    bool names = true;
    bool values = true;
    qsizetype leftOut = 0; // entries that there is no room for: their number is said
};

// Of the curves at `x`, or at their ends.
[[nodiscard]] QList<LegendEntry> legendOf(const QList<ChartSeries>& series, ChartUnit unit, std::optional<double> x);
// Names stay longest: parts under a hundredth of the whole go first, then values, then the middles of names, then
// entries.
[[nodiscard]] LegendFit fitLegend(QList<LegendEntry> entries, int room);
// Values without names, for lines that are named at their ends: all or none.
[[nodiscard]] LegendFit fitValues(const QList<LegendEntry>& entries, int room);
// From the right end of the line to the left.
void drawLegend(QPainter& painter, const QRect& line, const LegendFit& legend);

} // namespace ui
