#include "ui/compare/confusionview.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace ui {
namespace {

constexpr int kMatrixHead = 30;
constexpr int kFoot = 20;

QColor mix(const QColor& a, const QColor& b, double share) {
    return QColor::fromRgbF(float(a.redF() + (b.redF() - a.redF()) * share),
                            float(a.greenF() + (b.greenF() - a.greenF()) * share),
                            float(a.blueF() + (b.blueF() - a.blueF()) * share));
}

} // namespace

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ConfusionView::setMatrices(const QList<ConfusionMatrix>& matrices) {
    m_matrices = matrices.mid(0, 2);
    update();
}

void ConfusionView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    m_cells.clear();
    if (m_matrices.isEmpty())
        return;
    int names = 30;
    const QFontMetrics metrics(ui::font(FontRole::Small));
    for (const auto& name : m_matrices.first().classes)
        names = std::max(names, std::min(90, metrics.horizontalAdvance(name) + 10));
    const int count = static_cast<int>(m_matrices.size());
    const int gap = 20;
    const int side =
        std::max(40, std::min((width() - names - gap * (count - 1)) / count, height() - kMatrixHead - kFoot - 8));
    for (int i = 0; i < count; ++i)
        paintMatrix(painter, QRect(names + i * (side + gap), kMatrixHead + 6, side, side), m_matrices.at(i), i == 0);
}

void ConfusionView::paintMatrix(QPainter& painter, const QRect& area, const ConfusionMatrix& matrix,
                                bool rowNames) const {
    const int classes = static_cast<int>(matrix.classes.size());
    if (classes == 0)
        return;
    painter.setFont(ui::font(FontRole::Head));
    painter.setPen(color(Role::Text));
    painter.drawText(QRect(area.left(), 0, area.width(), 22), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(matrix.name, Qt::ElideRight, area.width()));
    painter.fillRect(QRect(area.left(), 23, area.width(), 2), runColor(matrix.colour));
    const double side = static_cast<double>(area.width()) / classes;
    const bool numbers = side >= 26;
    for (int truth = 0; truth < classes; ++truth) {
        double sum = 0;
        for (int predicted = 0; predicted < classes; ++predicted)
            sum += matrix.counts.value(truth * classes + predicted);
        for (int predicted = 0; predicted < classes; ++predicted) {
            const int value = matrix.counts.value(truth * classes + predicted);
            const double share = sum > 0 ? value / sum : 0;
            const QRectF cell(area.left() + predicted * side, area.top() + truth * side,
                              side - (classes < 12 ? 2 : 0.5), side - (classes < 12 ? 2 : 0.5));
            const QColor ground =
                mix(color(Role::AccentTint), color(Role::Accent), share > 0.5 ? 0.3 + 0.6 * share : share);
            painter.fillRect(cell, ground);
            m_cells.append({cell.toAlignedRect(), tr("%1 taken for %2: %3 of %4")
                                                      .arg(matrix.classes.at(truth), matrix.classes.at(predicted))
                                                      .arg(value)
                                                      .arg(static_cast<int>(sum))});
            if (!numbers)
                continue;
            const bool onAccent = share > 0.5;
            painter.setPen(color(onAccent ? Role::OnAccent : Role::Text));
            painter.setFont(ui::font(side >= 52 ? FontRole::SectionTitle : FontRole::SmallStrong));
            if (side < 52) {
                painter.drawText(cell, Qt::AlignCenter, QString::number(value));
                continue;
            }
            painter.drawText(cell.adjusted(0, 0, 0, -16), Qt::AlignCenter, QString::number(value));
            painter.setFont(ui::font(FontRole::Small));
            painter.drawText(cell.adjusted(0, 20, 0, 0), Qt::AlignCenter, formatPercent(share));
        }
    }
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    if (side < 12)
        return;
    for (int i = 0; i < classes; ++i) {
        const auto short_ = [&](int room) {
            return painter.fontMetrics().elidedText(matrix.classes.at(i), Qt::ElideRight, room);
        };
        if (rowNames)
            painter.drawText(QRectF(0, area.top() + i * side, area.left() - 8, side), Qt::AlignVCenter | Qt::AlignRight,
                             short_(area.left() - 10));
        painter.drawText(QRectF(area.left() + i * side, area.bottom() + 2, side, kFoot), Qt::AlignCenter,
                         short_(static_cast<int>(side)));
    }
}

bool ConfusionView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (const auto& cell : m_cells)
        if (cell.rect.contains(help->pos())) {
            QToolTip::showText(help->globalPos(), cell.tip, this);
            return true;
        }
    QToolTip::hideText();
    return true;
}

} // namespace ui
