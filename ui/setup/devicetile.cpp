#include "ui/setup/devicetile.h"

#include "ui/thawstyle.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kSide = 12; // beside the tick
constexpr int kText = 36; // behind the tick
constexpr int kMeter = 6; // high
constexpr int kGpu = 84;  // high
constexpr int kLow = 44;

} // namespace

DeviceTile::DeviceTile(QWidget* parent) : QAbstractButton(parent) {
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void DeviceTile::setDevice(const DeviceRow& device, Size size) {
    if (size != m_size) {
        m_size = size;
        updateGeometry();
    }
    m_device = device;
    setObjectName(QStringLiteral("device:") + device.id);
    setAccessibleName(device.name);
    QStringList said{device.detail, device.temperature, device.user, device.lacks};
    said.removeAll(QString());
    if (device.used)
        said.prepend(tr("used"));
    setAccessibleDescription(said.join(QStringLiteral(", ")));
    QStringList tip{device.name, device.detail, device.user, device.lacks};
    tip.removeAll(QString());
    setToolTip(tip.join(QLatin1Char('\n')));
    update();
}

QSize DeviceTile::sizeHint() const { return {220, m_size == Size::Full ? kGpu : kLow}; }
QSize DeviceTile::minimumSizeHint() const { return {m_size == Size::Full ? 104 : 120, sizeHint().height()}; }

void DeviceTile::paintLine(QPainter& painter, const QRect& box, const QString& words, Role role) const {
    painter.setPen(color(role));
    painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(words, Qt::ElideRight, box.width()));
}

// "☑ H200 NVL   cuda:0"
void DeviceTile::paintHead(QPainter& painter) const {
    const bool used = m_device.used;
    const bool full = m_size == Size::Full;
    const QRectF check(kSide, full ? 10 : (height() - 14) / 2.0, 14, 14);
    if (!used)
        drawOutline(painter, check, Qt::transparent, 0, metric::kTagRadius, color(Role::Field));
    drawCheck(painter, check, color(used ? Role::Accent : Role::Faint), used ? Qt::Checked : Qt::Unchecked, true);
    int room = width() - kText - (full ? kSide : 8);
    if (full) {
        painter.setFont(ui::font(FontRole::MonoSmall));
        const int wide = painter.fontMetrics().horizontalAdvance(m_device.id);
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(width() - kSide - wide, 6, wide, 22), Qt::AlignVCenter, m_device.id);
        room -= wide + 6;
    }
    painter.setFont(ui::font(full ? FontRole::Strong : FontRole::Value));
    paintLine(painter, QRect(kText, full ? 6 : 4, room, full ? 22 : 19), m_device.name, Role::Text);
}

void DeviceTile::paintGpu(QPainter& painter) const {
    const int room = width() - 2 * kSide;
    if (std::isfinite(m_device.usedShare)) {
        const QRectF track(kSide, 33, room, kMeter);
        drawOutline(painter, track, Qt::transparent, 0, kMeter / 2, color(m_device.used ? Role::Raised : Role::Sunken));
        const double share = std::clamp(m_device.usedShare, 0.0, 1.0);
        if (share > 0)
            drawOutline(painter, QRectF(kSide, 33, std::max<double>(kMeter, room * share), kMeter), Qt::transparent, 0,
                        kMeter / 2, color(m_device.used ? Role::Accent : Role::NeutralStrong));
    }
    painter.setFont(ui::font(FontRole::Head));
    const int wide = painter.fontMetrics().horizontalAdvance(m_device.temperature);
    painter.setPen(color(Role::Text));
    painter.drawText(QRect(width() - kSide - wide, 42, wide, 18), Qt::AlignVCenter, m_device.temperature);
    paintLine(painter, QRect(kSide, 42, room - wide - 6, 18), m_device.freeWords, Role::Text);
    painter.setFont(ui::font(FontRole::Small));
    const bool lacks = !m_device.lacks.isEmpty();
    paintLine(painter, QRect(kSide, 60, room, 18), lacks ? m_device.lacks : m_device.user,
              lacks ? Role::WarningText : Role::Muted);
}

void DeviceTile::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool used = m_device.used;
    const bool ring = hasFocus() && keyboardFocusVisible();
    const Role line = ring || used ? Role::AccentText : Role::Control;
    const Role ground = used ? Role::AccentTint : underMouse() ? Role::Hover : Role::Surface;
    drawOutline(painter, rect(), color(line), ring ? 2 : 1, metric::kControlRadius, color(ground));
    paintHead(painter);
    if (m_size == Size::Full) {
        paintGpu(painter);
        return;
    }
    painter.setFont(ui::font(FontRole::Label));
    const bool lacks = !m_device.lacks.isEmpty();
    const QString use = lacks ? m_device.lacks : m_device.user;
    const QString words =
        m_device.gpu ? QStringLiteral("%1 · %2 · %3").arg(m_device.id, m_device.freeWords, use) : m_device.detail;
    paintLine(painter, QRect(kText, 22, width() - kText - 8, 18), words, lacks ? Role::WarningText : Role::Muted);
}

} // namespace ui
