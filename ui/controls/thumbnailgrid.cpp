#include "ui/controls/thumbnailgrid.h"

#include "ui/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

namespace ui {
namespace {

constexpr int kCaption = 16;

QPixmap middleSquare(const QImage& image, int side, qreal scale) {
    const int edge = std::min(image.width(), image.height());
    const QImage square = image.copy((image.width() - edge) / 2, (image.height() - edge) / 2, edge, edge);
    const int pixels = qRound(side * scale);
    QPixmap made = QPixmap::fromImage(square.scaled(pixels, pixels, Qt::KeepAspectRatio, Qt::SmoothTransformation));
    made.setDevicePixelRatio(scale);
    return made;
}

} // namespace

ThumbnailGrid::ThumbnailGrid(QWidget* parent) : QWidget(parent) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setFocusPolicy(Qt::TabFocus);
    setMouseTracking(true);
}

void ThumbnailGrid::setThumbnails(const QList<Thumbnail>& thumbnails) {
    m_thumbnails = thumbnails;
    m_scaled.clear();
    m_captions = m_details = false;
    for (const auto& thumbnail : thumbnails) {
        m_captions |= !thumbnail.caption.isEmpty();
        m_details |= !thumbnail.detail.isEmpty();
    }
    m_current = 0;
    updateGeometry();
    update();
}

void ThumbnailGrid::setColumns(int columns) {
    m_columns = columns;
    updateGeometry();
}
void ThumbnailGrid::setTileSide(int pixels) {
    m_side = pixels;
    updateGeometry();
}
void ThumbnailGrid::setRowsShown(int rows) {
    m_rows = rows;
    updateGeometry();
}
void ThumbnailGrid::setGap(int pixels) {
    m_gap = pixels;
    updateGeometry();
}

ThumbnailGrid::Layout ThumbnailGrid::layoutFor(int width) const {
    Layout made;
    made.columns = m_columns > 0 ? m_columns : std::max(1, (width + m_gap) / (m_side + m_gap));
    made.side = m_columns > 0 ? std::max(8, (width - (made.columns - 1) * m_gap) / made.columns) : m_side;
    made.rowHeight = made.side + (m_captions ? kCaption + 1 : 0) + (m_details ? kCaption : 0) + m_gap;
    return made;
}

int ThumbnailGrid::heightForWidth(int width) const {
    const Layout shape = layoutFor(width);
    int rows = (static_cast<int>(m_thumbnails.size()) + shape.columns - 1) / shape.columns;
    if (m_rows > 0)
        rows = m_rows;
    return std::max(0, rows * shape.rowHeight - m_gap);
}

QSize ThumbnailGrid::sizeHint() const {
    const int width = m_columns > 0 ? m_columns * (m_side + m_gap) - m_gap : 5 * (m_side + m_gap);
    return {width, heightForWidth(width)};
}

QRect ThumbnailGrid::tile(int index) const {
    const Layout shape = layoutFor(width());
    return {index % shape.columns * (shape.side + m_gap), index / shape.columns * shape.rowHeight, shape.side,
            shape.side};
}

int ThumbnailGrid::indexAt(QPoint position) const {
    for (int i = 0; i < m_thumbnails.size(); ++i)
        if (tile(i).contains(position))
            return m_rows > 0 && i / layoutFor(width()).columns >= m_rows ? -1 : i;
    return -1;
}

void ThumbnailGrid::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    const Layout shape = layoutFor(width());
    const qreal scale = devicePixelRatioF();
    const int side = qRound(shape.side * scale);
    m_scaled.resize(m_thumbnails.size());
    for (int i = 0; i < m_thumbnails.size(); ++i) {
        if (m_rows > 0 && i / shape.columns >= m_rows)
            break;
        const auto& thumbnail = m_thumbnails.at(i);
        const QRect box = tile(i);
        QPainterPath clip;
        clip.addRoundedRect(box, metric::kTagRadius, metric::kTagRadius);
        if (thumbnail.image.isNull()) {
            painter.fillPath(clip, color(Role::Sunken));
        } else {
            if (m_scaled.at(i).width() != side)
                m_scaled[i] = middleSquare(thumbnail.image, shape.side, scale);
            painter.save();
            painter.setClipPath(clip);
            painter.drawPixmap(box.topLeft(), m_scaled.at(i));
            painter.restore();
        }
        if (i == m_current && hasFocus() && keyboardFocusVisible())
            drawOutline(painter, box, color(Role::AccentText), 2, metric::kTagRadius);
        const auto line = [&](int below, FontRole face, Role ink, const QString& words) {
            painter.setFont(ui::font(face));
            painter.setPen(color(ink));
            const QRect row(box.left(), box.bottom() + 2 + below, box.width(), kCaption);
            painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                             QFontMetrics(painter.font()).elidedText(words, Qt::ElideRight, row.width()));
        };
        if (m_captions)
            line(0, FontRole::SmallMedium, Role::Text, thumbnail.caption);
        if (m_details)
            line(kCaption, FontRole::Small, Role::Muted, thumbnail.detail);
    }
}

void ThumbnailGrid::mousePressEvent(QMouseEvent* event) {
    const int index = indexAt(event->pos());
    if (index >= 0 && event->button() == Qt::LeftButton) {
        m_current = index;
        Q_EMIT opened(m_thumbnails.at(index).id);
    }
}

void ThumbnailGrid::mouseMoveEvent(QMouseEvent* event) {
    setCursor(indexAt(event->pos()) >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void ThumbnailGrid::keyPressEvent(QKeyEvent* event) {
    const int columns = layoutFor(width()).columns;
    const int count = static_cast<int>(m_thumbnails.size());
    int next = m_current;
    switch (event->key()) {
    case Qt::Key_Left:
        next -= 1;
        break;
    case Qt::Key_Right:
        next += 1;
        break;
    case Qt::Key_Up:
        next -= columns;
        break;
    case Qt::Key_Down:
        next += columns;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_current < count)
            Q_EMIT opened(m_thumbnails.at(m_current).id);
        return;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    m_current = std::clamp(next, 0, std::max(0, count - 1));
    update();
}

bool ThumbnailGrid::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = indexAt(help->pos());
        if (index >= 0 && !m_thumbnails.at(index).tip.isEmpty())
            QToolTip::showText(help->globalPos(), m_thumbnails.at(index).tip, this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace ui
