#include "ui/live/livecharts.h"

#include "ui/charts/chart.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/smoothing.h"
#include "ui/theme.h"

#include <QAction>
#include <QGridLayout>
#include <QTimerEvent>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

enum Cost { Throughput, Memory, Rate, StepTime };

constexpr qsizetype kUsualMetrics = 2;
constexpr int kColumns = 2;
constexpr double kToldApart = 1000; // points beside each other
constexpr int kMostColumns = 3;     // where there are that many metrics: they share the first row

// Piecewise linear y(x) through ascending points, continued with the last slope.
double interpolate(const QList<double>& xs, const QList<double>& ys, double x) {
    const qsizetype count = std::min(xs.size(), ys.size());
    if (count == 0)
        return x;
    if (count == 1)
        return ys[0];
    qsizetype i = std::lower_bound(xs.begin(), xs.begin() + count, x) - xs.begin();
    i = std::clamp<qsizetype>(i, 1, count - 1);
    // Beyond the end the mean slope of the whole is steadier than that of the last two points.
    if (x > xs[count - 1]) {
        const double slope = (ys[count - 1] - ys[0]) / std::max(1e-9, xs[count - 1] - xs[0]);
        return ys[count - 1] + (x - xs[count - 1]) * slope;
    }
    const double width = xs[i] - xs[i - 1];
    return width > 0 ? ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / width : ys[i];
}

double valueAt(const Curve& curve, double step) {
    const auto place = std::lower_bound(curve.step.begin(), curve.step.end(), step);
    return place == curve.step.end() ? std::numeric_limits<double>::quiet_NaN()
                                     : curve.value.at(place - curve.step.begin());
}

} // namespace

