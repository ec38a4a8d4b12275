#pragma once

#include "engine/api/run.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

enum class Better { Higher, Lower };
// How a value is written: Share 0.913 as "91.3 %", Number 0.42134 as "0.4213".
enum class MetricFormat { Share, Number };

// What is measured of a model's answers. Its series are "train/<name>" at each step, "validation/<name>" at each
// validation and "validation/<name>/<class>" for one class alone.
struct MetricInfo {
    std::string name;  // "accuracy": part of the series' names, of settings and of the command line
    std::string label; // "Accuracy"
    std::string unit;  // of a Number; empty: it has none
    Better better = Better::Higher;
    MetricFormat format = MetricFormat::Share;
    std::string meaning; // one sentence
};

// All that are known, the loss first: the one table that charts, lists, columns and the command line are made from. Any
// thread.
[[nodiscard]] std::vector<MetricInfo> metrics();
// The row of this name; of a name that is not in the table (a run of a later version) one made from it. Any thread.
[[nodiscard]] MetricInfo findMetric(std::string_view name);
// Adds a row, or replaces that of the same name. Any thread.
void addMetric(const MetricInfo& metric);

[[nodiscard]] std::string trainSeries(std::string_view metric);      // "train/accuracy"
[[nodiscard]] std::string validationSeries(std::string_view metric); // "validation/accuracy"
// "accuracy" of "train/accuracy", "validation/accuracy" and "validation/accuracy/good"; nothing for other series.
[[nodiscard]] std::optional<std::string> metricOfSeries(std::string_view series);

// "91.3 %", "0.4213", "12.1 px"; "–" where it is no number.
[[nodiscard]] std::string metricWords(const MetricInfo& metric, double value);
// As within a sentence: "mean average precision", "F1".
[[nodiscard]] std::string loweredLabel(const MetricInfo& metric);
// Whether `value` is better than `other`; a value that is no number is better than none.
[[nodiscard]] bool isBetter(const MetricInfo& metric, double value, double other);

// The metric that decides which epoch of this run is the best, and its value there and at the end; NaN where there was
// no validation.
[[nodiscard]] MetricInfo monitored(const RunSummary& run);
[[nodiscard]] double bestMonitored(const RunSummary& run);
[[nodiscard]] double lastMonitored(const RunSummary& run);

} // namespace engine
