#pragma once

#include "ui/charts/chart.h"
#include "ui/charts/chartmath.h"
#include "ui/charts/chartoverlay.h"
#include "ui/charts/chartplot.h"

#include <QBasicTimer>
#include <QElapsedTimer>
#include <QPointer>

#include <algorithm>
#include <cmath>

namespace ui {

inline constexpr int kRedrawMs = 33; // at most 30 redraws a second
inline constexpr int kChartTop = 8;  // half the topmost label, which is left out where it does not fit

// What a chart holds; chart.cpp draws it, chartinput.cpp follows mouse and keys.
struct Chart::Impl {
    Impl(const QString& name, ChartUnit chartUnit, Chart* chart)
        : title(name),
          unit(chartUnit),
          plot(new ChartPlot(chartUnit, chart)),
          overlay(new ChartOverlay(*plot, chartUnit, chart)) {}

    [[nodiscard]] QList<ChartSeries> visible() const {
        QList<ChartSeries> shown;
        for (const auto& one : series)
            if (!hidden.contains(one.key))
                shown.append(one);
        return shown;
    }
    [[nodiscard]] Range homeX() const {
        Range range = xRangeOf(series);
        if (std::isfinite(homeFrom))
            range.from = homeFrom;
        if (std::isfinite(homeTo))
            range.to = homeTo;
        return range.size() > 0 ? range : Range{range.from, range.from + 1};
    }
    [[nodiscard]] Range rangeX() const { return zoomX.value_or(homeX()); }
    // Within the data: what lies beside it says nothing. Nothing where that is all of it.
    [[nodiscard]] std::optional<Range> withinHome(Range range) const {
        const Range home = homeX();
        if (range.size() >= home.size())
            return std::nullopt;
        const double shift = std::max(0.0, home.from - range.from) - std::max(0.0, range.to - home.to);
        return Range{range.from + shift, range.to + shift};
    }

    QString title;
    ChartUnit unit;
    ChartPlot* plot;
    ChartOverlay* overlay;
    QPointer<ChartGroup> group;
    QList<ChartSeries> series;
    QStringList hidden;
    double homeFrom = std::numeric_limits<double>::quiet_NaN();
    double homeTo = std::numeric_limits<double>::quiet_NaN();
    std::optional<Range> zoomX;
    std::optional<Range> zoomY;
    bool logarithmic = false;
    bool onlyY = false; // Y is held
    enum class Drag { None, Pan, Box };
    Drag drag = Drag::None;
    QPoint dragFrom;
    Range dragX, dragY;
    QBasicTimer timer;
    QElapsedTimer sinceRedraw;
    int redraws = 0;
    Range lastX, lastY;

    void schedule(Chart* chart) {
        if (timer.isActive())
            return;
        const qint64 passed = sinceRedraw.isValid() ? sinceRedraw.elapsed() : kRedrawMs;
        timer.start(static_cast<int>(std::max<qint64>(0, kRedrawMs - passed)), chart);
    }

    void redraw(Chart* chart) {
        const auto shown = visible();
        lastX = rangeX();
        lastY = yRangeOf(shown, lastX, unit, overlay->limit);
        bool log = false;
        if (const auto range = logarithmic ? logRangeOf(shown, lastX) : std::nullopt) {
            log = true;
            lastY = *range;
        }
        if (zoomY)
            lastY = Range{log ? std::max(zoomY->from, lastY.from) : zoomY->from, zoomY->to};
        plot->setLogarithmic(log);
        plot->setSeries(shown);
        plot->setTopMargin(overlay->lane ? ChartOverlay::kLane : kChartTop);
        overlay->series = shown;
        plot->setRightMargin(overlay->names == ChartNames::AtLineEnds ? overlay->roomForNames(plot->width()) : 0);
        plot->setRanges(lastX, lastY);
        plot->replot();
        overlay->update();
        ++redraws;
        sinceRedraw.start();
        chart->update();
    }

    void zoomXTo(Chart* chart, Range range) {
        const auto within = withinHome(range);
        if (!within && !zoomX)
            return;
        zoomX = within;
        if (within)
            Q_EMIT chart->xRangeChosen(within->from, within->to);
        else
            Q_EMIT chart->rangeReset();
        schedule(chart);
    }

    // Y is fitted to what X shows, unless Y itself is zoomed.
    void zoom(Chart* chart, double factor, double aboutX, double aboutY) {
        const auto about = [factor](Range range, double middle) {
            return Range{middle - (middle - range.from) * factor, middle + (range.to - middle) * factor};
        };
        if (!onlyY) {
            zoomXTo(chart, about(lastX, aboutX));
            return;
        }
        zoomY = about(lastY, aboutY);
        schedule(chart);
    }

    [[nodiscard]] double snapped(double x) const { return measuredX(overlay->series, x, Towards::Nearest).value_or(x); }
};

} // namespace ui
