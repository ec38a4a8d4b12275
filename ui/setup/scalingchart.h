#pragma once

#include "ui/setup/scalingdialog.h"

#include <QWidget>

namespace ui {

// Samples a second against the number of ranks; dashes are what twice as many would reach if nothing were lost.
class ScalingChart final : public QWidget {
    Q_OBJECT
public:
    explicit ScalingChart(QWidget* parent = nullptr);
    void setPoints(const QList<ScalingPoint>& points, const QString& unit);
    [[nodiscard]] QSize sizeHint() const override { return {440, 220}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintAxes(QPainter& painter, const QRectF& plot, double most) const;
    QList<ScalingPoint> m_points;
    QString m_unit;
};

} // namespace ui
