#include "ui/live/swatch.h"

#include "ui/theme.h"

#include <QPainter>

namespace ui {

void Swatch::setColour(int number) {
    m_number = number;
    update();
}

void Swatch::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    drawOutline(painter, rect(), Qt::transparent, 0, 3, runColor(m_number));
}

} // namespace ui
