#pragma once

#include "ui/charts/chartmath.h"

#include <QWidget>

class QCustomPlot;

namespace ui {

// Axes, grid and curves, drawn by QCustomPlot; knows nothing of mouse, crosshair and legend. Draws when replot() is
// called.
class ChartPlot final : public QWidget {
    Q_OBJECT
public:
    explicit ChartPlot(ChartUnit unit, QWidget* parent = nullptr);

    void setSeries(const QList<ChartSeries>& visible); // takes effect at replot()
    void setRanges(Range x, Range y);
    void setLogarithmic(bool on);
    void setTimeTicks(bool on);
    void setUnit(ChartUnit unit); // of the y axis
    void setTopMargin(int pixels);
    void setRightMargin(int pixels); // for names at the lines' ends; takes effect at replot()
    void setNow(std::optional<double> x);
    void replot();
    void drawTo(QPainter& painter);   // as vectors
    [[nodiscard]] QRect area() const; // of the plot inside this widget
    // The points that the line of a series was drawn through, in the order of setSeries(): thinned to the pixels.
    [[nodiscard]] const Points& drawn(qsizetype series) const { return m_drawn.at(series); }
    [[nodiscard]] Range shownX() const { return m_x; }
    [[nodiscard]] double toPixelX(double x) const;
    [[nodiscard]] double toPixelY(double y) const;
    [[nodiscard]] double fromPixelX(double pixel) const;
    [[nodiscard]] double fromPixelY(double pixel) const;
    static constexpr int kLeft =
        40; // room for the y labels, which makes the axes of charts align; longer labels take more
    static constexpr int kBottom = 24; // x labels and the band of phases
    static constexpr int kRight = 11;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void colour();
    void addGraphs();
    [[nodiscard]] int widestLabel() const;
    void addStack(int columns);
    void addRaw(const ChartSeries& series, int columns);
    void addBand(const NoiseBand& band, QColor ink);
    Points addLine(const ChartSeries& series, int columns);
    ChartUnit m_unit;
    QCustomPlot* m_plot;
    QList<ChartSeries> m_series;
    QList<Points> m_drawn; // one a series; empty of parts and noise
    Range m_x;
    Range m_y;
    std::optional<double> m_now;
    int m_left = kLeft;
    int m_top = 6;
    int m_right = kRight;
    bool m_logarithmic = false;
};

} // namespace ui
