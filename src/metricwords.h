#pragma once

#include "engine/api/metrics.h"
#include "ui/charts/chartdata.h"

#include <QString>

// How the window names and writes what is measured: all of it from the engine's tables of metrics and tasks.
namespace app {

[[nodiscard]] engine::MetricInfo lossMetric();
// "91.3 %", "0.421" of a loss, "0.4213", "12.1 px"; numbers as ui/format.h writes them.
[[nodiscard]] QString formatMetric(const engine::MetricInfo& metric, double value);
[[nodiscard]] QString lowerLabel(const engine::MetricInfo& metric); // "accuracy", "F1"
[[nodiscard]] ui::ChartUnit chartUnit(const engine::MetricInfo& metric);

[[nodiscard]] QString bestWords(const engine::RunSummary& run); // "96.1 %"; "–" where there was no validation
// Where a number alone would not say of what: "mean squared error 0.0312"; else "96.1 %".
[[nodiscard]] QString namedBest(const engine::RunSummary& run);
// "parts finished at 96.1 %", "parts finished at mean squared error 0.0312", "parts finished".
[[nodiscard]] QString finishedWords(const QString& name, const engine::RunSummary& run);
// A condition on the metric as one filters by it, with the word of its label that is enough: "accuracy > 95",
// "error < 0.1".
[[nodiscard]] QString conditionExample(const engine::MetricInfo& metric);

// Whether a sample of this task has exactly one class; false of a task that is not known (a run of a later version).
[[nodiscard]] bool isExclusive(const std::string& task);
// The metric of a run of the usual task, where no run says another.
[[nodiscard]] std::string usualMonitor();

} // namespace app
