#include "engine/api/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <mutex>

namespace engine {
namespace {

constexpr std::string_view kTrain = "train/";
constexpr std::string_view kValidation = "validation/";

struct Table {
    std::mutex mutex;
    std::vector<MetricInfo> rows{
        {.name = "loss",
         .label = "Loss",
         .unit = {},
         .better = Better::Lower,
         .format = MetricFormat::Number,
         .meaning = "How far the answers are from what is right; what training makes smaller."},
        {.name = "accuracy",
         .label = "Accuracy",
         .unit = {},
         .better = Better::Higher,
         .format = MetricFormat::Share,
         .meaning = "Share of the pictures whose most probable class is the right one."},
        {.name = "mean_average_precision",
         .label = "Mean average precision",
         .unit = {},
         .better = Better::Higher,
         .format = MetricFormat::Share,
         .meaning =
             "How well each label's pictures are ranked before the others, averaged over the labels; it needs no "
             "threshold."},
        {.name = "f1",
         .label = "F1",
         .unit = {},
         .better = Better::Higher,
         .format = MetricFormat::Share,
         .meaning = "Harmonic mean of precision and recall, averaged over the labels, each with the threshold that is "
                    "best for it in this validation."},
    };
};

Table& table() {
    static Table table;
    return table;
}

// "mean_squared_error" → "Mean squared error".
std::string labelOf(std::string_view name) {
    std::string label(name);
    std::ranges::replace(label, '_', ' ');
    if (!label.empty() && label.front() >= 'a' && label.front() <= 'z')
        label.front() = static_cast<char>(label.front() - 'a' + 'A');
    return label;
}

double valueOf(const std::map<std::string, double>& values, const RunSummary& run) {
    const auto found = values.find(validationSeries(run.monitor));
    return found == values.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

} // namespace

std::vector<MetricInfo> metrics() {
    const std::lock_guard lock(table().mutex);
    return table().rows;
}

MetricInfo findMetric(std::string_view name) {
    const std::lock_guard lock(table().mutex);
    const auto row = std::ranges::find(table().rows, name, &MetricInfo::name);
    if (row != table().rows.end())
        return *row;
    return {.name = std::string(name),
            .label = labelOf(name),
            .unit = {},
            .better = name.find("loss") == std::string_view::npos && name.find("Loss") == std::string_view::npos
                          ? Better::Higher
                          : Better::Lower,
            .format = MetricFormat::Number,
            .meaning = {}};
}

void addMetric(const MetricInfo& metric) {
    const std::lock_guard lock(table().mutex);
    const auto row = std::ranges::find(table().rows, metric.name, &MetricInfo::name);
    if (row != table().rows.end())
        *row = metric;
    else
        table().rows.push_back(metric);
}

std::string trainSeries(std::string_view metric) { return fmt::format("{}{}", kTrain, metric); }
std::string validationSeries(std::string_view metric) { return fmt::format("{}{}", kValidation, metric); }

std::optional<std::string> metricOfSeries(std::string_view series) {
    for (const std::string_view part : {kTrain, kValidation})
        if (series.starts_with(part)) {
            series.remove_prefix(part.size());
            return std::string(series.substr(0, series.find('/')));
        }
    return {};
}

std::string metricWords(const MetricInfo& metric, double value) {
    if (!std::isfinite(value))
        return "–";
    if (metric.format == MetricFormat::Share)
        return fmt::format("{:.1f} %", 100 * value);
    return fmt::format("{:.4f}{}{}", value, metric.unit.empty() ? "" : " ", metric.unit);
}

std::string loweredLabel(const MetricInfo& metric) {
    std::string label = metric.label;
    const auto between = [](char c, char first, char last) { return first <= c && c <= last; };
    if (label.size() > 1 && between(label[0], 'A', 'Z') && between(label[1], 'a', 'z'))
        label[0] = static_cast<char>(label[0] - 'A' + 'a');
    return label;
}

bool isBetter(const MetricInfo& metric, double value, double other) {
    if (!std::isfinite(value) || !std::isfinite(other))
        return std::isfinite(value) && !std::isfinite(other);
    return metric.better == Better::Higher ? value > other : value < other;
}

MetricInfo monitored(const RunSummary& run) { return findMetric(run.monitor); }
double bestMonitored(const RunSummary& run) { return valueOf(run.best, run); }
double lastMonitored(const RunSummary& run) { return valueOf(run.last, run); }

} // namespace engine
