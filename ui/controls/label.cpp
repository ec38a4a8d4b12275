#include "ui/controls/label.h"

#include <QPainter>

namespace ui {

Label::Label(const QString& text, FontRole font, Role role, QWidget* parent)
    : QLabel(text, parent), m_font(font), m_role(role) {
    setTextFormat(Qt::PlainText);
    refresh();
    connect(&theme(), &Theme::changed, this, &Label::refresh);
}

void Label::setRole(Role role) {
    if (role == m_role)
        return;
    m_role = role;
    refresh();
}

void Label::setFontRole(FontRole font) {
    m_font = font;
    refresh();
}

void Label::setElide(Qt::TextElideMode mode) {
    m_elide = mode;
    setSizePolicy(QSizePolicy::Preferred, sizePolicy().verticalPolicy());
    updateGeometry();
}

QSize Label::minimumSizeHint() const {
    QSize hint = QLabel::minimumSizeHint();
    if (m_elide != Qt::ElideNone)
        hint.setWidth(std::min(hint.width(), 24));
    return hint;
}

void Label::paintEvent(QPaintEvent* event) {
    if (m_elide == Qt::ElideNone) {
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::WindowText));
    const QRect box = contentsRect();
    const QString shown = fontMetrics().elidedText(text(), m_elide, box.width());
    painter.drawText(box, static_cast<int>(alignment()) | Qt::TextSingleLine, shown);
    const QString tip = shown == text() ? QString() : text();
    if (toolTip() != tip)
        setToolTip(tip);
}

void Label::refresh() {
    setFont(ui::font(m_font));
    QPalette colours = palette();
    colours.setColor(QPalette::Active, QPalette::WindowText, color(m_role));
    colours.setColor(QPalette::Inactive, QPalette::WindowText, color(m_role));
    colours.setColor(QPalette::Disabled, QPalette::WindowText, color(Role::Faint));
    setPalette(colours);
}

Divider::Divider(Qt::Orientation orientation, QWidget* parent) : QWidget(parent), m_orientation(orientation) {
    if (orientation == Qt::Horizontal)
        setFixedHeight(1);
    else
        setFixedWidth(1);
}

void Divider::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Border));
}

IconLabel::IconLabel(const QString& iconName, int size, Role role, QWidget* parent)
    : QWidget(parent), m_name(iconName), m_size(size), m_role(role) {
    setFixedSize(size, size);
}

void IconLabel::setIconName(const QString& name, Role role) {
    m_name = name;
    m_role = role;
    update();
}

void IconLabel::paintEvent(QPaintEvent*) {
    if (m_name.isEmpty())
        return;
    QPainter painter(this);
    painter.drawPixmap(0, 0,
                       theme().pixmap(m_name, m_size, color(isEnabled() ? m_role : Role::Faint), devicePixelRatioF()));
}

} // namespace ui
