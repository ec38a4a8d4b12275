#pragma once

#include "ui/compare/paralleldata.h"

#include <QHash>
#include <QWidget>

namespace ui {

// A line a run across one axis a quantity. Dragging on an axis keeps the runs that pass there; several axes are "and".
// The line under the mouse is lifted and named; Up and Down go through the lines, Left and Right through the axes,
// Delete clears an axis and Escape all; a double click on a name turns its axis over.
class ParallelView final : public QWidget {
    Q_OBJECT
public:
    explicit ParallelView(QWidget* parent = nullptr);
    void setRuns(const ParallelRuns& runs);
    [[nodiscard]] QStringList inside() const; // the runs that pass all brushes; all where there are none
    [[nodiscard]] bool brushed() const { return !m_brushes.isEmpty(); }
    void clearBrushes();
    [[nodiscard]] QSize sizeHint() const override { return {640, 260}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 160}; }

Q_SIGNALS:
    void insideChanged();
    void runActivated(const QString& id); // a line was pressed

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Brush {
        double from = 0, to = 1; // places on the axis, 0 below
    };
    [[nodiscard]] double axisX(qsizetype axis) const;
    [[nodiscard]] double yOf(double place) const;
    [[nodiscard]] double placeAt(double y) const;
    [[nodiscard]] double place(qsizetype axis, qsizetype run) const; // 0 to 1; NaN: none
    [[nodiscard]] bool passes(qsizetype run) const;
    [[nodiscard]] qsizetype axisNear(double x) const; // -1: none
    [[nodiscard]] qsizetype runNear(const QPointF& point) const;
    void lift(qsizetype run);
    void fitAxes();
    void paintAxis(QPainter& painter, qsizetype axis) const;
    void paintRun(QPainter& painter, qsizetype run, const QColor& color, double width) const;
    void paintLifted(QPainter& painter) const;
    ParallelRuns m_runs;
    QList<double> m_low, m_high; // of each axis, as drawn: logarithms where it is logarithmic
    QList<bool> m_turned;        // the least value above
    QHash<qsizetype, Brush> m_brushes;
    qsizetype m_pressed = -1; // axis
    double m_pressedAt = 0;
    qsizetype m_lifted = -1;
    qsizetype m_current = 0; // axis, for keys
};

} // namespace ui
