#include "ui/setup/phasebars.h"

#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace ui {
namespace {

constexpr int kPhaseRow = 20;
constexpr int kLabelLeast = 92;
constexpr int kValue = 60;

QColor mixedColour(const QColor& a, const QColor& b, double share) {
    const auto part = [share](int from, int to) { return static_cast<int>(from + (to - from) * share); };
    return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

} // namespace

PhaseBars::PhaseBars(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void PhaseBars::setPhases(const QList<PhaseRow>& phases) {
    m_phases = phases;
    QStringList words;
    for (const auto& phase : phases)
        words.append(tr("%1: %2 parameters trained").arg(phase.epochs, phase.parameters));
    setAccessibleName(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

QSize PhaseBars::sizeHint() const { return {240, static_cast<int>(m_phases.size()) * kPhaseRow}; }

void PhaseBars::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetrics metrics(ui::font(FontRole::Label));
    int label = kLabelLeast;
    for (const auto& phase : m_phases)
        label = std::max(label, metrics.horizontalAdvance(phase.epochs) + 12);
    QRect row(0, 0, width(), kPhaseRow);
    for (const auto& phase : m_phases) {
        painter.setFont(ui::font(FontRole::Label));
        painter.setPen(color(Role::Text));
        painter.drawText(row, Qt::AlignVCenter, phase.epochs);
        painter.setFont(ui::font(FontRole::Value));
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, phase.parameters);
        const QRectF bar(label, row.center().y() - 2, std::max(10, width() - label - kValue), 6);
        drawOutline(painter, bar, Qt::transparent, 0, 3, color(Role::FrozenFill));
        if (phase.trained > 0) {
            painter.save();
            painter.setClipRect(QRectF(bar.left(), bar.top(), std::max(1.0, bar.width() * phase.trained), 6));
            drawOutline(painter, bar, Qt::transparent, 0, 3, color(Role::ThawedFill));
            painter.restore();
        }
        row.translate(0, kPhaseRow);
    }
}

PhaseTimes::PhaseTimes(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void PhaseTimes::setPhases(const QList<PhaseRow>& phases) {
    m_phases = phases;
    QStringList words;
    for (const auto& phase : phases)
        words.append(QStringLiteral("%1: %2").arg(phase.epochs, phase.time));
    setAccessibleName(words.join(QStringLiteral("; ")));
    setToolTip(words.join(QLatin1Char('\n')));
    update();
}

void PhaseTimes::paintEvent(QPaintEvent*) {
    double all = 0;
    for (const auto& phase : m_phases)
        all += phase.seconds;
    if (all <= 0)
        return;
    QPainter painter(this);
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    double x = 0;
    int wordsFrom = 0;
    for (int i = 0; i < m_phases.size(); ++i) {
        const double wide = m_phases.at(i).seconds / all * width();
        const double share = m_phases.size() > 1 ? i / (m_phases.size() - 1.0) : 1;
        const bool last = i + 1 == m_phases.size();
        painter.fillRect(QRectF(x, 0, std::max(1.0, wide - (last ? 0 : 2)), 8),
                         mixedColour(color(Role::NeutralSoft), color(Role::NeutralStrong), share));
        const QString words = tr("%1: %2").arg(i + 1).arg(m_phases.at(i).time);
        const int length = painter.fontMetrics().horizontalAdvance(words);
        const int from = std::clamp(qRound(x), wordsFrom, std::max(wordsFrom, width() - length));
        if (from + length <= width())
            painter.drawText(QRect(from, 10, length + 2, 18), Qt::AlignVCenter, words);
        wordsFrom = from + length + 10;
        x += wide;
    }
}

} // namespace ui
