#include "ui/controls/barrow.h"

#include <QPainter>

namespace ui {
namespace {

constexpr int kLabelWidth = 72; // of a line

} // namespace

BarRow::BarRow(Shape shape, QWidget* parent) : QWidget(parent), m_shape(shape) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void BarRow::setRow(const QString& label, double fraction, const QString& value) {
    m_label = label;
    m_fraction = fraction;
    m_value = value;
    setAccessibleName(QStringLiteral("%1 %2").arg(label, value));
    update();
}

void BarRow::setRoles(Role bar, Role track) {
    m_bar = bar;
    m_track = track;
    update();
}

void BarRow::setEmphasis(bool emphasised) {
    m_emphasis = emphasised;
    update();
}

QSize BarRow::sizeHint() const { return {220, m_shape == Shape::Line ? 20 : 36}; }

void BarRow::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool stacked = m_shape == Shape::Stacked;
    const FontRole face = m_emphasis ? FontRole::Strong : stacked ? FontRole::Body : FontRole::Label;
    painter.setFont(ui::font(face));
    painter.setPen(color(Role::Text));
    const QFontMetrics metrics(painter.font());
    const QRect line = stacked ? QRect(0, 0, width(), 22) : rect();
    const int valueWidth = metrics.horizontalAdvance(m_value);
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, m_value);
    const int labelWidth = stacked ? width() - valueWidth - 8 : kLabelWidth - 8;
    painter.drawText(QRect(0, line.top(), labelWidth, line.height()), Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(m_label, Qt::ElideRight, labelWidth));
    const int right = width() - std::max(valueWidth, 64) - 8;
    const QRectF bar = stacked ? QRectF(0, 25, width(), 8)
                               : QRectF(kLabelWidth, height() / 2 - 3, std::max(10, right - kLabelWidth), 6);
    drawOutline(painter, bar, Qt::transparent, 0, bar.height() / 2, color(m_track));
    if (m_fraction > 0)
        drawOutline(painter,
                    QRectF(bar.left(), bar.top(), std::max(2.0, bar.width() * std::min(1.0, m_fraction)), bar.height()),
                    Qt::transparent, 0, bar.height() / 2, color(m_bar));
}

} // namespace ui
