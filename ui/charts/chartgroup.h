#pragma once

#include <QBasicTimer>
#include <QList>
#include <QObject>

#include <optional>

namespace ui {

class Chart;

// Charts that share one crosshair and one x range, and are drawn in turns: one in each turn of the event loop, so that
// many of them never keep the window from the mouse.
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
    void setLifted(const QString& key); // the line that stands out in all of them; empty: none
    [[nodiscard]] QString lifted() const { return m_lifted; }
    void redrawInTurn(Chart* chart); // one of the group's

Q_SIGNALS:
    void crosshairMoved(std::optional<double> x);
    void zoomedChanged(bool zoomed);
    void rangeChanged(); // of x, by the person
    void liftedChanged(const QString& key);

protected:
    void timerEvent(QTimerEvent* event) override;

private:
    QList<Chart*> m_charts;
    QList<Chart*> m_waiting; // to be drawn
    QBasicTimer m_turn;
    std::optional<double> m_crosshair;
    QString m_lifted;
    bool m_zoomed = false;
};

} // namespace ui
