#include "ui/setup/devicetile.h"

#include "ui/thawstyle.h"
#include "ui/theme.h"

#include <QPainter>

namespace ui {
namespace {

constexpr int kText = 36;

} // namespace

DeviceTile::DeviceTile(QWidget* parent) : QAbstractButton(parent) {
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void DeviceTile::setDevice(const DeviceRow& device) {
    m_device = device;
    setObjectName(QStringLiteral("device:") + device.id);
    setAccessibleName(device.name);
    setAccessibleDescription(device.used ? tr("used, %1").arg(device.detail) : device.detail);
    setToolTip(QStringLiteral("%1\n%2").arg(device.name, device.detail));
    update();
}

void DeviceTile::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool used = m_device.used;
    const bool ring = hasFocus() && keyboardFocusVisible();
    const Role line = ring || used ? Role::AccentText : Role::Control;
    const Role ground = used ? Role::AccentTint : underMouse() ? Role::Hover : Role::Surface;
    drawOutline(painter, rect(), color(line), ring ? 2 : 1, metric::kControlRadius, color(ground));
    const QRectF check(12, (height() - 14) / 2.0, 14, 14);
    if (!used)
        drawOutline(painter, check, Qt::transparent, 0, metric::kTagRadius, color(Role::Field));
    drawCheck(painter, check, color(used ? Role::Accent : Role::Faint), used ? Qt::Checked : Qt::Unchecked, true);
    const int room = width() - kText - 8;
    painter.setFont(ui::font(FontRole::Value));
    painter.setPen(color(Role::Text));
    painter.drawText(QRect(kText, 4, room, 19), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_device.name, Qt::ElideRight, room));
    painter.setFont(ui::font(FontRole::Label));
    painter.setPen(color(Role::Muted));
    painter.drawText(QRect(kText, 22, room, 18), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_device.detail, Qt::ElideRight, room));
}

} // namespace ui
