#include "ui/controls/legend.h"

#include <QPainter>

namespace ui {
namespace {

constexpr int kBeforeName = 12; // swatch and room
constexpr int kGap = 6;

} // namespace

Legend::Legend(QWidget* parent) : QWidget(parent) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void Legend::setParts(const QList<Meter::Part>& parts) {
    m_parts = parts;
    QStringList names;
    for (const auto& part : parts)
        names.append(part.name);
    setAccessibleName(names.join(QStringLiteral(", ")));
    setToolTip(names.join(QLatin1Char('\n')));
    updateGeometry();
    update();
}

QList<QRect> Legend::boxes(int width) const {
    const QFontMetrics metrics(ui::font(FontRole::Small));
    QList<QRect> made;
    int x = 0;
    int y = 0;
    for (const auto& part : m_parts) {
        const int wide = part.name.isEmpty() ? 0 : kBeforeName + metrics.horizontalAdvance(part.name);
        if (x > 0 && x + wide > width) {
            x = 0;
            y += kRow;
        }
        made.append({x, y, wide, kRow});
        x += wide > 0 ? wide + kGap : 0;
    }
    return made;
}

int Legend::heightForWidth(int width) const {
    const auto all = boxes(width);
    return all.isEmpty() ? kRow : all.last().bottom() + 1;
}

void Legend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setFont(ui::font(FontRole::Small));
    const auto all = boxes(width());
    for (qsizetype i = 0; i < all.size(); ++i) {
        const Meter::Part& part = m_parts.at(i);
        const QRect& box = all.at(i);
        if (box.isEmpty())
            continue;
        painter.fillRect(QRect(box.left(), box.top() + (box.height() - 8) / 2, 8, 8),
                         part.color.isValid() ? part.color : color(part.role));
        painter.setPen(color(Role::Muted));
        painter.drawText(box.adjusted(kBeforeName, 0, 2, 0), Qt::AlignVCenter, part.name);
    }
}

} // namespace ui
