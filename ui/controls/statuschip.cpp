#include "ui/controls/statuschip.h"

#include <QPainter>

namespace ui {
namespace {

constexpr int kIcon = 14;

} // namespace

Role textRole(Tone tone) {
    switch (tone) {
    case Tone::Accent:
        return Role::AccentText;
    case Tone::Success:
        return Role::SuccessText;
    case Tone::Warning:
        return Role::WarningText;
    case Tone::Danger:
        return Role::DangerText;
    case Tone::Frozen:
        return Role::FrozenText;
    case Tone::Thawed:
        return Role::ThawedText;
    case Tone::None:
        return Role::Text;
    case Tone::Muted:
        break;
    }
    return Role::Muted;
}

Role tintRole(Tone tone) {
    switch (tone) {
    case Tone::Accent:
        return Role::AccentTint;
    case Tone::Success:
        return Role::SuccessTint;
    case Tone::Warning:
        return Role::WarningTint;
    case Tone::Danger:
        return Role::DangerTint;
    case Tone::Frozen:
        return Role::FrozenTint;
    case Tone::Thawed:
        return Role::ThawedTint;
    case Tone::None:
    case Tone::Muted:
        break;
    }
    return Role::Sunken;
}

QString toneIcon(Tone tone) {
    switch (tone) {
    case Tone::Success:
        return QStringLiteral("circle-check");
    case Tone::Warning:
        return QStringLiteral("triangle-alert");
    case Tone::Danger:
        return QStringLiteral("circle-alert");
    case Tone::Frozen:
        return QStringLiteral("lock");
    case Tone::Thawed:
        return QStringLiteral("lock-open");
    case Tone::Accent:
    case Tone::Muted:
        return QStringLiteral("info");
    case Tone::None:
        break;
    }
    return {};
}

StatusChip::StatusChip(Look look, QWidget* parent) : QWidget(parent), m_look(look) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    hide();
}

void StatusChip::setState(Tone tone, const QString& words) {
    setState(tone, words, m_look == Look::Filled ? QString() : toneIcon(tone));
}

void StatusChip::setState(Tone tone, const QString& words, const QString& iconName) {
    m_tone = tone;
    m_words = words;
    m_iconName = iconName;
    setAccessibleName(words);
    setVisible(!words.isEmpty());
    updateGeometry();
    update();
}

void StatusChip::setElides() {
    m_elides = true;
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    updateGeometry();
}

QSize StatusChip::minimumSizeHint() const {
    const QSize hint = sizeHint();
    return m_elides ? QSize(std::min(hint.width(), 80), hint.height()) : hint;
}

QSize StatusChip::sizeHint() const {
    const QFontMetrics metrics(ui::font(FontRole::Head));
    const int icon = m_iconName.isEmpty() ? 0 : kIcon + 6;
    const bool filled = m_look == Look::Filled;
    return {metrics.horizontalAdvance(m_words) + icon + (filled ? 16 : 2), filled ? 24 : 20};
}

void StatusChip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    int x = 0;
    if (m_look == Look::Filled) {
        drawOutline(painter, rect(), Qt::transparent, 0, metric::kTagRadius, color(tintRole(m_tone)));
        x = 8;
    }
    const QColor ink = color(textRole(m_tone));
    if (!m_iconName.isEmpty()) {
        painter.drawPixmap(x, (height() - kIcon) / 2, theme().pixmap(m_iconName, kIcon, ink, devicePixelRatioF()));
        x += kIcon + 6;
    }
    painter.setFont(ui::font(FontRole::Head));
    painter.setPen(ink);
    const QString shown =
        m_elides ? painter.fontMetrics().elidedText(m_words, Qt::ElideRight, width() - x + 1) : m_words;
    painter.drawText(QRect(x, 0, width() - x, height()), Qt::AlignVCenter | Qt::AlignLeft, shown);
    if (m_elides && toolTip().isEmpty() == (shown != m_words))
        setToolTip(shown == m_words ? QString() : m_words);
}

} // namespace ui
