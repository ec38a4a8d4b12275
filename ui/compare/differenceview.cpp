#include "ui/compare/differenceview.h"

#include "ui/compare/runnames.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace ui {
namespace {

constexpr int kDifferenceRow = 26;
constexpr int kDifferenceHead = 32;
constexpr int kLeastColumn = 92;
constexpr int kMostColumn = 220;
constexpr int kColumnGap = 8;

} // namespace

DifferenceView::DifferenceView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Settings in which the runs differ"));
}

void DifferenceView::setDifferences(const Differences& differences) {
    m_differences = differences;
    m_names = withoutShared(differences.names);
    updateGeometry();
    update();
}

int DifferenceView::settingsWidth() const {
    const QFontMetrics metrics(ui::font(FontRole::Label));
    int wide = 90;
    for (const auto& row : m_differences.rows)
        wide = std::max(wide, metrics.horizontalAdvance(row.setting) + 2 * kColumnGap + 4);
    return std::min(wide, 190);
}

QSize DifferenceView::sizeHint() const {
    return {settingsWidth() + 120 * static_cast<int>(m_differences.names.size()),
            kDifferenceHead + kDifferenceRow * std::max(1, static_cast<int>(m_differences.rows.size()))};
}

QSize DifferenceView::minimumSizeHint() const {
    return {settingsWidth() + kLeastColumn * static_cast<int>(m_differences.names.size()), sizeHint().height()};
}

int DifferenceView::columnWidth() const {
    const int count = std::max(1, static_cast<int>(m_differences.names.size()));
    return std::clamp((width() - settingsWidth()) / count, kLeastColumn, kMostColumn);
}

void DifferenceView::moveEvent(QMoveEvent*) { update(); }

void DifferenceView::paintRow(QPainter& painter, int row) const {
    const DifferenceRow& one = m_differences.rows.at(row);
    const int y = kDifferenceHead + row * kDifferenceRow;
    painter.fillRect(QRect(0, y, width(), 1), color(Role::ChartGrid));
    const int column = columnWidth();
    for (int i = 0; i < one.values.size(); ++i) {
        const bool stands = one.stands.value(i, true);
        const QString& value = one.values.at(i);
        painter.setFont(ui::font(stands ? FontRole::Head : FontRole::Label));
        painter.setPen(color(stands ? Role::Text : Role::Muted));
        painter.drawText(
            QRect(settingsWidth() + i * column, y, column - kColumnGap, kDifferenceRow), Qt::AlignVCenter,
            painter.fontMetrics().elidedText(value, value.contains(QLatin1Char('/')) ? Qt::ElideMiddle : Qt::ElideRight,
                                             column - kColumnGap));
    }
}

void DifferenceView::paintHeads(QPainter& painter, int top) const {
    painter.fillRect(QRect(0, top, width(), kDifferenceHead), color(Role::Surface));
    painter.setFont(ui::font(FontRole::SmallMedium));
    painter.setPen(color(Role::Text));
    const int column = columnWidth();
    for (int i = 0; i < m_names.size(); ++i) {
        const QRect head(settingsWidth() + i * column, top, column - kColumnGap, kDifferenceHead);
        painter.fillRect(QRect(head.left(), top + 4, head.width(), 2), runColor(m_differences.colours.value(i, 1)));
        painter.drawText(head.adjusted(0, 8, 0, 0), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_names.at(i), Qt::ElideMiddle, head.width()));
    }
}

void DifferenceView::paintSettings(QPainter& painter, QPoint corner) const {
    painter.fillRect(QRect(corner.x(), 0, settingsWidth() - kColumnGap, height()), color(Role::Surface));
    painter.setFont(ui::font(FontRole::Label));
    painter.setPen(color(Role::Muted));
    for (int row = 0; row < m_differences.rows.size(); ++row) {
        const int y = kDifferenceHead + row * kDifferenceRow;
        painter.fillRect(QRect(corner.x(), y, settingsWidth(), 1), color(Role::ChartGrid));
        const int room = settingsWidth() - 2 * kColumnGap;
        painter.drawText(QRect(corner.x(), y, room, kDifferenceRow), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_differences.rows.at(row).setting, Qt::ElideRight, room));
    }
    painter.fillRect(QRect(corner, QSize(settingsWidth() - kColumnGap, kDifferenceHead)), color(Role::Surface));
}

void DifferenceView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QPoint corner(std::max(0, -x()), std::max(0, -y())); // of what is in sight
    for (int row = 0; row < m_differences.rows.size(); ++row)
        paintRow(painter, row);
    paintHeads(painter, corner.y());
    paintSettings(painter, corner);
    if (!m_differences.rows.isEmpty())
        return;
    painter.setFont(ui::font(FontRole::Label));
    painter.setPen(color(Role::Muted));
    painter.drawText(QRect(corner.x(), kDifferenceHead, 300, kDifferenceRow), Qt::AlignVCenter,
                     tr("All settings are the same."));
}

QString DifferenceView::wordsAt(QPoint position) const {
    const QPoint corner(std::max(0, -x()), std::max(0, -y()));
    const bool setting = position.x() - corner.x() < settingsWidth();
    const int column = (position.x() - settingsWidth()) / columnWidth();
    if (position.y() - corner.y() < kDifferenceHead)
        return setting ? QString() : m_differences.names.value(column);
    const int row = (position.y() - kDifferenceHead) / kDifferenceRow;
    if (row >= m_differences.rows.size())
        return {};
    return setting ? m_differences.rows.at(row).setting : m_differences.rows.at(row).values.value(column);
}

bool DifferenceView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), wordsAt(help->pos()), this);
    return true;
}

} // namespace ui
