#include "ui/controls/sparkline.h"

#include "ui/theme.h"

#include <QPainter>
#include <QPolygonF>

#include <cmath>

namespace ui {

void drawSparkline(QPainter& painter, const QRect& box, const QList<float>& values) {
    painter.save();
    painter.fillRect(box, color(Role::Sunken));
    const int count = static_cast<int>(values.size());
    const qreal step = count > 1 ? static_cast<qreal>(box.width()) / (count - 1) : 0;
    const qreal foot = box.bottom();
    QPolygonF line;
    const auto flush = [&] {
        if (line.size() > 1) {
            QPolygonF area = line;
            area << QPointF(line.last().x(), foot + 1) << QPointF(line.first().x(), foot + 1);
            QColor tint = color(Role::AccentText);
            tint.setAlpha(theme().dark() ? 60 : 50);
            painter.setPen(Qt::NoPen);
            painter.setBrush(tint);
            painter.drawPolygon(area);
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(color(Role::AccentText), 1));
            painter.drawPolyline(line);
        }
        line.clear();
    };
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < count; ++i) {
        if (std::isnan(values.at(i))) {
            flush();
            continue;
        }
        const qreal value = std::clamp<qreal>(values.at(i), 0, 1);
        line << QPointF(box.left() + i * step, foot - value * (box.height() - 2));
    }
    flush();
    painter.restore();
}

} // namespace ui
