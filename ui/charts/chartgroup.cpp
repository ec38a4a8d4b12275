#include "ui/charts/chartgroup.h"

#include "ui/charts/chart.h"

#include <cmath>

namespace ui {

ChartGroup::ChartGroup(QObject* parent) : QObject(parent) {}

void ChartGroup::add(Chart* chart) {
    m_charts.append(chart);
    chart->setGroup(this);
    connect(chart, &QObject::destroyed, this, [this, chart] {
        m_charts.removeAll(chart);
        m_waiting.removeAll(chart);
    });
    connect(chart, &Chart::crosshairMoved, this, [this](std::optional<double> x) { setCrosshair(x); });
    connect(chart, &Chart::xRangeChosen, this, [this, chart](double from, double to) {
        for (Chart* other : m_charts)
            if (other != chart)
                other->setXRange(from, to);
        if (!m_zoomed) {
            m_zoomed = true;
            Q_EMIT zoomedChanged(true);
        }
        Q_EMIT rangeChanged();
    });
    connect(chart, &Chart::liftedChanged, this, &ChartGroup::setLifted);
    connect(chart, &Chart::rangeReset, this, &ChartGroup::reset);
}

void ChartGroup::setCrosshair(std::optional<double> x) {
    m_crosshair = x;
    for (Chart* chart : m_charts)
        chart->setCrosshair(x);
    Q_EMIT crosshairMoved(x);
}

void ChartGroup::setLifted(const QString& key) {
    if (key == m_lifted)
        return;
    m_lifted = key;
    for (Chart* chart : m_charts)
        chart->setLifted(key);
    Q_EMIT liftedChanged(key);
}

void ChartGroup::redrawInTurn(Chart* chart) {
    if (!m_waiting.contains(chart))
        m_waiting.append(chart);
    if (!m_turn.isActive())
        m_turn.start(0, this);
}

void ChartGroup::timerEvent(QTimerEvent*) {
    if (!m_waiting.isEmpty())
        m_waiting.takeFirst()->redrawNow();
    if (m_waiting.isEmpty())
        m_turn.stop();
}

void ChartGroup::setHomeRange(double from, double to) {
    for (Chart* chart : m_charts)
        chart->setHomeRange(from, to);
}

void ChartGroup::reset() {
    for (Chart* chart : m_charts)
        chart->setXRange(std::nan(""), std::nan(""));
    if (m_zoomed) {
        m_zoomed = false;
        Q_EMIT zoomedChanged(false);
        Q_EMIT rangeChanged();
    }
}

} // namespace ui
