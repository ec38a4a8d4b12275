#pragma once

#include "ui/charts/chartdata.h"

#include <vector>

namespace ui {

struct Range {
    double from = 0;
    double to = 1;
    [[nodiscard]] double size() const { return to - from; }
};

struct Points {
    QList<double> x;
    QList<double> y;
};

// Between `range` (with one point more at each side) at most about one point a pixel column: the mean of the column.
// Columns that hold nothing but NaN stay NaN, so that gaps stay gaps.
[[nodiscard]] Points thinned(const QList<double>& x, const QList<double>& y, Range range, int columns);
// Least and greatest value of each column, as a line that goes up and down.
[[nodiscard]] Points envelope(const QList<double>& x, const QList<double>& y, Range range, int columns);

// Noise that is denser than pixels: between which values most of each column lie, and what stands out far beyond.
struct NoiseBand {
    QList<double> x;
    QList<double> low; // a tenth lies below
    QList<double> high;
    Points spikes;      // lines from the band to its outliers, a NaN after each
    double density = 0; // values a column
};
// Nothing where the values are not that dense.
[[nodiscard]] std::optional<NoiseBand> noiseBand(const ChartSeries& series, Range range, int columns);

// The value that `share` (0 to 1) of the values do not exceed; orders them anew. There must be one.
[[nodiscard]] double percentile(std::vector<double>& values, double share);

// Where the point nearest to `x` stands in ascending `xs`; -1 where there is none.
[[nodiscard]] qsizetype placeNear(const QList<double>& xs, double x);
// The value of the point nearest to `x`; NaN where there is none.
[[nodiscard]] double valueNear(const ChartSeries& series, double x);
// The x of a point of a named curve: the one nearest to `x`, or the next one behind or before it; nothing where there
// are no points.
enum class Towards { Nearest, Left, Right };
[[nodiscard]] std::optional<double> measuredX(const QList<ChartSeries>& series, double x, Towards towards);
// The value of the line at `x`, between its points too; NaN beyond its ends.
[[nodiscard]] double valueOnLine(const Points& line, double x);

// From the first to the last x of all series; 0 to 1 where there are no points.
[[nodiscard]] Range xRangeOf(const QList<ChartSeries>& series);
// What the y axis shows between the x values: all of lines and dots, raw curves without their 2 % outliers; from 0 for
// amounts; a little air above.
[[nodiscard]] Range yRangeOf(const QList<ChartSeries>& series, Range x, ChartUnit unit, std::optional<double> limit);

// What a logarithmic axis shows of the values above nought between the x values; nothing where there are none.
[[nodiscard]] std::optional<Range> logRangeOf(const QList<ChartSeries>& series, Range x);

[[nodiscard]] QString unitText(ChartUnit unit, double value); // in legend and chips
[[nodiscard]] QString countAtAxis(double value);
[[nodiscard]] QString axisText(ChartUnit unit, double value, double step); // at the axis

} // namespace ui
