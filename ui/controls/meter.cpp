#include "ui/controls/meter.h"

#include <QPainter>
#include <QPainterPath>

namespace ui {

Meter::Meter(int height, QWidget* parent) : QWidget(parent), m_height(height) {
    setFixedHeight(height);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void Meter::setValue(double fraction, Role role) {
    setParts({Part{.amount = std::clamp(fraction, 0.0, 1.0), .color = {}, .role = role, .name = {}}}, 1);
}

void Meter::setParts(const QList<Part>& parts, double total) {
    m_parts = parts;
    m_total = total;
    if (total <= 0) {
        m_total = 0;
        for (const auto& part : parts)
            m_total += part.amount;
    }
    update();
}

void Meter::setSquare() {
    m_square = true;
    update();
}

void Meter::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath shape;
    const qreal radius = m_square ? 0 : m_height / 2.0;
    shape.addRoundedRect(rect(), radius, radius);
    painter.fillPath(shape, color(Role::Sunken));
    if (m_total <= 0)
        return;
    painter.setClipPath(shape);
    double x = 0;
    for (const auto& part : m_parts) {
        const double width = part.amount / m_total * this->width();
        if (width <= 0)
            continue;
        const QColor ink = part.color.isValid() ? part.color : color(part.role);
        const double drawn = m_parts.size() > 1 && x + width < this->width() - 1 ? std::max(1.0, width - 1) : width;
        if (m_parts.size() == 1 && !m_square) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(ink);
            painter.drawRoundedRect(QRectF(0, 0, std::max<double>(width, m_height), m_height), radius, radius);
        } else {
            painter.fillRect(QRectF(x, 0, drawn, m_height), ink);
        }
        x += width;
    }
}

} // namespace ui
