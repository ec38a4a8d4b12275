#include "ui/setup/thawsketch.h"

#include "ui/theme.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kBars = 40; // high, all of them

} // namespace

ThawSketch::ThawSketch(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setMaximumWidth(sizeHint().width());
    setCursor(Qt::PointingHandCursor);
}

void ThawSketch::setPlan(const ThawPlan& plan) {
    m_plan = plan;
    QStringList words;
    for (int phase = 0; phase < plan.phases.size(); ++phase)
        words.append(tr("from epoch %1: %2").arg(plan.phases.at(phase).fromEpoch).arg(phaseTitle(plan, phase)));
    setAccessibleName(words.join(QStringLiteral("; ")));
    update();
}

void ThawSketch::paintEvent(QPaintEvent*) {
    if (m_plan.blocks.isEmpty() || m_plan.phases.isEmpty())
        return;
    QPainter painter(this);
    const auto rows = static_cast<int>(m_plan.blocks.size());
    const double pitch = std::min(6.0, static_cast<double>(kBars) / rows);
    const auto xOf = [&](int epoch) { return qRound((epoch - 1.0) / m_plan.epochs * width()); };
    for (int block = 0; block < rows; ++block) {
        const int top = qRound(block * pitch);
        const int high = std::max(1, qRound((block + 1) * pitch) - top - (pitch >= 3 ? 1 : 0));
        for (int phase = 0; phase < m_plan.phases.size(); ++phase) {
            const double factor = m_plan.phases.at(phase).cells.at(block).factor;
            const int from = xOf(m_plan.phases.at(phase).fromEpoch);
            const QRect box(from, top, xOf(lastEpoch(m_plan, phase) + 1) - from, high);
            QColor ink = color(factor > 0 ? Role::ThawedFill : Role::FrozenFill);
            if (factor > 0)
                ink.setAlphaF(static_cast<float>(0.55 + 0.45 * std::sqrt(std::min(1.0, factor))));
            painter.fillRect(box, ink);
        }
    }
    const QRect words(0, qRound(rows * pitch) + 2, width(), 16);
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    painter.drawText(words, Qt::AlignVCenter, tr("Epoch 1"));
    painter.drawText(words, Qt::AlignVCenter | Qt::AlignRight, QString::number(m_plan.epochs));
}

void ThawSketch::mouseReleaseEvent(QMouseEvent* event) {
    if (rect().contains(event->pos()))
        Q_EMIT clicked();
}

} // namespace ui
