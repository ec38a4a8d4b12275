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

constexpr int kChip = 18;
constexpr int kEndNameLeft = 20;     // from the plot to the names
constexpr double kWidestNames = 0.3; // of the chart
constexpr double kNear = 7;          // pixels from a line at which the mouse is on it

QString nameWithin(const QString& name, const QFont& font, int room) {
    return QFontMetrics(font).elidedText(name, Qt::ElideMiddle, room);
}

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
    drawLimit(painter, area);
    drawFlags(painter, area);
    drawLifted(painter, area);
    drawBest(painter, area);
    if (names == ChartNames::AtLineEnds)
        drawLineEnds(painter, area);
    drawCrosshair(painter, area);
    drawBox(painter);
}

void ChartOverlay::drawLimit(QPainter& painter, const QRect& area) const {
    const double y = limit ? m_plot.toPixelY(*limit) : -1;
    if (!limit || y < area.top() || y > area.bottom())
        return;
    QPen pen(color(Role::DangerText), 1);
    pen.setDashPattern({4, 3});
    painter.setPen(pen);
    painter.drawLine(QPointF(area.left(), std::round(y) + 0.5), QPointF(area.right(), std::round(y) + 0.5));
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

QList<ChartMark> ChartOverlay::marks() const {
    QList<ChartMark> made;
    const QRect area = m_plot.area();
    for (qsizetype i = 0; crosshair && i < series.size(); ++i) {
        const ChartSeries& one = series.at(i);
        const Points& line = m_plot.drawn(i);
        if (one.name.isEmpty() || line.x.isEmpty() || *crosshair < one.x.first() || *crosshair > one.x.last())
            continue;
        const qsizetype place = placeNear(line.x, *crosshair);
        const double value = line.y.at(place);
        const QPointF at(m_plot.toPixelX(line.x.at(place)), m_plot.toPixelY(value));
        if (std::isfinite(value) && at.y() >= area.top() - 4 && at.y() <= area.bottom() + 4)
            made.append({one.key, one.name, unitText(m_unit, value), one.color, at});
    }
    return made;
}

qsizetype ChartOverlay::named() const {
    return std::ranges::count_if(series, [](const ChartSeries& one) { return !one.name.isEmpty(); });
}

QList<LineEnd> ChartOverlay::lineEnds() const {
    const QRect area = m_plot.area();
    const qsizetype most = namesThatFit(named(), area.height());
    QList<LineEnd> ends;
    for (qsizetype i = 0; i < series.size(); ++i) {
        const ChartSeries& one = series.at(i);
        const Points& line = m_plot.drawn(i);
        if (one.name.isEmpty() || line.x.isEmpty() || !std::isfinite(line.y.last()))
            continue;
        const double y = std::clamp<double>(m_plot.toPixelY(line.y.last()), area.top(), area.bottom());
        const LineEnd end{one.key, one.name, one.color, y, y};
        if (ends.size() < most)
            ends.append(end);
        else if (one.key == lifted) // the last of the best makes room
            ends.last() = end;
    }
    placeLineEnds(ends, area.top() + kLineEndPitch / 2, area.bottom() - kLineEndPitch / 2);
    return ends;
}

int ChartOverlay::roomForNames(int width) const {
    const QFontMetrics metrics(ui::font(FontRole::SmallStrong));
    int widest = 0;
    for (const ChartSeries& one : series)
        widest = std::max(widest, metrics.horizontalAdvance(one.name));
    return widest == 0 ? 0 : std::min(widest + kEndNameLeft + 2, static_cast<int>(width * kWidestNames));
}

QString ChartOverlay::lineAt(QPoint position) const {
    const QRect area = m_plot.area();
    if (names == ChartNames::AtLineEnds && position.x() > area.right() + 4)
        for (const LineEnd& end : lineEnds())
            if (std::abs(position.y() - end.nameY) <= kLineEndPitch / 2)
                return end.key;
    if (!area.adjusted(0, -4, 0, 4).contains(position))
        return {};
    QString nearest;
    double least = kNear;
    for (qsizetype i = 0; i < series.size(); ++i) {
        const double y = m_plot.toPixelY(valueOnLine(m_plot.drawn(i), m_plot.fromPixelX(position.x())));
        if (!series.at(i).name.isEmpty() && std::abs(y - position.y()) < least) {
            least = std::abs(y - position.y());
            nearest = series.at(i).key;
        }
    }
    return nearest;
}

void ChartOverlay::drawLifted(QPainter& painter, const QRect& area) const {
    for (qsizetype i = 0; i < series.size(); ++i) {
        const ChartSeries& one = series.at(i);
        if (one.key != lifted || lifted.isEmpty() || one.name.isEmpty())
            continue;
        const Points& line = m_plot.drawn(i);
        QPolygonF way;
        for (qsizetype point = 0; point < line.x.size(); ++point)
            if (std::isfinite(line.y.at(point)))
                way.append({m_plot.toPixelX(line.x.at(point)), m_plot.toPixelY(line.y.at(point))});
        painter.save();
        painter.setClipRect(area.adjusted(0, -2, 2, 2));
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(color(Role::Surface), 5.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(way);
        painter.setPen(QPen(one.color, 2.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(way);
        painter.restore();
    }
}

// A line that ends early is led to its name.
void ChartOverlay::drawLineEnds(QPainter& painter, const QRect& area) const {
    painter.setRenderHint(QPainter::Antialiasing);
    for (qsizetype i = 0; i < series.size(); ++i) {
        const Points& line = m_plot.drawn(i);
        const double end = line.x.isEmpty() ? area.right() : m_plot.toPixelX(line.x.last()) + 5;
        const double y = line.x.isEmpty() ? -1 : m_plot.toPixelY(line.y.last());
        if (end >= area.right() - 3 || y < area.top() || y > area.bottom() || series.at(i).name.isEmpty())
            continue;
        QPen pen(series.at(i).color, 1);
        pen.setDashPattern({1, 3});
        painter.setPen(pen);
        painter.drawLine(QPointF(end, y), QPointF(area.right(), y));
    }
    const int left = area.right() + kEndNameLeft;
    for (const LineEnd& end : lineEnds()) {
        painter.setPen(QPen(end.ink, 1.2));
        painter.drawLine(QPointF(area.right() + 3, end.y), QPointF(left - 5, end.nameY));
        const bool strong = end.key == lifted;
        painter.setFont(ui::font(strong ? FontRole::SmallStrong : FontRole::Small));
        painter.setPen(color(Role::Text));
        const QRectF box(left, end.nameY - kLineEndPitch / 2, width() - left, kLineEndPitch);
        painter.drawText(box, Qt::AlignVCenter | Qt::TextSingleLine,
                         nameWithin(end.name, painter.font(), static_cast<int>(box.width())));
    }
}

void ChartOverlay::drawBox(QPainter& painter) const {
    if (!zoomBox)
        return;
    QColor ground = color(Role::Accent);
    ground.setAlpha(40);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(color(Role::AccentText), 1));
    painter.setBrush(ground);
    painter.drawRect(*zoomBox);
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
    const QList<ChartMark> all = marks();
    for (const ChartMark& mark : all) {
        painter.setPen(QPen(mark.ink, 2));
        painter.setBrush(color(Role::Surface));
        painter.drawEllipse(mark.at, 3.5, 3.5);
    }
    drawChips(painter, area, x, chipsOf(all));
    drawPlace(painter, area, x);
}

// Where names stand at the lines' ends, the lifted one has a chip that says whose value it is.
QList<ChartMark> ChartOverlay::chipsOf(const QList<ChartMark>& marks) const {
    if (names == ChartNames::InLegend)
        return chips ? marks : QList<ChartMark>();
    QList<ChartMark> made;
    for (ChartMark mark : marks)
        if (mark.key == lifted) {
            mark.value = QStringLiteral("%1  %2").arg(mark.name, mark.value);
            made.append(mark);
        }
    return made;
}

void ChartOverlay::drawChips(QPainter& painter, const QRect& area, double x, const QList<ChartMark>& marks) const {
    QList<ChartMark> all = marks;
    std::ranges::sort(all, {}, [](const ChartMark& mark) { return mark.at.y(); });
    for (qsizetype i = 1; i < all.size(); ++i)
        all[i].at.setY(std::max(all[i].at.y(), all[i - 1].at.y() + kChip + 2));
    double lowest = area.bottom() - kChip / 2.0;
    for (auto chip = all.rbegin(); chip != all.rend(); ++chip) {
        chip->at.setY(std::min(chip->at.y(), lowest));
        lowest = chip->at.y() - kChip - 2;
    }
    painter.setFont(ui::font(FontRole::SmallStrong));
    for (const ChartMark& chip : all) {
        const int room = std::max(40, area.width() - 24);
        const QString words = nameWithin(chip.value, painter.font(), room);
        const int wide = painter.fontMetrics().horizontalAdvance(words) + 12;
        const bool left = x + 10 + wide > area.right();
        const double from = std::max<double>(area.left() + 2, left ? x - 10 - wide : x + 10);
        const QRectF ground(from, chip.at.y() - kChip / 2.0, wide, kChip);
        drawOutline(painter, ground, color(Role::Border), 1, metric::kTagRadius, color(Role::Raised));
        painter.fillRect(QRectF(ground.left(), ground.top() + 2, 2, kChip - 4), chip.ink);
        painter.setPen(color(Role::Text));
        painter.drawText(ground.adjusted(2, 0, 0, 0), Qt::AlignCenter, words);
    }
}

// "Epoch 41" below the axis.
void ChartOverlay::drawPlace(QPainter& painter, const QRect& area, double x) const {
    const bool whole = std::abs(*crosshair - std::round(*crosshair)) < 0.005;
    const QString number = timeTicks ? formatSpan(*crosshair)
                           : whole   ? formatExact(std::llround(*crosshair))
                                     : QString::number(*crosshair, 'f', 2);
    const QString words = xName.isEmpty() ? number : xName + QLatin1Char(' ') + number;
    painter.setFont(ui::font(FontRole::SmallStrong));
    const double wide = painter.fontMetrics().horizontalAdvance(words) + 14;
    const double from = std::clamp(x - wide / 2, 0.0, std::max(0.0, width() - wide));
    const QRectF ground(from, area.bottom() + 3, wide, 18);
    drawOutline(painter, ground, Qt::transparent, 0, metric::kTagRadius, color(Role::TooltipGround));
    painter.setPen(color(Role::TooltipText));
    painter.drawText(ground, Qt::AlignCenter, words);
}

} // namespace ui
