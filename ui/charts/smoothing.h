#pragma once

#include <QList>

namespace ui {

// Exponential moving average with the bias of its start removed (as in TensorBoard): s ← w·s + (1 − w)·y, shown s / (1
// − wⁿ). weight 0 gives y back, up to 0.999. NaN stays NaN in the result and does not enter the average.
[[nodiscard]] QList<double> smoothed(const QList<double>& y, double weight);

} // namespace ui
