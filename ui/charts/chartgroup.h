#pragma once

#include <QList>
#include <QObject>

#include <optional>

namespace ui {

class Chart;

// Charts that share one crosshair and one x range.
class ChartGroup final : public QObject {
    Q_OBJECT
public:
    explicit ChartGroup(QObject* parent = nullptr);
    void add(Chart* chart);
    [[nodiscard]] std::optional<double> crosshair() const { return m_crosshair; }
    void setCrosshair(std::optional<double> x);
    void setHomeRange(double from, double to);
    void reset();
    [[nodiscard]] bool zoomed() const { return m_zoomed; }

Q_SIGNALS:
    void crosshairMoved(std::optional<double> x);
    void zoomedChanged(bool zoomed);

private:
    QList<Chart*> m_charts;
    std::optional<double> m_crosshair;
    bool m_zoomed = false;
};

} // namespace ui
