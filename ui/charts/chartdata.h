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
        Raw,    // 1 px, faint, not antialiased; min and max of each pixel column where there are many points
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
    // Raw with an envelope already made: one entry per stretch instead of y. Empty otherwise.
    QList<double> minimum;
    QList<double> maximum;
    std::optional<QPointF> best; // a ring of 8 px
};

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
