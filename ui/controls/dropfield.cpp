#include "ui/controls/dropfield.h"

#include "ui/theme.h"

#include <QPainter>
#include <QVBoxLayout>

namespace ui {

DropField::DropField(QWidget* parent) : QWidget(parent), m_box(new QVBoxLayout(this)) {
    m_box->setContentsMargins(16, 16, 16, 16);
    m_box->setSpacing(8);
}

void DropField::setHot(bool hot) {
    m_hot = hot;
    update();
}

void DropField::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen line(color(m_hot ? Role::AccentText : Role::Faint), 1);
    line.setDashPattern({4, 3});
    painter.setPen(line);
    painter.setBrush(color(m_hot ? Role::AccentTint : Role::Surface));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metric::kControlRadius,
                            metric::kControlRadius);
}

} // namespace ui
