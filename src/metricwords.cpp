#include "src/metricwords.h"

#include "engine/api/tasks.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

struct MetricWords {
    Q_DECLARE_TR_FUNCTIONS(Metric)
};

bool isShare(const engine::MetricInfo& metric) { return metric.format == engine::MetricFormat::Share; }

} // namespace

engine::MetricInfo lossMetric() { return engine::metrics().front(); }

QString formatMetric(const engine::MetricInfo& metric, double value) {
    if (isShare(metric))
        return ui::formatPercent(value);
    const QString number = metric.name == lossMetric().name ? ui::formatLoss(value) : ui::formatNumber(value);
    return metric.unit.empty() || !std::isfinite(value) ? number
                                                        : QStringLiteral("%1 %2").arg(number, words(metric.unit));
}

QString lowerLabel(const engine::MetricInfo& metric) { return words(engine::loweredLabel(metric)); }

ui::ChartUnit chartUnit(const engine::MetricInfo& metric) {
    if (isShare(metric))
        return ui::ChartUnit::Percent;
    return metric.name == lossMetric().name ? ui::ChartUnit::Loss : ui::ChartUnit::Number;
}

QString bestWords(const engine::RunSummary& run) {
    return formatMetric(engine::monitored(run), engine::bestMonitored(run));
}

QString namedBest(const engine::RunSummary& run) {
    const engine::MetricInfo metric = engine::monitored(run);
    return isShare(metric) ? bestWords(run) : QStringLiteral("%1 %2").arg(lowerLabel(metric), bestWords(run));
}

QString finishedWords(const QString& name, const engine::RunSummary& run) {
    return std::isfinite(engine::bestMonitored(run)) ? MetricWords::tr("%1 finished at %2").arg(name, namedBest(run))
                                                     : MetricWords::tr("%1 finished").arg(name);
}

QString conditionExample(const engine::MetricInfo& metric) {
    const bool higher = metric.better == engine::Better::Higher;
    const QString bound = !isShare(metric) ? QStringLiteral("0.1")
                          : higher         ? QStringLiteral("95")
                                           : QStringLiteral("5");
    return QStringLiteral("%1 %2 %3")
        .arg(lowerLabel(metric).section(QLatin1Char(' '), -1), higher ? QStringLiteral(">") : QStringLiteral("<"),
             bound);
}

bool isExclusive(const std::string& task) {
    const auto known = engine::tasks();
    const auto row = std::ranges::find(known, task, &engine::TaskInfo::name);
    return row != known.end() && row->exclusive;
}

std::string usualMonitor() { return engine::tasks().front().monitor; }

} // namespace app
