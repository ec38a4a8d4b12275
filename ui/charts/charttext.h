#pragma once

#include "ui/charts/chartmath.h"

namespace ui {

// The values of the named curves between the x values as a table: a row an x, a column a curve, and one more for each
// curve that is drawn smoothed. What was measured comes first.
enum class TableForm { Tabs, Csv };
[[nodiscard]] QString valueTable(const QList<ChartSeries>& series, Range x, const QString& xName, TableForm form);

// A cell of a CSV file (RFC 4180): quoted where it has to be.
[[nodiscard]] QString csvCell(const QString& text);

} // namespace ui
