#pragma once

#include "ui/charts/chartdata.h"
#include "ui/charts/lineends.h"

#include <QWidget>

namespace ui {

class ChartPlot;

// Where the crosshair meets a curve: a point that is drawn, and its value.
struct ChartMark {
    QString key;
    QString name;
    QString value;
    QColor ink;
    QPointF at; // pixels of the overlay
};

// What lies over the curves and changes without redrawing them: crosshair, value chips, flags, phases, limit, best
// rings, the line that is lifted, names at the lines' ends, the box that is being drawn.
class ChartOverlay final : public QWidget {
    Q_OBJECT
public:
    explicit ChartOverlay(ChartPlot& plot, ChartUnit unit, QWidget* parent);
    void drawTo(QPainter& painter) const;
    void setUnit(ChartUnit unit) { m_unit = unit; }
    [[nodiscard]] QList<ChartMark> marks() const;
    [[nodiscard]] QList<LineEnd> lineEnds() const; // those with a name, where it stands
    [[nodiscard]] int roomForNames(int width) const;
    [[nodiscard]] QString lineAt(QPoint position) const; // key of the line or name there; empty: none

    QList<ChartSeries> series; // visible ones, the best first where there are names at their ends
    QList<ChartFlag> flags;
    QList<ChartPhase> phases;
    std::optional<double> crosshair;
    std::optional<double> limit;
    std::optional<QRect> zoomBox;
    QString xName;
    QString lifted; // key
    ChartNames names = ChartNames::InLegend;
    bool lane = false;
    bool chips = false;
    bool timeTicks = false;
    static constexpr int kLane = 21;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void drawPhases(QPainter& painter, const QRect& area) const;
    void drawLimit(QPainter& painter, const QRect& area) const;
    void drawFlags(QPainter& painter, const QRect& area) const;
    void drawBest(QPainter& painter, const QRect& area) const;
    void drawLifted(QPainter& painter, const QRect& area) const;
    void drawLineEnds(QPainter& painter, const QRect& area) const;
    void drawBox(QPainter& painter) const;
    void drawCrosshair(QPainter& painter, const QRect& area) const;
    void drawChips(QPainter& painter, const QRect& area, double x, const QList<ChartMark>& marks) const;
    void drawPlace(QPainter& painter, const QRect& area, double x) const;
    [[nodiscard]] qsizetype named() const; // how many curves have a name
    [[nodiscard]] QList<ChartMark> chipsOf(const QList<ChartMark>& marks) const;
    ChartPlot& m_plot;
    ChartUnit m_unit;
};

} // namespace ui
