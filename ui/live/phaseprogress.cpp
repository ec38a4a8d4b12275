#include "ui/live/phaseprogress.h"

#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace ui {

PhaseProgress::PhaseProgress(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void PhaseProgress::setProgress(const LiveHeader& header) {
    m_header = header;
    setAccessibleName(tr("Epoch %1 of %2").arg(header.epoch).arg(header.epochs));
    update();
}

void PhaseProgress::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    constexpr int kBar = 8;
    const double done =
        m_header.steps > 0
            ? std::clamp(static_cast<double>(m_header.step) / static_cast<double>(m_header.steps), 0.0, 1.0)
            : 0;
    QList<LivePhase> phases = m_header.phases;
    if (phases.isEmpty())
        phases.append({QString(), 1});
    double total = 0;
    for (const auto& phase : phases)
        total += std::max(phase.epochs, 1e-9);
    const QColor track = color(theme().dark() ? Role::Sunken : Role::Hover);
    const bool failed = m_header.state == RunListState::Failed;
    const bool over = m_header.state == RunListState::Stopped || m_header.state == RunListState::Interrupted || failed;
    const QColor fill = color(failed ? Role::DangerText : over ? Role::Faint : Role::Accent);
    const double wide = width();
    const QString last = tr("Epoch %1").arg(m_header.epochs);
    const int lastWidth = QFontMetrics(ui::font(FontRole::Small)).horizontalAdvance(last);
    double from = 0;
    double wordsEnd = 0;
    for (const auto& phase : phases) {
        const double end = from + std::max(phase.epochs, 1e-9) / total;
        const double left = from * wide;
        const double right = end * wide - (end < 0.999 ? 2 : 0);
        painter.setPen(Qt::NoPen);
        painter.setBrush(track);
        painter.drawRoundedRect(QRectF(left, 3, right - left, kBar), 3, 3);
        const double until = std::min(right, done * wide);
        if (until - left > 1) {
            painter.setBrush(fill);
            painter.drawRoundedRect(QRectF(left, 3, until - left, kBar), 3, 3);
        }
        const bool current = done >= from && (done < end || (end > 0.999 && done >= end)) && !over &&
                             m_header.state != RunListState::Finished;
        painter.setFont(ui::font(current ? FontRole::SmallMedium : FontRole::Small));
        painter.setPen(color(current ? Role::Text : Role::Muted));
        const double start = std::max(left, wordsEnd);
        const double room = std::min(wide - lastWidth - 12, end > 0.999 ? wide : end * wide + 40) - start;
        const QString words =
            painter.fontMetrics().elidedText(phase.words, Qt::ElideRight, static_cast<int>(std::max(0.0, room)));
        if (room > 24)
            painter.drawText(QRectF(start, 14, room, 18), Qt::AlignVCenter, words);
        wordsEnd = start + painter.fontMetrics().horizontalAdvance(words) + 10;
        from = end;
    }
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    if (m_header.epochs > 0)
        painter.drawText(QRectF(wide - lastWidth - 1, 14, lastWidth + 2, 18), Qt::AlignVCenter, last);
}

} // namespace ui
