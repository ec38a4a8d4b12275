#include "ui/controls/numberfield.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QKeyEvent>
#include <QPainter>

#include <limits>

namespace ui {

NumberField::NumberField(QWidget* parent)
    : QLineEdit(parent),
      m_minimum(-std::numeric_limits<double>::infinity()),
      m_maximum(std::numeric_limits<double>::infinity()) {
    show(0);
}

void NumberField::setValue(double value) {
    m_value = value;
    if (!hasFocus() || !isModified())
        show(value);
}

void NumberField::setRange(double minimum, double maximum) {
    m_minimum = minimum;
    m_maximum = maximum;
}

void NumberField::setUnit(const QString& unit) {
    m_unit = unit;
    const int room = unit.isEmpty() ? 0 : QFontMetrics(ui::font(FontRole::Body)).horizontalAdvance(unit) + 8;
    setTextMargins(0, 0, room, 0);
}

void NumberField::commit() {
    if (!isModified())
        return;
    const auto parsed = parseRate(text(), m_value);
    if (!parsed) {
        show(m_value);
        return;
    }
    const double value = std::clamp(*parsed, m_minimum, m_maximum);
    show(value);
    if (value == m_value)
        return;
    m_value = value;
    Q_EMIT edited(value);
}

void NumberField::show(double value) {
    setText(formatRate(value));
    setModified(false);
    setCursorPosition(0);
}

void NumberField::focusOutEvent(QFocusEvent* event) {
    commit();
    QLineEdit::focusOutEvent(event);
}

void NumberField::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if ((event->modifiers() & Qt::ControlModifier) == 0) {
            commit();
            return;
        }
    }
    if (event->key() == Qt::Key_Escape && isModified()) {
        show(m_value);
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void NumberField::paintEvent(QPaintEvent* event) {
    QLineEdit::paintEvent(event);
    if (m_unit.isEmpty())
        return;
    QPainter painter(this);
    painter.setPen(color(Role::Muted));
    painter.drawText(rect().adjusted(0, 0, -9, 0), Qt::AlignVCenter | Qt::AlignRight, m_unit);
}

} // namespace ui
