#include "src/runcurves.h"

#include "src/metricwords.h"
#include "src/runevents.h"
#include "src/values.h"

#include <algorithm>
#include <cmath>

namespace app {
namespace {

constexpr std::size_t kMostPoints = 20'000;
constexpr int kStretches = 8'000;           // of a longer series
constexpr std::size_t kVisibleGrowth = 500; // one part in so many

struct Place {
    const char* series;
    ui::Curve ui::LiveCurves::*curve;
};
constexpr Place kPlaces[] = {
    {"throughput/samples_per_s", &ui::LiveCurves::throughput},
    {"learning_rate", &ui::LiveCurves::learningRate},
    {"step_time/data_ms", &ui::LiveCurves::waitMs},
    {"step_time/forward_ms", &ui::LiveCurves::forwardMs},
    {"step_time/backward_ms", &ui::LiveCurves::backwardMs},
    {"step_time/optimizer_ms", &ui::LiveCurves::optimizerMs},
    {"step_time/other_ms", &ui::LiveCurves::otherMs},
};

double bestStep(const ui::Curve& curve, const engine::MetricInfo& metric) {
    double best = std::nan("");
    double step = -1;
    for (qsizetype i = 0; i < curve.value.size(); ++i)
        if (engine::isBetter(metric, curve.value[i], best)) {
            best = curve.value[i];
            step = curve.step[i];
        }
    return step;
}

// Those with a chart: the loss, what is monitored, and what else has a series of the whole set, in the table's order.
std::vector<std::string> metricsOf(const engine::RunReader& reader) {
    std::vector<std::string> names{lossMetric().name, reader.summary().monitor};
    for (const engine::MetricInfo& metric : engine::metrics())
        names.push_back(metric.name);
    std::vector<std::string> measured;
    for (const std::string& series : reader.seriesNames())
        if (const auto metric = engine::metricOfSeries(series);
            metric && (series == engine::trainSeries(*metric) || series == engine::validationSeries(*metric)))
            measured.push_back(*metric);
    names.insert(names.end(), measured.begin(), measured.end());
    std::vector<std::string> made;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (std::ranges::find(made, names[i]) == made.end() &&
            (i < 2 || std::ranges::find(measured, names[i]) != measured.end()))
            made.push_back(names[i]);
    return made;
}

} // namespace

RunCurves::RunCurves(std::vector<engine::FreezeOutcome> plan, const std::vector<engine::BlockInfo>& tree)
    : m_plan(std::move(plan)) {
    for (const auto& stage : tree)
        m_stages.append(words(stage.name));
}

void RunCurves::read(const engine::RunReader& reader) {
    const engine::RunSummary& run = reader.summary();
    m_start = run.startedAt;
    readGaps(reader);
    for (const Place& place : kPlaces)
        readSeries(reader, place.series, m_curves.*place.curve);
    readMetrics(reader);
    for (const std::string& name : reader.seriesNames()) {
        if (!name.starts_with("memory/"))
            continue;
        if (name.ends_with("/reserved_bytes"))
            readSeries(reader, name, m_curves.memoryReserved);
        else if (name.ends_with("/others_bytes"))
            readSeries(reader, name, m_curves.memoryOthers);
        else
            readSeries(reader, name, m_curves.memoryAllocated);
    }
    const ui::Curve& clock = m_curves.clock();
    const double lastPoint = clock.isEmpty() ? 0 : clock.step.last();
    m_curves.step = std::max(static_cast<double>(run.step), lastPoint);
    m_curves.steps = static_cast<double>(run.steps);
    m_curves.stepsPerEpoch = run.epochs > 0 ? static_cast<double>(run.steps) / run.epochs : 0;
    readPhases();
    readBlocks(reader);
    readRates(reader);
    readFlags(reader);
}

void RunCurves::readMetrics(const engine::RunReader& reader) {
    const QList<ui::MetricCurves> before = std::exchange(m_curves.metrics, {});
    for (const std::string& name : metricsOf(reader)) {
        const engine::MetricInfo metric = engine::findMetric(name);
        const auto known = std::ranges::find(before, words(name), &ui::MetricCurves::name);
        ui::MetricCurves curves = known == before.end() ? ui::MetricCurves{.name = words(name)} : *known;
        curves.label = words(metric.label);
        curves.unit = words(metric.unit);
        curves.format = chartUnit(metric);
        readSeries(reader, engine::trainSeries(name), curves.train);
        readSeries(reader, engine::validationSeries(name), curves.validation);
        if (name == reader.summary().monitor)
            curves.bestStep = static_cast<double>(reader.summary().bestStep);
        else if (name == lossMetric().name)
            curves.bestStep = bestStep(curves.validation, metric);
        m_curves.metrics.append(curves);
    }
}

void RunCurves::readGaps(const engine::RunReader& reader) {
    m_gaps.clear();
    const auto& events = reader.events();
    for (std::size_t i = 1; i < events.size(); ++i)
        if (events[i].kind == engine::EventKind::Started || events[i].kind == engine::EventKind::Resumed)
            m_gaps.push_back({events[i - 1].time, events[i].time});
}

double RunCurves::secondsAt(double time) const {
    double seconds = time - m_start;
    for (const Gap& gap : m_gaps)
        if (time > gap.from)
            seconds -= std::min(time, gap.to) - gap.from;
    return std::max(0.0, seconds);
}

void RunCurves::readSeries(const engine::RunReader& reader, const std::string& name, ui::Curve& curve) {
    const engine::Series& series = reader.series(name);
    const std::size_t size = series.step.size();
    if (size > kMostPoints) {
        // While it runs, once it has grown by what an eye can see.
        std::size_t& read = m_read[name];
        const bool running = reader.summary().state == engine::RunState::Running;
        if (running && !curve.isEmpty() && size >= read && size - read < size / kVisibleGrowth)
            return;
        read = size;
        curve = {};
        const auto stretches = reader.envelope(name, static_cast<double>(series.step.front()),
                                               static_cast<double>(series.step.back()), kStretches);
        std::size_t place = 0; // stretches come in order: what is before them is passed over once
        for (const engine::Envelope& stretch : stretches) {
            if (stretch.count == 0)
                continue;
            while (place + 1 < size && static_cast<double>(series.step[place]) < (stretch.first + stretch.last) / 2)
                ++place;
            curve.step.append(static_cast<double>(series.step[place]));
            curve.value.append(static_cast<double>(stretch.mean));
            curve.least.append(static_cast<double>(stretch.minimum));
            curve.most.append(static_cast<double>(stretch.maximum));
            curve.seconds.append(secondsAt(series.time[place]));
        }
        return;
    }
    auto have = static_cast<std::size_t>(curve.step.size());
    // A resumed run takes points back and may have written others in their place.
    if (have > size || (have > 0 && (static_cast<double>(series.step[have - 1]) != curve.step.last() ||
                                     secondsAt(series.time[have - 1]) != curve.seconds.last()))) {
        curve = {};
        have = 0;
    }
    for (std::size_t i = have; i < size; ++i) {
        curve.step.append(static_cast<double>(series.step[i]));
        curve.value.append(static_cast<double>(series.value[i]));
        curve.seconds.append(secondsAt(series.time[i]));
    }
}

void RunCurves::readPhases() {
    m_curves.phases.clear();
    if (m_plan.empty() || m_stages.size() < 2 || m_curves.steps <= 0)
        return;
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        const auto from = static_cast<double>(m_plan[i].fromEpoch - 1) * m_curves.stepsPerEpoch;
        const double to = i + 1 < m_plan.size()
                              ? static_cast<double>(m_plan[i + 1].fromEpoch - 1) * m_curves.stepsPerEpoch
                              : m_curves.steps;
        const auto trainedStages =
            std::count_if(m_plan[i].trainedBlocks.begin(), m_plan[i].trainedBlocks.end(),
                          [this](const std::string& name) { return m_stages.contains(words(name)); });
        const double share =
            std::clamp(static_cast<double>(trainedStages - 1) / static_cast<double>(m_stages.size() - 1), 0.0, 1.0);
        m_curves.phases.append({from, std::min(to, m_curves.steps), share > 0, share});
    }
}

