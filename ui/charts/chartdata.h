#pragma once

#include "ui/theme.h"

#include <QList>
#include <QPointF>
#include <QString>

#include <limits>
#include <optional>

namespace ui {

// One curve of a chart. x ascending; y may be NaN (a gap). QList is shared on copy, so passing curves costs nothing.
struct ChartSeries {
    enum class Style {
        Raw,    // 1 px, faint, not antialiased; where there are many points a band and what stands out of it
        Line,   // 2 px, thinned to the pixel width
        Step,   // 1.5 px, holds its value until the next point (memory)
        Dots,   // 2 px line with 3.6 px dots
        Dashed, // what is planned, not measured
        Stacked // area on top of the Stacked series before it
    };
    QString key;  // stable name: hide and highlight go by it
    QString name; // legend; empty: not in the legend (a raw curve under its smoothed one)
    QColor color;
    bool dashed = false; // run colours 11 to 20
    Style style = Style::Line;
    QList<double> x;
    QList<double> y;
    QList<double> measured; // the values that y was smoothed from; empty: y itself was measured
    // Raw: least and greatest of the values that each y is the mean of; empty: each y is one value.
    QList<double> minimum;
    QList<double> maximum;
    std::optional<QPointF> best; // a ring of 8 px
};

// Where the names of the curves stand: beside their values in the head, or at the ends of the lines.
enum class ChartNames { InLegend, AtLineEnds };

// How the y values are written and which range they may take.
enum class ChartUnit { Loss, Percent, Number, Count, Gigabytes, Rate, Milliseconds };

struct ChartFlag {
    double x = 0;
    QString iconName; // empty: the dotted line only
    Role role = Role::Muted;
    QString tip;
};

// A stretch of the 3 px band under the axis: frozen share in ice, trained share in warm.
struct ChartPhase {
    double from = 0;
    double to = 0;
    bool trained = false;
    double trainedShare = 0; // 0 to 1 of the blocks: mixes ice and warm
};

} // namespace ui
