#include "ui/theme.h"

#include <QApplication>
#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace ui {
namespace {

// Draws an icon in the colour its role has at that moment, so that icons follow a theme switch.
class ThemedIcon final : public QIconEngine {
public:
    ThemedIcon(QString name, int size, Role role) : m_name(std::move(name)), m_size(size), m_role(role) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const int side = std::min(rect.width(), rect.height());
        const QPixmap picture = theme().pixmap(m_name, side, colorOf(mode), painter->device()->devicePixelRatioF());
        painter->drawPixmap(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, picture);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override {
        return theme().pixmap(m_name, std::min(size.width(), size.height()), colorOf(mode), 1);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal scale) override {
        const int side = static_cast<int>(std::min(size.width(), size.height()) / std::max<qreal>(scale, 1));
        return theme().pixmap(m_name, side, colorOf(mode), scale);
    }
    QSize actualSize(const QSize& size, QIcon::Mode, QIcon::State) override {
        const int side = std::min({size.width(), size.height(), m_size});
        return {side, side};
    }
    QIconEngine* clone() const override { return new ThemedIcon(m_name, m_size, m_role); }
    bool isNull() override { return false; }

private:
    [[nodiscard]] QColor colorOf(QIcon::Mode mode) const {
        return color(mode == QIcon::Disabled ? Role::Faint : m_role);
    }
    QString m_name;
    int m_size;
    Role m_role;
};

} // namespace

QPixmap Theme::pixmap(const QString& name, int size, const QColor& color, qreal scale) const {
    if (scale <= 0)
        scale = qApp->devicePixelRatio();
    const QString key = QStringLiteral("thaw/%1/%2/%3/%4").arg(name, color.name(QColor::HexArgb)).arg(size).arg(scale);
    QPixmap picture;
    if (QPixmapCache::find(key, &picture))
        return picture;
    QFile file(QStringLiteral(":/thaw/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning("No icon named %s", qUtf8Printable(name));
        return picture;
    }
    QByteArray text = file.readAll();
    text.replace("currentColor", color.name().toUtf8());
    if (size >= 20)
        text.replace("stroke-width=\"2\"", "stroke-width=\"1.8\"");
    QSvgRenderer renderer(text);
    const int side = qRound(size * scale);
    picture = QPixmap(side, side);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setOpacity(color.alphaF());
    renderer.render(&painter, QRectF(0, 0, side, side));
    painter.end();
    picture.setDevicePixelRatio(scale);
    QPixmapCache::insert(key, picture);
    return picture;
}

QIcon Theme::icon(const QString& name, int size, Role role) const { return QIcon(new ThemedIcon(name, size, role)); }

} // namespace ui