void RunCurves::readBlocks(const engine::RunReader& reader) {
    const auto names = reader.seriesNames();
    const bool measured =
        std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.starts_with("insight/"); });
    if (!measured || m_plan.empty())
        return;
    if (m_curves.blocks.size() != m_stages.size()) {
        m_curves.blocks.clear();
        for (const auto& name : m_stages)
            m_curves.blocks.append({name, {}, {}, {}, {}});
    }
    for (auto& block : m_curves.blocks) {
        const std::string room = "insight/" + block.name.toStdString();
        readSeries(reader, room + "/update_ratio", block.updateRatio);
        readSeries(reader, room + "/gradient_norm", block.gradientNorm);
        readSeries(reader, room + "/distance", block.distance);
        block.trained.clear();
        for (std::size_t i = 0; i < m_plan.size(); ++i) {
            const auto& trained = m_plan[i].trainedBlocks;
            if (std::find(trained.begin(), trained.end(), block.name.toStdString()) == trained.end())
                continue;
            const double from = stepOf(m_plan[i].fromEpoch);
            const double to = i + 1 < m_plan.size() ? stepOf(m_plan[i + 1].fromEpoch) : m_curves.steps;
            if (!block.trained.isEmpty() && block.trained.last().second >= from)
                block.trained.last().second = to;
            else
                block.trained.append({from, to});
        }
    }
}

