#include "ui/controls/button.h"

#include <QEvent>
#include <QPainter>

namespace ui {
namespace {

constexpr int kIconSide = 16; // of an icon alone

} // namespace

Button::Button(const QString& text, Kind kind, QWidget* parent) : Button(QString(), text, kind, parent) {}

Button::Button(const QString& iconName, const QString& text, Kind kind, QWidget* parent)
    : QPushButton(text, parent), m_kind(kind), m_iconName(iconName) {
    setKind(kind);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAutoDefault(false);
}

void Button::setKind(Kind kind) {
    m_kind = kind;
    m_font = kind == Kind::Primary ? FontRole::Strong : FontRole::Value;
    updateGeometry();
    update();
}

void Button::setSmall() {
    m_height = metric::kSmallButtonHeight;
    m_font = FontRole::Head;
    updateGeometry();
}

void Button::setLarge() {
    m_height = metric::kTrainHeight;
    updateGeometry();
}

void Button::setIconName(const QString& name) {
    m_iconName = name;
    updateGeometry();
    update();
}

void Button::setHint(const QString& hint) {
    m_hint = hint;
    update();
}

QSize Button::sizeHint() const {
    const QFontMetrics metrics(ui::font(m_font));
    int width = metrics.size(Qt::TextShowMnemonic, text()).width() + (m_kind == Kind::Link ? 0 : 24);
    if (!m_iconName.isEmpty())
        width += 16 + (text().isEmpty() ? 0 : 8);
    return {width, m_height};
}

void Button::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool on = isEnabled();
    const bool over = on && underMouse();
    const bool down = on && (isDown() || isChecked());
    const bool ring = hasFocus() && keyboardFocusVisible();
    Role fill = Role::Raised;
    Role ink = Role::Text;
    Role line = Role::Control;
    bool filled = true;
    switch (m_kind) {
    case Kind::Primary:
        fill = over || down ? Role::AccentHover : Role::Accent;
        ink = Role::OnAccent;
        line = fill;
        break;
    case Kind::Danger:
        ink = Role::DangerText;
        [[fallthrough]];
    case Kind::Secondary:
        if (over || down)
            fill = Role::Hover;
        break;
    case Kind::Ghost:
        filled = over || down;
        fill = Role::Hover;
        line = fill;
        break;
    case Kind::Link:
        filled = false;
        ink = Role::AccentText;
        break;
    }
    if (!on) {
        ink = Role::Faint;
        if (filled) {
            fill = Role::Sunken;
            line = Role::Border;
        }
    }
    if (ring)
        line = m_kind == Kind::Primary ? Role::Text : Role::AccentText;
    if (filled || ring)
        drawOutline(painter, rect(), color(line), ring ? 2 : 1, metric::kControlRadius,
                    filled ? color(fill) : QColor(Qt::transparent));

    QFont face = ui::font(m_font);
    if (m_kind == Kind::Link && over)
        face.setUnderline(true);
    painter.setFont(face);
    painter.setPen(color(ink));
    const QFontMetrics metrics(face);
    const int gap = m_iconName.isEmpty() || text().isEmpty() ? 0 : 8;
    const int iconSide = m_iconName.isEmpty() ? 0 : 16;
    const int textWidth = metrics.size(Qt::TextShowMnemonic, text()).width();
    int x = m_kind == Kind::Link ? 0 : std::max(8, (width() - textWidth - gap - iconSide) / 2);
    if (iconSide > 0) {
        const Role tint = ink == Role::Text ? (m_kind == Kind::Ghost ? Role::Muted : Role::Text) : ink;
        painter.drawPixmap(x, (height() - 16) / 2, theme().pixmap(m_iconName, 16, color(tint), devicePixelRatioF()));
        x += iconSide + gap;
    }
    painter.drawText(QRect(x, 0, width() - x, height()), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextShowMnemonic,
                     text());
    if (!m_hint.isEmpty()) {
        painter.setFont(ui::font(FontRole::SmallMedium));
        painter.drawText(rect().adjusted(0, 0, -12, 0), Qt::AlignVCenter | Qt::AlignRight, m_hint);
    }
}

IconButton::IconButton(const QString& iconName, const QString& tip, QWidget* parent)
    : QAbstractButton(parent), m_iconName(iconName) {
    setToolTip(tip);
    setAccessibleName(tip);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void IconButton::setIconName(const QString& name) {
    m_iconName = name;
    update();
}

void IconButton::setOutlined() {
    m_outlined = true;
    update();
}

void IconButton::setRole(Role role) {
    m_role = role;
    update();
}

void IconButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool over = isEnabled() && (underMouse() || isDown() || isChecked());
    const bool ring = hasFocus() && keyboardFocusVisible();
    if (over || ring || m_outlined)
        drawOutline(painter, rect(),
                    color(ring         ? Role::AccentText
                          : m_outlined ? Role::Control
                                       : Role::Hover),
                    ring ? 2 : 1, metric::kControlRadius,
                    color(over         ? Role::Hover
                          : m_outlined ? Role::Raised
                                       : Role::Window));
    const QColor ink = color(isEnabled() ? m_role : Role::Faint);
    const qreal scale = devicePixelRatioF();
    painter.drawPixmap(QPointF((width() - kIconSide) / 2.0, (height() - kIconSide) / 2.0),
                       theme().pixmap(m_iconName, kIconSide, ink, scale));
}

} // namespace ui
