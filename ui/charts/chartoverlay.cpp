#include "ui/charts/chartoverlay.h"

#include "ui/charts/chartplot.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

QColor mixed(const QColor& one, const QColor& other, double share) {
    const auto part = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return {part(one.red(), other.red()), part(one.green(), other.green()), part(one.blue(), other.blue())};
}

struct Chip {
    double y;
    QColor ink;
    QString text;
};

} // namespace

ChartOverlay::ChartOverlay(ChartPlot& plot, ChartUnit unit, QWidget* parent)
    : QWidget(parent), m_plot(plot), m_unit(unit) {
    setMouseTracking(true);
}

void ChartOverlay::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    drawTo(painter);
}

void ChartOverlay::drawTo(QPainter& painter) const {
    const QRect area = m_plot.area();
    if (area.width() < 8 || area.height() < 8)
        return;
    drawPhases(painter, area);
    if (limit) {
        const double y = m_plot.toPixelY(*limit);
        if (y >= area.top() && y <= area.bottom()) {
            QPen pen(color(Role::DangerText), 1);
            pen.setDashPattern({4, 3});
            painter.setPen(pen);
            painter.drawLine(QPointF(area.left(), std::round(y) + 0.5), QPointF(area.right(), std::round(y) + 0.5));
        }
    }
    drawFlags(painter, area);
    drawBest(painter, area);
    drawCrosshair(painter, area);
}

void ChartOverlay::drawPhases(QPainter& painter, const QRect& area) const {
    for (const auto& phase : phases) {
        const double from = std::max<double>(area.left(), m_plot.toPixelX(phase.from));
        const double to = std::min<double>(area.right() + 1, m_plot.toPixelX(phase.to));
        if (to - from < 1)
            continue;
        painter.fillRect(
            QRectF(from, area.bottom() + 1, to - from - 1, 3),
            mixed(color(Role::FrozenFill), color(Role::ThawedFill), std::clamp(phase.trainedShare, 0.0, 1.0)));
    }
}

void ChartOverlay::drawFlags(QPainter& painter, const QRect& area) const {
    constexpr int kBox = 16;
    double lastBox = -100;
    for (const auto& flag : flags) {
        const double x = std::round(m_plot.toPixelX(flag.x));
        if (x < area.left() || x > area.right())
            continue;
        const QColor ink = color(flag.role);
        QPen pen(ink, 1);
        pen.setDashPattern({1, 2});
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(pen);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        if (!lane || flag.iconName.isEmpty() || x - lastBox < kBox + 2)
            continue;
        lastBox = x;
        const QRectF box(x - kBox / 2.0, area.top() - kBox - 2, kBox, kBox);
        drawOutline(painter, box, ink, 1, metric::kTagRadius, color(Role::Surface));
        painter.drawPixmap(QPointF(box.left() + 3, box.top() + 3),
                           theme().pixmap(flag.iconName, 10, ink, painter.device()->devicePixelRatioF()));
    }
}

void ChartOverlay::drawBest(QPainter& painter, const QRect& area) const {
    painter.setRenderHint(QPainter::Antialiasing);
    for (const auto& one : series) {
        if (!one.best)
            continue;
        const QPointF middle(m_plot.toPixelX(one.best->x()), m_plot.toPixelY(one.best->y()));
        if (!QRectF(area).adjusted(-2, -6, 2, 2).contains(middle))
            continue;
        painter.setPen(QPen(one.color, 2));
        painter.setBrush(color(Role::Surface));
        painter.drawEllipse(middle, 4, 4);
    }
}

void ChartOverlay::drawCrosshair(QPainter& painter, const QRect& area) const {
    if (!crosshair)
        return;
    const double x = std::round(m_plot.toPixelX(*crosshair));
    if (x < area.left() - 1 || x > area.right() + 1)
        return;
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(color(Role::ChartCrosshair), 1));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);

    QList<Chip> all;
    for (const auto& one : series) {
        if (one.style == ChartSeries::Style::Raw || one.style == ChartSeries::Style::Stacked || one.name.isEmpty())
            continue;
        if (one.x.isEmpty() || *crosshair < one.x.first() || *crosshair > one.x.last())
            continue;
        const double value = valueNear(one, *crosshair);
        const double y = m_plot.toPixelY(value);
        if (!std::isfinite(value) || y < area.top() - 4 || y > area.bottom() + 4)
            continue;
        painter.setPen(QPen(one.color, 2));
        painter.setBrush(color(Role::Surface));
        painter.drawEllipse(QPointF(x, y), 3.5, 3.5);
        all.append({y, one.color, unitText(m_unit, value)});
    }
    painter.setFont(ui::font(FontRole::SmallStrong));
    const QFontMetrics metrics(painter.font());
    if (chips) {
        constexpr int kHigh = 18;
        std::sort(all.begin(), all.end(), [](const Chip& a, const Chip& b) { return a.y < b.y; });
        for (qsizetype i = 1; i < all.size(); ++i)
            all[i].y = std::max(all[i].y, all[i - 1].y + kHigh + 2);
        double lowest = area.bottom() - kHigh / 2.0;
        for (auto chip = all.rbegin(); chip != all.rend(); ++chip) {
            chip->y = std::min(chip->y, lowest);
            lowest = chip->y - kHigh - 2;
        }
        for (const auto& chip : all) {
            const int width = metrics.horizontalAdvance(chip.text) + 12;
            const bool left = x + 10 + width > area.right();
            const QRectF box(left ? x - 10 - width : x + 10, chip.y - kHigh / 2.0, width, kHigh);
            drawOutline(painter, box, color(Role::Border), 1, metric::kTagRadius, color(Role::Raised));
            painter.fillRect(QRectF(box.left(), box.top() + 2, 2, kHigh - 4), chip.ink);
            painter.setPen(color(Role::Text));
            painter.drawText(box.adjusted(2, 0, 0, 0), Qt::AlignCenter, chip.text);
        }
    }
    const QString number = timeTicks ? formatSpan(*crosshair) : formatExact(std::llround(*crosshair));
    const QString words = xName.isEmpty() ? number : xName + QLatin1Char(' ') + number;
    const double wide = metrics.horizontalAdvance(words) + 14;
    const double from = std::clamp(x - wide / 2, 0.0, std::max(0.0, width() - wide));
    const QRectF box(from, area.bottom() + 3, wide, 18);
    drawOutline(painter, box, Qt::transparent, 0, metric::kTagRadius, color(Role::TooltipGround));
    painter.setPen(color(Role::TooltipText));
    painter.drawText(box, Qt::AlignCenter, words);
}

} // namespace ui
