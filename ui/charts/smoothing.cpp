#include "ui/charts/smoothing.h"

#include "ui/charts/chartmath.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ui {

QList<double> smoothed(const QList<double>& y, double weight) {
    const double w = std::clamp(weight, 0.0, 0.999);
    if (w == 0)
        return y;
    QList<double> result(y.size());
    double sum = 0;
    double remaining = 1; // wⁿ: the share of the start value that is still in the sum
    for (qsizetype i = 0; i < y.size(); ++i) {
        if (!std::isfinite(y[i])) {
            result[i] = std::numeric_limits<double>::quiet_NaN();
            continue;
        }
        sum = w * sum + (1 - w) * y[i];
        remaining *= w;
        result[i] = sum / (1 - remaining);
    }
    return result;
}

QList<double> winsorized(const QList<double>& y) {
    std::vector<double> values;
    std::copy_if(y.begin(), y.end(), std::back_inserter(values), [](double value) { return std::isfinite(value); });
    if (values.empty())
        return y;
    const double most = percentile(values, 0.98);
    QList<double> result = y;
    for (double& value : result)
        if (value > most)
            value = most;
    return result;
}

} // namespace ui
