#include "ui/live/logview.h"

#include "ui/theme.h"

#include <QPainter>

namespace ui {
namespace {

constexpr int kLine = 19;

} // namespace

LogView::LogView(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding); }

void LogView::setLines(const QList<LogLine>& newestFirst) {
    m_lines = newestFirst;
    update();
}

void LogView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setFont(ui::font(FontRole::MonoSmall));
    const QFontMetrics metrics(painter.font());
    const int timeWidth = metrics.horizontalAdvance(QStringLiteral("00:00:00")) + 14;
    const int kindWidth = metrics.horizontalAdvance(QStringLiteral("checkpoint")) + 8;
    for (int i = 0; i < m_lines.size() && (i + 1) * kLine <= height() + 4; ++i) {
        const LogLine& line = m_lines.at(i);
        const int y = i * kLine;
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(0, y, timeWidth, kLine), Qt::AlignVCenter, line.time);
        if (line.tone != Tone::None)
            painter.setPen(color(textRole(line.tone)));
        painter.drawText(QRect(timeWidth, y, kindWidth, kLine), Qt::AlignVCenter, line.kind);
        painter.setPen(
            color(line.tone == Tone::Danger || line.tone == Tone::Warning ? textRole(line.tone) : Role::Text));
        const int room = width() - timeWidth - kindWidth;
        painter.drawText(QRect(timeWidth + kindWidth, y, room, kLine), Qt::AlignVCenter,
                         metrics.elidedText(line.text, Qt::ElideRight, room));
    }
    if (m_lines.isEmpty()) {
        painter.setFont(ui::font(FontRole::Label));
        painter.setPen(color(Role::Muted));
        painter.drawText(rect(), Qt::AlignLeft | Qt::AlignTop, tr("Nothing yet."));
    }
}

} // namespace ui
