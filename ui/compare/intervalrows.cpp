#include "ui/compare/intervalrows.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kIntervalRow = 30;
constexpr int kIntervalHead = 24;
constexpr int kIntervalSwatch = 18;
constexpr int kIntervalNumber = 60;
constexpr int kMostIntervalName = 200;
constexpr int kLeastAxis = 76;

double roundStep(double span) {
    const double least = span / 5;
    const double power = std::pow(10, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= least)
            return factor * power;
    return 10 * power;
}

} // namespace

IntervalRows::IntervalRows(Axis axis, QWidget* parent) : QWidget(parent), m_axis(axis) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(axis == Axis::Differences ? Qt::StrongFocus : Qt::NoFocus);
}

void IntervalRows::setRows(const QList<IntervalRow>& rows) {
    m_rows = rows;
    m_least = m_axis == Axis::Differences ? 0 : 1;
    m_most = 0;
    QStringList spoken;
    for (const IntervalRow& row : rows) {
        m_least = std::min(m_least, std::isfinite(row.low) ? row.low : m_least);
        m_most = std::max(m_most, std::isfinite(row.high) ? row.high : m_most);
        spoken.append(QStringLiteral("%1 %2 %3").arg(row.name, row.words, row.number));
    }
    if (m_most - m_least < 0.01)
        m_most = m_least + 0.01;
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

void IntervalRows::setHeads(const QString& words, const QString& number) {
    m_wordsHead = words;
    m_numberHead = number;
}

void IntervalRows::setCurrent(const QString& id) {
    m_current = id;
    update();
}

QSize IntervalRows::sizeHint() const { return {420, kIntervalHead + kIntervalRow * static_cast<int>(m_rows.size())}; }

IntervalRows::Columns IntervalRows::columns() const {
    const QFontMetrics metrics(ui::font(FontRole::Label));
    int name = 60;
    int words = metrics.horizontalAdvance(m_wordsHead);
    for (const IntervalRow& row : m_rows) {
        name = std::max(name, metrics.horizontalAdvance(row.name) + kIntervalSwatch + 12);
        words = std::max(words, QFontMetrics(ui::font(FontRole::Head)).horizontalAdvance(row.words) + 4);
    }
    Columns at;
    at.words = width() - kIntervalNumber;
    at.name = std::clamp(std::min(name, kMostIntervalName), 60,
                         std::max(60, width() - kIntervalNumber - words - kLeastAxis - 24));
    at.from = at.name + 12;
    at.to = std::max(at.from + 40, at.words - words - 16);
    return at;
}

double IntervalRows::toX(double value, const Columns& at) const {
    return at.from + (value - m_least) / (m_most - m_least) * (at.to - at.from);
}

QString IntervalRows::axisWords(double value) const {
    if (m_axis == Axis::Shares)
        return formatPercent(value, m_most - m_least < 0.05 ? 1 : 0);
    const QString number = QString::number(std::abs(value * 100), 'g', 3);
    return value > 1e-9 ? QLatin1Char('+') + number : value < -1e-9 ? QChar(0x2212) + number : QStringLiteral("0");
}

void IntervalRows::paintAxis(QPainter& painter, const Columns& at) const {
    painter.setFont(ui::font(FontRole::Small));
    const double step = roundStep(m_most - m_least);
    for (double value = std::ceil(m_least / step) * step; value <= m_most + step * 1e-6; value += step) {
        const int x = qRound(toX(value, at));
        const bool nought = m_axis == Axis::Differences && std::abs(value) < step * 1e-6;
        painter.fillRect(QRect(x, kIntervalHead - 4, 1, height() - kIntervalHead + 4),
                         color(nought ? Role::ChartAxis : Role::ChartGrid));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(x - 40, 0, 80, kIntervalHead - 4), Qt::AlignCenter, axisWords(value));
    }
    painter.setPen(color(Role::Muted));
    painter.drawText(QRect(at.to, 0, at.words - at.to - 6, kIntervalHead - 4), Qt::AlignRight | Qt::AlignVCenter,
                     m_wordsHead);
    painter.drawText(QRect(at.words, 0, kIntervalNumber - 4, kIntervalHead - 4), Qt::AlignRight | Qt::AlignVCenter,
                     m_numberHead);
}