// Blocks that go the same way share a line; those that go the run's own way need none.
void RunCurves::readRates(const engine::RunReader& reader) {
    m_curves.blockRates.clear();
    QStringList shared;
    for (const auto& name : m_stages) {
        ui::Curve& curve = m_rates[name];
        readSeries(reader, "learning_rate/" + name.toStdString(), curve);
        if (curve.isEmpty() || (curve.value == m_curves.learningRate.value && curve.step == m_curves.learningRate.step))
            continue;
        if (!m_curves.blockRates.isEmpty() && m_curves.blockRates.last().curve.value == curve.value &&
            m_curves.blockRates.last().curve.step == curve.step) {
            shared.append(name);
            m_curves.blockRates.last().name = QStringLiteral("%1 +%2").arg(shared.first()).arg(shared.size() - 1);
            continue;
        }
        shared = {name};
        m_curves.blockRates.append({name, curve});
    }
}

void RunCurves::readFlags(const engine::RunReader& reader) {
    m_curves.flags.clear();
    std::vector<int> epochs;
    for (const engine::FreezeOutcome& phase : m_plan)
        epochs.push_back(phase.fromEpoch);
    const std::vector<bool> begins = phasesBegun(reader.events(), epochs);
    for (std::size_t i = 0; i < reader.events().size(); ++i) {
        const engine::RunEvent& event = reader.events()[i];
        if (event.step <= 0)
            continue;
        const auto x = static_cast<double>(event.step);
        const QString tip = words(event.text);
        if (begins[i])
            m_curves.flags.append({x, QStringLiteral("lock-open"), ui::Role::ThawedText, tip});
        else if (event.kind == engine::EventKind::Knob)
            m_curves.flags.append({x, QStringLiteral("sliders-horizontal"), ui::Role::AccentText, tip});
        else if (isWarning(event))
            m_curves.flags.append({x, QStringLiteral("triangle-alert"), ui::Role::WarningText, tip});
        else if (event.kind == engine::EventKind::Alarm)
            m_curves.flags.append({x, QStringLiteral("shield-alert"), ui::Role::DangerText, tip});
        else if (event.kind == engine::EventKind::Failure)
            m_curves.flags.append({x, QStringLiteral("circle-alert"), ui::Role::DangerText, tip});
        else if (event.kind == engine::EventKind::Started)
            m_curves.flags.append({x, QStringLiteral("play"), ui::Role::Muted, tip});
    }
}

} // namespace app
