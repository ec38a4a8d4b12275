#pragma once

#include <QList>

namespace ui {

// Exponential moving average with the bias of its start removed (as in TensorBoard): s ← w·s + (1 − w)·y, shown s / (1
// − wⁿ). weight 0 gives y back, up to 0.999. NaN stays NaN in the result and does not enter the average.
[[nodiscard]] QList<double> smoothed(const QList<double>& y, double weight);

// The highest 2 % (the highest one at least, where there are two) come down to the highest of the others, so that an
// average after them is not theirs alone. NaN stays NaN.
[[nodiscard]] QList<double> winsorized(const QList<double>& y);

} // namespace ui
