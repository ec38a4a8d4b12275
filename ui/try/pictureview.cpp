#include "ui/try/pictureview.h"

#include "ui/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace ui {
namespace {

constexpr double kFaded = 0.35;

} // namespace

PictureView::PictureView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void PictureView::setPicture(const QImage& picture) {
    m_picture = picture;
    m_scaled = {};
    update();
}

void PictureView::setFaded(bool faded) {
    m_faded = faded;
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
    painter.setOpacity(m_faded ? kFaded : 1);
    painter.drawPixmap(box.topLeft(), m_scaled);
}

} // namespace ui
