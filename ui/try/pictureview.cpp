#include "ui/try/pictureview.h"

#include "ui/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace ui {

PictureView::PictureView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void PictureView::setPicture(const QImage& picture) {
    m_picture = picture;
    m_scaled = {};
    update();
}

int PictureView::widthFor(int room) const {
    return m_picture.isNull() ? room : m_picture.size().scaled(QSize(room, height()), Qt::KeepAspectRatio).width();
}

void PictureView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_picture.isNull()) {
        drawOutline(painter, rect(), Qt::transparent, 0, metric::kControlRadius, color(Role::Sunken));
        return;
    }
    const qreal scale = devicePixelRatioF();
    const QSize pixels = m_picture.size().scaled(size() * scale, Qt::KeepAspectRatio);
    if (m_scaled.size() != pixels) {
        m_scaled = QPixmap::fromImage(m_picture.scaled(pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
        m_scaled.setDevicePixelRatio(scale);
    }
    const QSizeF shown = QSizeF(pixels) / scale;
    const QRectF box(QPointF((width() - shown.width()) / 2, (height() - shown.height()) / 2), shown);
    QPainterPath clip;
    clip.addRoundedRect(box, metric::kControlRadius, metric::kControlRadius);
    painter.setClipPath(clip);
    painter.drawPixmap(box.topLeft(), m_scaled);
}

} // namespace ui
