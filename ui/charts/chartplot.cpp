#include "ui/charts/chartplot.h"

#include "ui/charts/qcustomplotwrapper.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <cmath>

namespace ui {
namespace {

constexpr int kLabelRoom = 6;      // between the y labels and the axis
constexpr double kBandAlpha = 0.3; // of noise that is as dense as a band may be, and of the densest
constexpr double kLeastBandAlpha = 0.12;

// Round steps that give at most `ticks` ticks, labelled in the words of the unit.
class UnitTicker : public QCPAxisTicker {
public:
    UnitTicker(ChartUnit unit, int ticks) : m_unit(unit), m_ticks(ticks) {}
    void setMost(int ticks) { m_ticks = ticks; }

protected:
    double getTickStep(const QCPRange& range) override {
        const double least = range.size() / m_ticks;
        const double power = std::pow(10, std::floor(std::log10(std::max(least, 1e-300))));
        m_step = 10 * power;
        for (const double factor : {1.0, 2.0, 5.0})
            if (factor * power >= least) {
                m_step = factor * power;
                break;
            }
        return m_step;
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override { return axisText(m_unit, tick, m_step); }
    void setStep(double step) { m_step = step; }

private:
    ChartUnit m_unit;
    int m_ticks;
    double m_step = 1;
};

// Steps and epochs are counted: there is no tick between two of them, unless nothing else is in sight.
class CountTicker final : public UnitTicker {
public:
    CountTicker() : UnitTicker(ChartUnit::Count, 6) {}

protected:
    double getTickStep(const QCPRange& range) override {
        const double step = UnitTicker::getTickStep(range);
        if (step >= 1 || range.size() < 1)
            return step;
        setStep(1);
        return 1;
    }
};

class TimeTicker final : public QCPAxisTicker {
public:
    TimeTicker() { setTickCount(5); }

protected:
    double getTickStep(const QCPRange& range) override {
        for (const double step : {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400})
            if (range.size() / step <= 6)
                return step;
        return std::ceil(range.size() / 6 / 86400) * 86400;
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override { return formatSpan(std::max(0.0, tick)); }
};

// Powers of ten; where less than two of them are in sight, five times them as well, and then twice.
class LogTicker final : public QCPAxisTicker {
protected:
    QVector<double> createTickVector(double, const QCPRange& range) override {
        QVector<double> ticks;
        for (const auto& factors : {QList<double>{1}, QList<double>{1, 5}, QList<double>{1, 2, 5}}) {
            ticks.clear();
            for (double power = std::pow(10, std::floor(std::log10(range.lower))); power <= range.upper; power *= 10)
                for (const double factor : factors)
                    if (factor * power >= range.lower && factor * power <= range.upper)
                        ticks.append(factor * power);
            if (ticks.size() >= 2)
                break;
        }
        return ticks;
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return tick >= 1 ? countAtAxis(tick) : formatRate(tick);
    }
};

QPen penOf(const ChartSeries& series) {
    QColor ink = series.color;
    if (series.style == ChartSeries::Style::Raw)
        ink.setAlpha(theme().rawAlpha());
    qreal width = 2;
    if (series.style == ChartSeries::Style::Raw)
        width = 1;
    else if (series.style == ChartSeries::Style::Step || series.style == ChartSeries::Style::Dots ||
             series.style == ChartSeries::Style::Dashed)
        width = 1.5;
    QPen pen(ink, width);
    pen.setJoinStyle(Qt::RoundJoin);
    pen.setCapStyle(Qt::RoundCap);
    if (series.dashed || series.style == ChartSeries::Style::Dashed) {
        pen.setCapStyle(Qt::FlatCap);
        pen.setDashPattern({4 / width, 3 / width});
    }
    if (series.style == ChartSeries::Style::Raw)
        pen.setCosmetic(true);
    return pen;
}

} // namespace

ChartPlot::ChartPlot(ChartUnit unit, QWidget* parent) : QWidget(parent), m_unit(unit), m_plot(new QCustomPlot(this)) {
    m_plot->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setPlottingHint(QCP::phFastPolylines, true);
    m_plot->setPlottingHint(QCP::phCacheLabels, true);
    m_plot->axisRect()->setAutoMargins(QCP::msNone);
    m_plot->axisRect()->setMinimumSize(10, 10);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLength(0);
        axis->setSubTicks(false);
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelFont(ui::font(FontRole::Small));
        axis->grid()->setSubGridVisible(false);
        axis->grid()->setAntialiased(false);
        axis->setAntialiased(false);
        axis->setTickLabelPadding(6);
        axis->setNumberFormat(QStringLiteral("g")); // our labels are final: no 1e-3 set as 1·10⁻³
    }
    m_plot->xAxis->setTickLabelPadding(7);
    m_plot->xAxis->setTicker(QSharedPointer<CountTicker>::create());
    m_plot->yAxis->setTicker(QSharedPointer<UnitTicker>::create(unit, 4));
}

void ChartPlot::setSeries(const QList<ChartSeries>& visible) { m_series = visible; }

void ChartPlot::setRanges(Range x, Range y) {
    m_x = x;
    m_y = y;
    m_plot->xAxis->setRange(x.from, x.to);
    m_plot->yAxis->setRange(y.from, y.to);
}

void ChartPlot::setLogarithmic(bool on) {
    if (on == m_logarithmic)
        return;
    m_logarithmic = on;
    m_plot->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (on)
        m_plot->yAxis->setTicker(QSharedPointer<LogTicker>::create());
    else
        m_plot->yAxis->setTicker(QSharedPointer<UnitTicker>::create(m_unit, 4));
}

void ChartPlot::setUnit(ChartUnit unit) {
    m_unit = unit;
    if (!m_logarithmic)
        m_plot->yAxis->setTicker(QSharedPointer<UnitTicker>::create(m_unit, 4));
}

void ChartPlot::setTimeTicks(bool on) {
    if (on)
        m_plot->xAxis->setTicker(QSharedPointer<TimeTicker>::create());
    else
        m_plot->xAxis->setTicker(QSharedPointer<CountTicker>::create());
}

void ChartPlot::setTopMargin(int pixels) { m_top = pixels; }
void ChartPlot::setRightMargin(int pixels) { m_right = std::max(kRight, pixels); }
void ChartPlot::setNow(std::optional<double> x) { m_now = x; }

void ChartPlot::colour() {
    m_plot->setBackground(QBrush(color(Role::Surface)));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(QPen(color(Role::ChartAxis), 1));
        axis->setTickLabelColor(color(Role::Muted));
        axis->grid()->setPen(QPen(color(Role::ChartGrid), 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
}

// Parts share their x values. Each sum of parts is an area down to the axis, the whole first and smaller ones over it.
void ChartPlot::addStack(int columns) {
    struct Sum {
        Points points;
        QColor ink;
    };
    QList<Sum> sums;
    QList<double> stack;
    // An area takes as long to fill as it is high, out of sight as well.
    const double ceiling = m_y.to + m_y.size();
    for (const auto& series : m_series) {
        if (series.style != ChartSeries::Style::Stacked)
            continue;
        stack.resize(series.y.size(), 0);
        bool anything = false;
        for (qsizetype i = 0; i < series.y.size(); ++i) {
            if (!std::isfinite(series.y[i]) || series.y[i] == 0)
                continue;
            stack[i] += series.y[i];
            anything = true;
        }
        if (!anything)
            continue;
        sums.append({thinned(series.x, stack, m_x, columns), series.color});
        for (double& y : sums.last().points.y)
            y = std::min(y, ceiling);
    }
    for (auto sum = sums.crbegin(); sum != sums.crend(); ++sum) {
        auto* graph = m_plot->addGraph();
        graph->setAdaptiveSampling(false);
        graph->setPen(Qt::NoPen);
        graph->setAntialiasedFill(false); // smooth edges of many spikes take ten times as long
        graph->setBrush(sum->ink);
        graph->setData(sum->points.x, sum->points.y, true);
    }
}

void ChartPlot::addGraphs() {
    m_plot->clearPlottables();
    m_plot->clearItems();
    if (m_now && *m_now < m_x.to) {
        auto* band = new QCPItemRect(m_plot);
        band->setLayer(QLatin1String("background"));
        band->setPen(Qt::NoPen);
        band->setBrush(color(Role::ChartBand));
        band->setAntialiased(false);
        band->topLeft->setCoords(*m_now, m_y.to);
        band->bottomRight->setCoords(m_x.to, m_y.from);
    }
    const int columns = std::max(16, m_plot->axisRect()->width());
    addStack(columns);
    m_drawn.clear();
    for (const auto& series : m_series) {
        m_drawn.append(Points());
        if (series.style == ChartSeries::Style::Stacked)
            continue;
        if (series.style == ChartSeries::Style::Raw)
            addRaw(series, columns);
        else
            m_drawn.last() = addLine(series, columns);
    }
}

// Noise that is denser than the pixels would be a slab of colour: it is drawn as a band, the fainter the denser.
void ChartPlot::addRaw(const ChartSeries& series, int columns) {
    if (const auto band = noiseBand(series, m_x, columns)) {
        QColor ink = series.color;
        ink.setAlphaF(std::clamp(kBandAlpha - 0.02 * std::log2(band->density), kLeastBandAlpha, kBandAlpha));
        addBand(*band, ink);
        return;
    }
    auto* graph = m_plot->addGraph();
    graph->setPen(penOf(series));
    graph->setAdaptiveSampling(false);
    graph->setAntialiased(false);
    const Points points = envelope(series.x, series.y, m_x, columns);
    graph->setData(points.x, points.y, true);
}

void ChartPlot::addBand(const NoiseBand& band, QColor ink) {
    const auto edge = [&](const QList<double>& y) {
        auto* graph = m_plot->addGraph();
        graph->setPen(Qt::NoPen);
        graph->setAdaptiveSampling(false);
        graph->setAntialiasedFill(false);
        graph->setData(band.x, y, true);
        return graph;
    };
    QCPGraph* low = edge(band.low);
    QCPGraph* high = edge(band.high);
    high->setBrush(ink);
    high->setChannelFillGraph(low);
    auto* spikes = m_plot->addGraph();
    ink.setAlpha(theme().rawAlpha());
    spikes->setPen(QPen(ink, 1));
    spikes->setAdaptiveSampling(false);
    spikes->setAntialiased(false);
    spikes->setData(band.spikes.x, band.spikes.y, true);
}

Points ChartPlot::addLine(const ChartSeries& series, int columns) {
    auto* graph = m_plot->addGraph();
    graph->setPen(penOf(series));
    graph->setAdaptiveSampling(false);
    graph->setAntialiased(true);
    if (series.style == ChartSeries::Style::Step)
        graph->setLineStyle(QCPGraph::lsStepLeft);
    const Points points = thinned(series.x, series.y, m_x, columns);
    graph->setData(points.x, points.y, true);
    if (series.style == ChartSeries::Style::Dots && points.x.size() * 5 < columns)
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, series.color, series.color, 3.6));
    return points;
}

int ChartPlot::widestLabel() const {
    const QCPAxis* axis = m_plot->yAxis;
    QVector<double> ticks;
    QVector<QString> labels;
    axis->ticker()->generate(axis->range(), QLocale(), QLatin1Char('g'), 6, ticks, nullptr, &labels);
    const QFontMetrics metrics(axis->tickLabelFont());
    int widest = 0;
    for (qsizetype i = 0; i < labels.size(); ++i)
        if (axis->range().contains(ticks.at(i)))
            widest = std::max(widest, metrics.horizontalAdvance(labels.at(i)));
    return widest;
}

void ChartPlot::replot() {
    if (auto ticker = qSharedPointerDynamicCast<UnitTicker>(m_plot->yAxis->ticker()))
        ticker->setMost(std::clamp(area().height() / 20, 3, 5));
    m_left = std::max(kLeft, widestLabel() + kLabelRoom);
    m_plot->axisRect()->setMargins(QMargins(m_left, m_top, m_right, kBottom));
    colour();
    addGraphs();
    m_plot->replot(QCustomPlot::rpImmediateRefresh);
}

void ChartPlot::drawTo(QPainter& painter) {
    QPicture picture;
    {
        QCPPainter recorder;
        recorder.begin(&picture);
        recorder.setMode(QCPPainter::pmVectorized);
        recorder.setMode(QCPPainter::pmNoCaching);
        m_plot->toPainter(&recorder, width(), height());
    }
    painter.drawPicture(0, 0, picture);
}

QRect ChartPlot::area() const { return rect().adjusted(m_left, m_top, -m_right, -kBottom); }
double ChartPlot::toPixelX(double x) const { return m_plot->xAxis->coordToPixel(x); }
double ChartPlot::toPixelY(double y) const { return m_plot->yAxis->coordToPixel(y); }
double ChartPlot::fromPixelX(double pixel) const { return m_plot->xAxis->pixelToCoord(pixel); }
double ChartPlot::fromPixelY(double pixel) const { return m_plot->yAxis->pixelToCoord(pixel); }

void ChartPlot::resizeEvent(QResizeEvent*) { m_plot->setGeometry(rect()); }

} // namespace ui
