#include "ui/frame/schedulesketch.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kSketchLeft = 52;
constexpr int kSketchBelow = 20;
constexpr int kSketchAbove = 8;

} // namespace

ScheduleSketch::ScheduleSketch(QWidget* parent) : QWidget(parent) {
    setMinimumHeight(150);
    setAccessibleName(tr("Learning rate over the epochs"));
}

void ScheduleSketch::setCurves(const Curves& curves) {
    m_curves = curves;
    m_mostRate = m_mostEpoch = 0;
    for (const auto* part : {&m_curves.before, &m_curves.after})
        for (const QPointF& point : *part) {
            m_mostRate = std::max(m_mostRate, point.y());
            m_mostEpoch = std::max(m_mostEpoch, point.x());
        }
    if (!curves.after.isEmpty())
        setAccessibleDescription(tr("From %1 at epoch %2 to %3 at epoch %4")
                                     .arg(formatRate(curves.after.first().y()))
                                     .arg(qRound(curves.after.first().x()))
                                     .arg(formatRate(curves.after.last().y()))
                                     .arg(qRound(m_mostEpoch)));
    update();
}

QRectF ScheduleSketch::plot() const { return QRectF(rect()).adjusted(kSketchLeft, kSketchAbove, -12, -kSketchBelow); }

QPointF ScheduleSketch::place(const QPointF& value) const {
    const QRectF box = plot();
    return {box.left() + box.width() * value.x() / m_mostEpoch, box.bottom() - box.height() * value.y() / m_mostRate};
}

void ScheduleSketch::paintAxes(QPainter& painter) const {
    const QRectF box = plot();
    painter.setPen(color(Role::ChartAxis));
    painter.drawLine(QPointF(box.left(), box.top()), QPointF(box.left(), box.bottom()));
    painter.drawLine(QPointF(box.left(), box.bottom()), QPointF(box.right(), box.bottom()));
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    const auto rate = [&](double value) {
        const double y = place({0, value}).y();
        painter.drawText(QRectF(0, y - 8, kSketchLeft - 6, 16), Qt::AlignRight | Qt::AlignVCenter,
                         value > 0 ? formatRate(value) : QStringLiteral("0"));
    };
    rate(0);
    rate(m_mostRate);
    const auto epoch = [&](double value, const QString& words) {
        const double x = place({value, 0}).x();
        painter.drawText(QRectF(x - 60, box.bottom() + 3, 120, 16), Qt::AlignHCenter | Qt::AlignTop, words);
    };
    const double now = m_curves.after.isEmpty() ? m_mostEpoch : m_curves.after.first().x();
    if (now < m_mostEpoch)
        epoch(now, tr("epoch %1").arg(qRound(now)));
    painter.drawText(QRectF(box.right() - 120, box.bottom() + 3, 124, 16), Qt::AlignRight | Qt::AlignTop,
                     QString::number(qRound(m_mostEpoch)));
    painter.setPen(QPen(color(Role::ChartAxis), 1, Qt::DotLine));
    painter.drawLine(place({now, 0}), place({now, m_mostRate}));
}

void ScheduleSketch::paintEvent(QPaintEvent*) {
    if (m_mostRate <= 0 || m_mostEpoch <= 0)
        return;
    QPainter painter(this);
    paintAxes(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto draw = [&](const QList<QPointF>& points, Role role, qreal width) {
        QPolygonF line;
        for (const QPointF& point : points)
            line.append(place(point));
        painter.setPen(QPen(color(role), width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(line);
    };
    draw(m_curves.before, Role::Muted, 1.5);
    draw(m_curves.after, Role::AccentText, 2);
}

} // namespace ui
