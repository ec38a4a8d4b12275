#pragma once

#include "ui/charts/chartdata.h"

#include <QWidget>

namespace ui {

class ChartPlot;

// What lies over the curves and changes without redrawing them: crosshair, value chips, flags, phases, limit, best
// rings.
class ChartOverlay final : public QWidget {
    Q_OBJECT
public:
    explicit ChartOverlay(ChartPlot& plot, ChartUnit unit, QWidget* parent);
    void drawTo(QPainter& painter) const;
    void setUnit(ChartUnit unit) { m_unit = unit; }

    QList<ChartSeries> series; // visible ones
    QList<ChartFlag> flags;
    QList<ChartPhase> phases;
    std::optional<double> crosshair;
    std::optional<double> limit;
    QString xName;
    bool lane = false;
    bool chips = false;
    bool timeTicks = false;
    static constexpr int kLane = 21;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void drawPhases(QPainter& painter, const QRect& area) const;
    void drawFlags(QPainter& painter, const QRect& area) const;
    void drawBest(QPainter& painter, const QRect& area) const;
    void drawCrosshair(QPainter& painter, const QRect& area) const;
    ChartPlot& m_plot;
    ChartUnit m_unit;
};

} // namespace ui
