#include "ui/setup/scalingchart.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kTicks = 4;

// A round number not below this one.
double roundedUp(double value) {
    const double unit = std::pow(10, std::floor(std::log10(std::max(value, 1e-9))));
    for (const double step : {1.0, 2.0, 2.5, 4.0, 5.0, 8.0})
        if (step * unit >= value)
            return step * unit;
    return 10 * unit;
}

} // namespace

ScalingChart::ScalingChart(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("scalingChart"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ScalingChart::setPoints(const QList<ScalingPoint>& points, const QString& unit) {
    m_points = points;
    m_unit = unit;
    QStringList words;
    for (const ScalingPoint& point : points)
        words.append(tr("%1 ranks: %2 %3, %4")
                         .arg(point.ranks)
                         .arg(formatCount(point.rate), unit, formatPercent(point.efficiency, 0)));
    setAccessibleName(tr("Speed by number of ranks"));
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    setToolTip(words.join(QLatin1Char('\n')));
    update();
}

void ScalingChart::paintAxes(QPainter& painter, const QRectF& plot, double most) const {
    painter.setFont(ui::font(FontRole::Small));
    for (int tick = 0; tick <= kTicks; ++tick) {
        const double y = plot.bottom() - plot.height() * tick / kTicks;
        painter.setPen(QPen(color(tick == 0 ? Role::ChartAxis : Role::ChartGrid), 1));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRectF(0, y - 9, plot.left() - 8, 18), Qt::AlignRight | Qt::AlignVCenter,
                         formatCount(most * tick / kTicks));
    }
}

void ScalingChart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_points.isEmpty()) {
        painter.setPen(color(Role::Muted));
        painter.setFont(ui::font(FontRole::Label));
        painter.drawText(rect(), Qt::AlignCenter, tr("Not measured yet"));
        return;
    }
    const QRectF plot(56, 24, width() - 56 - 84, height() - 24 - 40);
    const int most = m_points.last().ranks;
    const double top = roundedUp(std::max(m_points.first().rate * most, m_points.last().rate));
    paintAxes(painter, plot, top);
    const auto placeOf = [&](double ranks, double rate) {
        return QPointF(plot.left() + plot.width() * ranks / most, plot.bottom() - plot.height() * rate / top);
    };
    painter.setPen(QPen(color(Role::Muted), 1, Qt::DashLine));
    painter.drawLine(placeOf(0, 0), placeOf(most, m_points.first().rate * most));
    painter.setPen(QPen(runColor(1), 2));
    for (qsizetype i = 1; i < m_points.size(); ++i)
        painter.drawLine(placeOf(m_points[i - 1].ranks, m_points[i - 1].rate),
                         placeOf(m_points[i].ranks, m_points[i].rate));
    for (const ScalingPoint& point : m_points) {
        const QPointF place = placeOf(point.ranks, point.rate);
        painter.setPen(Qt::NoPen);
        painter.setBrush(runColor(1));
        painter.drawEllipse(place, 4, 4);
        painter.setFont(ui::font(FontRole::ChartTitle));
        painter.setPen(color(Role::Text));
        const QString rate = formatCount(point.rate);
        painter.drawText(QRectF(place.x() + 8, place.y(), 76, 18), Qt::AlignLeft | Qt::AlignVCenter, rate);
        if (point.ranks > 1) {
            painter.setFont(ui::font(FontRole::Small));
            painter.setPen(color(Role::Muted));
            painter.drawText(QRectF(place.x() + 8, place.y() + 16, 76, 16), Qt::AlignLeft | Qt::AlignVCenter,
                             formatPercent(point.efficiency, 0));
        }
        painter.setFont(ui::font(FontRole::Small));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRectF(place.x() - 20, plot.bottom() + 4, 40, 16), Qt::AlignCenter,
                         QString::number(point.ranks));
    }
    painter.drawText(QRectF(plot.left(), plot.bottom() + 20, plot.width(), 18), Qt::AlignCenter, tr("Ranks"));
    painter.drawText(QRectF(0, 0, plot.left() + 80, 18), Qt::AlignLeft | Qt::AlignVCenter, m_unit);
}

} // namespace ui
