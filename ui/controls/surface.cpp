#include "ui/controls/surface.h"

#include "ui/theme.h"

#include <QPainter>
#include <QVBoxLayout>

namespace ui {

Surface::Surface(int padding, QWidget* parent) : QWidget(parent), m_box(new QVBoxLayout(this)) {
    const int margin = padding + 1; // and the line around it
    m_box->setContentsMargins(margin, margin, margin, margin);
    m_box->setSpacing(metric::kGap);
}

void Surface::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    drawOutline(painter, rect(), color(Role::Border), 1, metric::kCardRadius, color(Role::Surface));
}

} // namespace ui
