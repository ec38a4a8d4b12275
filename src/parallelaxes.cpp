#include "src/parallelaxes.h"

#include "engine/api/metrics.h"
#include "src/metricwords.h"
#include "src/values.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

struct AxisWords {
    Q_DECLARE_TR_FUNCTIONS(ParallelAxes)
};

constexpr double kSpansTen = 10;

bool allNumbers(const QStringList& texts, QList<double>& numbers) {
    numbers.clear();
    for (const QString& text : texts) {
        bool number = false;
        numbers.append(text.toDouble(&number));
        if (!number)
            return false;
    }
    return true;
}

ui::ParallelAxis axisOf(const QString& name, const QStringList& texts) {
    ui::ParallelAxis axis{.name = name, .values = {}, .steps = {}};
    if (allNumbers(texts, axis.values)) {
        const auto [least, most] = std::minmax_element(axis.values.begin(), axis.values.end());
        axis.logarithmic = *least > 0 && *most >= kSpansTen * *least;
        return axis;
    }
    axis.values.clear();
    axis.steps = texts;
    axis.steps.removeDuplicates();
    std::ranges::sort(axis.steps);
    for (const QString& text : texts)
        axis.values.append(static_cast<double>(axis.steps.indexOf(text)));
    return axis;
}

double bestOf(const engine::RunSummary& run, const std::string& metric) {
    const auto found = run.best.find(engine::validationSeries(metric));
    return found == run.best.end() ? std::nan("") : found->second;
}

} // namespace

QList<ui::ParallelAxis> settingAxes(const std::vector<engine::Experiment>& experiments) {
    QList<ui::ParallelAxis> axes;
    for (const auto& difference : engine::differences(experiments)) {
        if (difference.key == "experiment.name")
            continue; // says nothing of a result
        QStringList texts;
        for (const auto& value : difference.values)
            texts.append(words(value));
        axes.append(axisOf(words(difference.label), texts));
    }
    return axes;
}

QList<ui::ParallelAxis> resultAxes(const std::vector<const engine::RunSummary*>& runs) {
    const std::string monitor = runs.front()->monitor;
    ui::ParallelAxis seconds{.name = AxisWords::tr("Time, s"), .values = {}, .steps = {}};
    ui::ParallelAxis loss{.name = AxisWords::tr("Best loss"), .values = {}, .steps = {}, .unit = ui::ChartUnit::Loss};
    const engine::MetricInfo metric = engine::findMetric(monitor);
    ui::ParallelAxis judged{.name = AxisWords::tr("Best %1").arg(lowerLabel(metric)), .values = {}, .steps = {}};
    judged.unit = chartUnit(metric);
    for (const auto* run : runs) {
        seconds.values.append(run->seconds > 0 ? run->seconds : std::nan(""));
        loss.values.append(bestOf(*run, lossMetric().name));
        judged.values.append(bestOf(*run, monitor));
    }
    QList<ui::ParallelAxis> axes{seconds, loss, judged};
    if (monitor == lossMetric().name)
        axes.removeLast();
    axes.removeIf([](const ui::ParallelAxis& axis) {
        return std::ranges::none_of(axis.values, [](double value) { return std::isfinite(value); });
    });
    return axes;
}

} // namespace app
