#include "ui/controls/legend.h"

#include <QPainter>

namespace ui {

Legend::Legend(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void Legend::setParts(const QList<Meter::Part>& parts) {
    m_parts = parts;
    QStringList names;
    for (const auto& part : parts)
        names.append(part.name);
    setAccessibleName(names.join(QStringLiteral(", ")));
    setToolTip(names.join(QLatin1Char('\n')));
    update();
}

void Legend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setFont(ui::font(FontRole::Small));
    int x = 0;
    for (const auto& part : m_parts) {
        if (part.name.isEmpty())
            continue;
        const int wide = painter.fontMetrics().horizontalAdvance(part.name);
        if (x + 12 + wide > width())
            break;
        painter.fillRect(QRect(x, (height() - 8) / 2, 8, 8), part.color.isValid() ? part.color : color(part.role));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(x + 12, 0, wide + 2, height()), Qt::AlignVCenter, part.name);
        x += 12 + wide + 6;
    }
}

} // namespace ui
