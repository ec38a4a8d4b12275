#include "ui/live/livedata.h"

namespace ui {

Curve atStepsOf(const Curve& whole, const Curve& part) {
    if (part.step == whole.step)
        return part;
    Curve made{.step = whole.step, .value = {}, .seconds = whole.seconds};
    made.value.reserve(whole.step.size());
    qsizetype next = 0; // the first point that does not come before the step
    for (const double step : whole.step) {
        while (next < part.step.size() && part.step[next] < step)
            ++next;
        if (next == part.step.size() || (next == 0 && part.step[next] != step)) {
            made.value.append(0);
        } else if (part.step[next] == step) {
            made.value.append(part.value[next]);
        } else {
            const double share = (step - part.step[next - 1]) / (part.step[next] - part.step[next - 1]);
            made.value.append(part.value[next - 1] + share * (part.value[next] - part.value[next - 1]));
        }
    }
    return made;
}

QString titleOf(const MetricCurves& metric) {
    return metric.unit.isEmpty() ? metric.label : QStringLiteral("%1, %2").arg(metric.label, metric.unit);
}

const Curve& LiveCurves::clock() const {
    static const Curve none;
    for (const auto curve : {&MetricCurves::train, &MetricCurves::validation})
        for (const MetricCurves& metric : metrics)
            if (!(metric.*curve).isEmpty())
                return metric.*curve;
    return none;
}

} // namespace ui