LiveCharts::LiveCharts(QWidget* parent)
    : QWidget(parent), m_group(new ChartGroup(this)), m_grid(new QGridLayout(this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(metric::kGap);
    addMetricCharts(kUsualMetrics);
    m_costs = {new Chart(tr("Throughput"), ChartUnit::Count), new Chart(tr("Memory, GB"), ChartUnit::Gigabytes),
               new Chart(tr("Learning rate"), ChartUnit::Rate), new Chart(tr("Step, ms"), ChartUnit::Milliseconds)};
    for (Chart* chart : m_costs)
        connectChart(chart);
    connect(&theme(), &Theme::changed, this, &LiveCharts::rebuild);
    connect(m_group, &ChartGroup::crosshairMoved, this, [this] {
        if (const auto step = crosshairStep())
            m_pointed = step;
    });
    connect(m_group, &ChartGroup::rangeChanged, this, [this] { m_zoomed.start(0, this); });
    arrange();
}

void LiveCharts::connectChart(Chart* chart) {
    m_group->add(chart);
    auto* fork = new QAction(icon(QStringLiteral("git-fork")), tr("New run from this step…"), chart);
    fork->setObjectName(QStringLiteral("fork"));
    chart->addAction(fork);
    connect(fork, &QAction::triggered, this, [this] { Q_EMIT forkRequested(m_pointed.value_or(m_curves.step)); });
    connect(chart, &Chart::exportRequested, this, [this, chart](const QString& ending) {
        Q_EMIT exportRequested(static_cast<int>(shown().indexOf(chart)),
                               QStringLiteral("%1.%2").arg(chart->title(), ending));
    });
}

void LiveCharts::addMetricCharts(qsizetype count) {
    while (m_metrics.size() < count) {
        auto* chart = new Chart(QString(), ChartUnit::Number, this);
        chart->setValueChips(true);
        chart->hide();
        connectChart(chart);
        m_metrics.append(chart);
    }
}

QList<Chart*> LiveCharts::shown() const { return m_metrics.mid(0, m_curves.metrics.size()) + m_costs; }

int LiveCharts::firstRow() const { return m_curves.metrics.size() < kMostColumns ? kColumns : kMostColumns; }

void LiveCharts::arrange() {
    for (Chart* chart : m_metrics + m_costs)
        m_grid->removeWidget(chart);
    for (qsizetype i = m_curves.metrics.size(); i < m_metrics.size(); ++i)
        m_metrics[i]->hide();
    const QList<Chart*> charts = shown();
    const auto count = static_cast<int>(charts.size());
    const int columns = m_oneColumn ? 1 : firstRow();
    const int rows = (count + columns - 1) / columns;
    for (int i = 0; i < count; ++i) {
        const int column = i % columns;
        m_grid->addWidget(charts[i], i / columns, column, 1, i + 1 == count ? columns - column : 1);
        charts[i]->setMinimumHeight(m_oneColumn ? 170 : i < columns ? 160 : 118);
        charts[i]->show();
        if (i > 0)
            setTabOrder(charts[i - 1], charts[i]);
    }
    for (int row = 0; row < std::max(rows, m_grid->rowCount()); ++row)
        m_grid->setRowStretch(row, row >= rows ? 0 : m_oneColumn || row > 0 ? 10 : 14);
    for (int column = 0; column < kMostColumns; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
}

void LiveCharts::setOneColumn(bool one) {
    if (one == m_oneColumn)
        return;
    m_oneColumn = one;
    arrange();
}

void LiveCharts::setCurves(const LiveCurves& curves) {
    const bool others = curves.metrics.size() != m_curves.metrics.size();
    m_curves = curves;
    if (others) {
        addMetricCharts(m_curves.metrics.size());
        arrange();
    }
    rebuild();
}

void LiveCharts::setRunning(bool running) { m_running = running; }

void LiveCharts::setXAxis(XAxis axis) {
    m_axis = axis;
    m_group->reset();
    m_group->setCrosshair(std::nullopt);
    rebuild();
}

void LiveCharts::setSmoothing(double weight) {
    m_smoothing = weight;
    rebuild();
}

void LiveCharts::resetView() {
    m_pointed.reset();
    m_group->reset();
    m_group->setCrosshair(std::nullopt);
}

double LiveCharts::epochOf(double step) const { return m_curves.stepsPerEpoch > 0 ? step / m_curves.stepsPerEpoch : 0; }

double LiveCharts::toX(double step) const {
    switch (m_axis) {
    case XAxis::Step:
        return step;
    case XAxis::Epoch:
        return m_curves.stepsPerEpoch > 0 ? step / m_curves.stepsPerEpoch : step;
    case XAxis::Time:
        break;
    }
    return interpolate(m_curves.clock().step, m_curves.clock().seconds, step);
}

double LiveCharts::toStep(double x) const {
    switch (m_axis) {
    case XAxis::Step:
        return x;
    case XAxis::Epoch:
        return m_curves.stepsPerEpoch > 0 ? x * m_curves.stepsPerEpoch : x;
    case XAxis::Time:
        break;
    }
    return interpolate(m_curves.clock().seconds, m_curves.clock().step, x);
}

std::optional<double> LiveCharts::crosshairStep() const {
    const auto x = m_group->crosshair();
    return x ? std::optional(toStep(*x)) : std::nullopt;
}

ChartSeries LiveCharts::seriesOf(const Curve& curve, const QString& key, const QString& name, const QColor& ink,
                                 ChartSeries::Style style, double scale) const {
    ChartSeries series;
    series.key = key;
    series.name = name;
    series.color = ink;
    series.style = style;
    series.x = curve.step;
    if (m_axis == XAxis::Epoch && m_curves.stepsPerEpoch > 0)
        for (double& x : series.x)
            x /= m_curves.stepsPerEpoch;
    else if (m_axis == XAxis::Time)
        series.x = curve.seconds.size() == curve.step.size() ? curve.seconds : curve.step;
    series.y = curve.value;
    if (style == ChartSeries::Style::Raw) {
        series.minimum = curve.least;
        series.maximum = curve.most;
    }
    if (scale != 1)
        for (double& y : series.y)
            y *= scale;
    return series;
}

void LiveCharts::addSmoothed(QList<ChartSeries>& list, const Curve& curve, const QString& key, const QString& name,
                             Values values) const {
    if (curve.isEmpty())
        return;
    const QColor ink = runColor(1);
    ChartSeries line = seriesOf(curve, key, name, ink, ChartSeries::Style::Line);
    if (m_smoothing > 0) {
        list.append(seriesOf(curve, key, QString(), ink, ChartSeries::Style::Raw));
        const auto invert = [&] {
            for (double& y : line.y)
                y = 1 / y;
        };
        line.measured = line.y;
        if (values == Values::Rates)
            invert();
        line.y = smoothed(line.y, weightFor(line.x));
        if (values == Values::Rates)
            invert();
    }
    list.append(line);
}

double LiveCharts::weightFor(const QList<double>& x) const {
    const auto shown = m_group->zoomed() ? std::upper_bound(x.begin(), x.end(), m_metrics.first()->xTo()) -
                                               std::lower_bound(x.begin(), x.end(), m_metrics.first()->xFrom())
                                         : x.size();
    double apart = 1; // in twos, so that a run that grows does not change at every step
    while (static_cast<double>(shown) > apart * 2 * kToldApart)
        apart *= 2;
    return 1 - (1 - m_smoothing) / apart;
}

void LiveCharts::timerEvent(QTimerEvent* event) {
    if (event->timerId() != m_zoomed.timerId())
        return;
    m_zoomed.stop();
    rebuild();
}

void LiveCharts::rebuild() {
    drawMetrics();
    drawCosts();
    drawFrames();
}

void LiveCharts::drawMetrics() {
    for (qsizetype i = 0; i < m_curves.metrics.size(); ++i) {
        const MetricCurves& metric = m_curves.metrics.at(i);
        QList<ChartSeries> lines;
        addSmoothed(lines, metric.train, QStringLiteral("train"), tr("Train"));
        if (!metric.validation.isEmpty()) {
            ChartSeries line = seriesOf(metric.validation, QStringLiteral("validation"), tr("Validation"), runColor(3),
                                        ChartSeries::Style::Dots);
            if (metric.bestStep >= 0)
                if (const double y = valueAt(metric.validation, metric.bestStep); std::isfinite(y))
                    line.best = QPointF(toX(metric.bestStep), y);
            lines.append(line);
        }
        m_metrics[i]->setTitle(titleOf(metric));
        m_metrics[i]->setUnit(metric.format);
        m_metrics[i]->setSeries(lines);
    }
}

void LiveCharts::drawCosts() {
    using Style = ChartSeries::Style;
    QList<QList<ChartSeries>> all(m_costs.size());
    const auto add = [&](Cost place, const Curve& curve, const char* key, const QString& name, const QColor& ink,
                         Style style, double scale = 1) {
        if (!curve.isEmpty())
            all[place].append(seriesOf(curve, QLatin1String(key), name, ink, style, scale));
    };
    addSmoothed(all[Throughput], m_curves.throughput, QStringLiteral("throughput"), tr("Pictures/s"), Values::Rates);
    add(Memory, m_curves.memoryAllocated, "allocated", tr("Allocated"), runColor(1), Style::Step, 1e-9);
    add(Memory, m_curves.memoryReserved, "reserved", tr("Reserved"), runColor(8), Style::Step, 1e-9);
    add(Memory, m_curves.memoryOthers, "others", tr("Others"), color(Role::Muted), Style::Step, 1e-9);
    add(Rate, m_curves.learningRate, "base", tr("Base"), runColor(1), Style::Line);
    const auto blocks = m_curves.blockRates.size();
    for (qsizetype i = 0; i < blocks; ++i) {
        const NamedCurve& block = m_curves.blockRates.at(i);
        QColor ink = color(Role::ThawedText); // the later the block, the stronger
        ink.setAlphaF(static_cast<float>(0.4 + 0.6 * static_cast<double>(i + 1) / static_cast<double>(blocks)));
        if (!block.curve.isEmpty())
            all[Rate].append(seriesOf(block.curve, block.name, block.name, ink, Style::Line));
    }
    // The data series has all steps; a run that went on on another device has other parts from there on.
    const auto addPart = [&](const Curve& part, const char* key, const QString& name, const QColor& ink) {
        if (part.isEmpty())
            return;
        const Curve whole = atStepsOf(m_curves.waitMs, part);
        if (whole.isEmpty())
            return;
        ChartSeries area = seriesOf(whole, QLatin1String(key), name, ink, Style::Stacked);
        if (m_smoothing > 0) {
            area.measured = area.y;
            area.y = smoothed(winsorized(area.y), weightFor(area.x));
        }
        all[StepTime].append(area);
    };
    addPart(m_curves.waitMs, "data", tr("Data"), runColor(2));
    addPart(m_curves.forwardMs, "forward", tr("Fwd"), runColor(1));
    addPart(m_curves.backwardMs, "backward", tr("Bwd"), runColor(8));
    addPart(m_curves.optimizerMs, "optimizer", tr("Opt"), runColor(4));
    addPart(m_curves.otherMs, "other", tr("Other"), color(Role::NeutralSoft));
    for (qsizetype i = 0; i < m_costs.size(); ++i)
        m_costs[i]->setSeries(all[i]);
    m_costs[Memory]->setLimit(m_curves.memoryLimitBytes > 0 && !all[Memory].isEmpty()
                                  ? std::optional(m_curves.memoryLimitBytes * 1e-9)
                                  : std::nullopt);
}

// What all charts have in common: phases, flags, now and the range along x.
void LiveCharts::drawFrames() {
    QList<ChartPhase> phases = m_curves.phases;
    for (auto& phase : phases) {
        phase.from = toX(phase.from);
        phase.to = toX(phase.to);
    }
    QList<ChartFlag> flags = m_curves.flags;
    for (auto& flag : flags)
        flag.x = toX(flag.x);
    const QString xName = m_axis == XAxis::Epoch ? tr("Epoch") : QString();
    const double end = m_running && m_curves.steps > 0 ? std::min(m_curves.steps, m_curves.step * 1.1) : m_curves.step;
    const QList<Chart*> charts = shown();
    for (qsizetype i = 0; i < charts.size(); ++i) {
        Chart* chart = charts[i];
        chart->setXName(xName);
        chart->setXTicksAsTime(m_axis == XAxis::Time);
        chart->setPhases(phases);
        chart->setFlags(flags, i < firstRow() && !flags.isEmpty());
        chart->setNow(m_running && m_curves.step > 0 ? std::optional(toX(m_curves.step)) : std::nullopt);
        if (m_curves.step > 0)
            chart->setHomeRange(0, std::max(toX(end), 1e-6));
    }
}

bool LiveCharts::exportChart(int index, const QString& file, const QString& of) {
    Chart* chart = shown().value(index);
    return chart != nullptr && chart->exportTo(file, of);
}

} // namespace ui