void IntervalRows::paintRow(QPainter& painter, int row, const Columns& at) const {
    const IntervalRow& one = m_rows.at(row);
    const QRect box(0, kIntervalHead + row * kIntervalRow, width(), kIntervalRow);
    if (one.id == m_current && m_axis == Axis::Differences)
        painter.fillRect(box, color(Role::AccentTint));
    const int middle = box.center().y();
    drawOutline(painter, QRectF(4, middle - 4, 9, 9), Qt::transparent, 0, 2, runColor(one.colour));
    painter.setFont(ui::font(FontRole::Label));
    painter.setPen(color(Role::Text));
    painter.drawText(QRect(kIntervalSwatch, box.top(), at.name - kIntervalSwatch, kIntervalRow), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(one.name, Qt::ElideMiddle, at.name - kIntervalSwatch));
    painter.setPen(color(Role::Muted));
    painter.setFont(ui::font(one.stands ? FontRole::Head : FontRole::Label));
    if (one.stands)
        painter.setPen(color(Role::Text));
    painter.drawText(QRect(at.to + 10, box.top(), at.words - at.to - 16, kIntervalRow),
                     Qt::AlignRight | Qt::AlignVCenter, one.words);
    painter.setFont(ui::font(FontRole::Strong));
    painter.setPen(color(Role::Text));
    painter.drawText(QRect(at.words, box.top(), kIntervalNumber - 4, kIntervalRow), Qt::AlignRight | Qt::AlignVCenter,
                     one.number);
    if (!std::isfinite(one.low) || !std::isfinite(one.high))
        return;
    painter.setPen(QPen(runColor(one.colour), 2, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(toX(one.low, at), middle), QPointF(toX(one.high, at), middle));
    painter.setPen(Qt::NoPen);
    painter.setBrush(runColor(one.colour));
    painter.drawEllipse(QPointF(toX(one.value, at), middle), 4, 4);
}

void IntervalRows::paintEvent(QPaintEvent*) {
    if (m_rows.isEmpty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Columns at = columns();
    paintAxis(painter, at);
    for (int row = 0; row < m_rows.size(); ++row)
        paintRow(painter, row, at);
    if (hasFocus() && keyboardFocusVisible())
        drawOutline(painter, rect(), color(Role::AccentText), 2, metric::kTagRadius);
}

void IntervalRows::mousePressEvent(QMouseEvent* event) {
    const int row = (event->pos().y() - kIntervalHead) / kIntervalRow;
    if (event->pos().y() >= kIntervalHead && row < m_rows.size())
        Q_EMIT chosen(m_rows.at(row).id);
}

void IntervalRows::keyPressEvent(QKeyEvent* event) {
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    if (step == 0 || m_rows.isEmpty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const auto now = std::ranges::find(m_rows, m_current, &IntervalRow::id) - m_rows.begin();
    Q_EMIT chosen(m_rows.at(std::clamp<qsizetype>(now + step, 0, m_rows.size() - 1)).id);
}

bool IntervalRows::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = (help->pos().y() - kIntervalHead) / kIntervalRow;
    if (help->pos().y() < kIntervalHead || row >= m_rows.size()) {
        QToolTip::hideText();
        return true;
    }
    const IntervalRow& one = m_rows.at(row);
    QToolTip::showText(help->globalPos(),
                       tr("%1: %2, 95 % interval %3 to %4")
                           .arg(one.name, m_axis == Axis::Shares ? formatPercent(one.value) : axisWords(one.value),
                                m_axis == Axis::Shares ? formatPercent(one.low) : axisWords(one.low),
                                m_axis == Axis::Shares ? formatPercent(one.high) : axisWords(one.high)),
                       this);
    return true;
}

} // namespace ui
