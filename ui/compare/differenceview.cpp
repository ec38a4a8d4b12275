#include "ui/compare/differenceview.h"

#include "ui/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace ui {
namespace {

constexpr int kDifferenceRow = 26;
constexpr int kDifferenceHead = 32;
constexpr int kNames = 118;

} // namespace

DifferenceView::DifferenceView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
}

void DifferenceView::setDifferences(const Differences& differences) {
    m_differences = differences;
    updateGeometry();
    update();
}

QSize DifferenceView::sizeHint() const {
    return {400, kDifferenceHead + kDifferenceRow * static_cast<int>(m_differences.rows.size())};
}

int DifferenceView::columnWidth() const {
    const int count = std::max(1, static_cast<int>(m_differences.names.size()));
    return std::clamp((width() - kNames) / count, 60, 220);
}

void DifferenceView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const int column = columnWidth();
    for (int i = 0; i < m_differences.names.size(); ++i) {
        const QRect head(kNames + i * column, 0, column - 8, kDifferenceHead);
        if (head.left() > width() - 30)
            break;
        painter.fillRect(QRect(head.left(), 4, head.width(), 2), runColor(m_differences.colours.value(i, 1)));
        painter.setFont(ui::font(FontRole::SmallMedium));
        painter.setPen(color(Role::Text));
        painter.drawText(head.adjusted(0, 8, 0, 0), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_differences.names.at(i), Qt::ElideRight, head.width()));
    }
    int y = kDifferenceHead;
    for (const auto& row : m_differences.rows) {
        painter.fillRect(QRect(0, y, width(), 1), color(Role::ChartGrid));
        painter.setFont(ui::font(FontRole::Label));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(0, y, kNames - 8, kDifferenceRow), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(row.setting, Qt::ElideRight, kNames - 8));
        for (int i = 0; i < row.values.size(); ++i) {
            const bool stands = row.stands.value(i, true);
            painter.setFont(ui::font(stands ? FontRole::Head : FontRole::Label));
            painter.setPen(color(stands ? Role::Text : Role::Muted));
            painter.drawText(QRect(kNames + i * column, y, column - 8, kDifferenceRow), Qt::AlignVCenter,
                             painter.fontMetrics().elidedText(row.values.at(i), Qt::ElideRight, column - 8));
        }
        y += kDifferenceRow;
    }
    if (m_differences.rows.isEmpty()) {
        painter.setFont(ui::font(FontRole::Label));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(0, y, width(), kDifferenceRow), Qt::AlignVCenter, tr("All settings are the same."));
    }
}

bool DifferenceView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = (help->pos().y() - kDifferenceHead) / kDifferenceRow;
    const int column = (help->pos().x() - kNames) / columnWidth();
    QString tip;
    if (help->pos().y() < kDifferenceHead)
        tip = help->pos().x() > kNames ? m_differences.names.value(column) : QString();
    else if (row < m_differences.rows.size())
        tip = help->pos().x() > kNames ? m_differences.rows.at(row).values.value(column)
                                       : m_differences.rows.at(row).setting;
    QToolTip::showText(help->globalPos(), tip, this);
    return true;
}

} // namespace ui
