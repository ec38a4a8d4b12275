#include "ui/setup/thawpainter.h"

#include "ui/theme.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

struct ThawWords {
    Q_DECLARE_TR_FUNCTIONS(Thaw)
};
const auto tr = [](const char* text) { return ThawWords::tr(text); };

constexpr double kHighEnd = 0.25; // of a schedule

QString lockOf(const ThawPlan& plan, int block) {
    bool whole = false;
    bool partly = false;
    for (const auto& phase : plan.phases) {
        const ThawCell& cell = phase.cells.at(block);
        if (cell.trained())
            (cell.parameters < plan.blocks.at(block).parameters ? partly : whole) = true;
    }
    return whole ? QStringLiteral("lock-open") : partly ? QStringLiteral("lock-keyhole-open") : QStringLiteral("lock");
}

void paintName(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, int block) {
    const QRect row = geometry.row(block);
    const QString lock = lockOf(plan, block);
    const Role ink = lock == QLatin1String("lock") ? Role::FrozenText : Role::ThawedText;
    painter.drawPixmap(0, row.top() + (ThawGeometry::kBarHeight - 14) / 2,
                       theme().pixmap(lock, 14, color(ink), painter.device()->devicePixelRatioF()));
    painter.setFont(ui::font(FontRole::Mono));
    painter.setPen(color(Role::Text));
    const QRect box(20, row.top(), geometry.plot().left() - 28, ThawGeometry::kBarHeight + 1);
    painter.drawText(box, Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(plan.blocks.at(block).name, Qt::ElideMiddle, box.width()));
}

void paintHead(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, int phase, bool marked) {
    const QRect box = geometry.head(phase);
    painter.fillRect(box, color(Role::ChartBand));
    QRect words = box.adjusted(8, 2, -4, 0);
    if (words.width() < 20)
        return;
    const QRect cross = geometry.remover(phase);
    if (marked && !cross.isEmpty()) {
        painter.drawPixmap(cross.topLeft(), theme().pixmap(QStringLiteral("x"), 14, color(Role::Muted),
                                                           painter.device()->devicePixelRatioF()));
        words.setRight(cross.left() - 4);
    }
    painter.setFont(ui::font(FontRole::ChartTitle));
    painter.setPen(color(Role::Text));
    painter.drawText(QRect(words.left(), words.top(), words.width(), 17), Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(phaseTitle(plan, phase), Qt::ElideRight, words.width()));
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    painter.drawText(QRect(words.left(), words.top() + 15, words.width(), 16), Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(phaseDetail(plan, phase), Qt::ElideRight, words.width()));
}

// The factor at the end of each stretch in which it stays the same.
void paintFactors(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, int block, bool outside) {
    painter.setFont(ui::font(FontRole::Head));
    painter.setPen(color(Role::ThawedText));
    const int phases = static_cast<int>(plan.phases.size());
    int from = geometry.plot().left();
    for (int phase = 0; phase < phases; ++phase) {
        const double factor = plan.phases.at(phase).cells.at(block).factor;
        const QRect segment = geometry.segment(block, phase);
        const bool last = phase + 1 == phases;
        if (phase > 0 && plan.phases.at(phase - 1).cells.at(block).factor != factor)
            from = segment.left();
        if (factor <= 0 || (!last && plan.phases.at(phase + 1).cells.at(block).factor == factor))
            continue;
        const QString words = factorWords(factor);
        const int wide = painter.fontMetrics().horizontalAdvance(words);
        if (last && outside)
            painter.drawText(QRect(segment.right() + 6, segment.top(), wide + 2, segment.height()), Qt::AlignVCenter,
                             words);
        else if (segment.right() - from > wide + 12)
            painter.drawText(QRect(segment.right() - wide - 7, segment.top() - 1, wide + 2, segment.height()),
                             Qt::AlignVCenter, words);
    }
}

void paintAxis(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, double now) {
    const QRect plot = geometry.plot();
    const int top = plot.bottom() + 4;
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    painter.drawText(QRect(0, top, plot.left(), 20), Qt::AlignVCenter, tr("Epoch"));
    int step = 1;
    for (const int nice : {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000}) {
        step = nice;
        if (plan.epochs / nice <= std::max(4, plot.width() / 90))
            break;
    }
    const auto write = [&](int epoch, Qt::Alignment side) {
        const int x = qRound(geometry.xOf(epoch));
        const int left = side & Qt::AlignLeft ? x : side & Qt::AlignRight ? x - 60 : x - 30;
        painter.drawText(QRect(left, top, 60, 20), Qt::AlignVCenter | side, QString::number(epoch));
    };
    const double nowX = std::isfinite(now) ? geometry.xOf(now) : -1000;
    for (int epoch = 0; epoch < plan.epochs; epoch += step)
        if (geometry.xOf(plan.epochs) - geometry.xOf(epoch) > 32 && std::abs(geometry.xOf(epoch) - nowX) > 28)
            write(epoch, epoch == 0 ? Qt::AlignLeft : Qt::AlignHCenter);
    if (geometry.xOf(plan.epochs) - nowX > 28)
        write(plan.epochs, Qt::AlignRight);
    if (!std::isfinite(now))
        return;
    painter.setFont(ui::font(FontRole::SmallStrong));
    painter.setPen(color(Role::Text));
    painter.drawText(QRectF(nowX - 30, top, 60, 20), Qt::AlignCenter, tr("now"));
}

void paintGrip(QPainter& painter, QPointF middle, Qt::Orientation along) {
    painter.setRenderHint(QPainter::Antialiasing);
    const QSizeF size = along == Qt::Vertical ? QSizeF(9, 15) : QSizeF(15, 9);
    const QRectF box(middle.x() - size.width() / 2, middle.y() - size.height() / 2, size.width(), size.height());
    drawOutline(painter, box, color(Role::AccentText), 1.25, 4.5, color(Role::Surface));
    painter.setPen(QPen(color(Role::AccentText), 1.25));
    for (const double away : {-1.5, 1.5})
        if (along == Qt::Vertical)
            painter.drawLine(middle + QPointF(away, -3), middle + QPointF(away, 3));
        else
            painter.drawLine(middle + QPointF(-3, away), middle + QPointF(3, away));
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void paintMarks(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, const ThawView& view) {
    if (view.marked) {
        const QRect bar = geometry.bar(view.marked->block);
        const double x = std::round(geometry.xOfEdge(view.marked->epoch));
        painter.fillRect(QRectF(x - 1, bar.top() - 1, 2, bar.height() + 2), color(Role::AccentText));
        paintGrip(painter, {x, bar.top() + bar.height() / 2.0}, Qt::Vertical);
    }
    if (view.markedPhase > 0) {
        const double x = std::round(geometry.xOfEdge(plan.phases.at(view.markedPhase).fromEpoch));
        painter.fillRect(QRectF(x - 1, 0, 2, geometry.plot().bottom() + 1), color(Role::AccentText));
        paintGrip(painter, {x, ThawGeometry::kHeadHeight / 2.0}, Qt::Vertical);
    }
    if (view.markedTop) {
        const QRect box = geometry.segment(view.markedTop->block, view.markedTop->phase);
        const double factor = plan.phases.at(view.markedTop->phase).cells.at(view.markedTop->block).factor;
        const double y = box.bottom() + 1 - ThawGeometry::height(factor);
        painter.fillRect(QRectF(box.left(), std::round(y) - 1, box.width(), 2), color(Role::AccentText));
        paintGrip(painter, {static_cast<double>(view.tipAt.x()), std::round(y)}, Qt::Horizontal);
    }
}

void paintTip(QPainter& painter, const ThawGeometry& geometry, const ThawView& view) {
    if (view.tip.isEmpty())
        return;
    const QFontMetrics strong(ui::font(FontRole::ChartTitle));
    const QFontMetrics plain(ui::font(FontRole::Small));
    int wide = strong.horizontalAdvance(view.tip.first());
    for (const auto& line : view.tip.mid(1))
        wide = std::max(wide, plain.horizontalAdvance(line));
    const QSize size(wide + 20, 12 + 16 * static_cast<int>(view.tip.size()));
    const int right = geometry.plot().right();
    int left = view.tipAt.x() - 14 - size.width();
    if (left < geometry.plot().left() / 2)
        left = std::min(view.tipAt.x() + 14, right - size.width());
    const int top = std::clamp(view.tipAt.y() - size.height() / 2, 0, geometry.plot().bottom() - size.height());
    painter.setRenderHint(QPainter::Antialiasing);
    const QRect box(QPoint(left, top), size);
    drawOutline(painter, box, Qt::transparent, 0, metric::kControlRadius, color(Role::TooltipGround));
    painter.setPen(color(Role::TooltipText));
    painter.setFont(ui::font(FontRole::ChartTitle));
    QRect line(box.left() + 10, box.top() + 6, wide + 2, 16);
    for (const auto& words : view.tip) {
        painter.drawText(line, Qt::AlignVCenter | Qt::TextSingleLine, words);
        painter.setFont(ui::font(FontRole::Small));
        line.translate(0, 16);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

} // namespace

bool endsHigh(const QList<QPointF>& schedule) { return schedule.isEmpty() || schedule.last().y() > kHighEnd; }

double scheduleAt(const QList<QPointF>& schedule, double epochs) {
    if (schedule.isEmpty())
        return 1;
    const auto after = std::lower_bound(schedule.begin(), schedule.end(), epochs,
                                        [](const QPointF& point, double x) { return point.x() < x; });
    if (after == schedule.begin())
        return schedule.first().y();
    if (after == schedule.end())
        return schedule.last().y();
    const QPointF& a = *std::prev(after);
    const double width = after->x() - a.x();
    return width > 0 ? a.y() + (after->y() - a.y()) * (epochs - a.x()) / width : after->y();
}

void paintThawBar(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, int block,
                  const QList<QPointF>& schedule) {
    for (int phase = 0; phase < plan.phases.size(); ++phase) {
        const double factor = plan.phases.at(phase).cells.at(block).factor;
        const QRect box = geometry.segment(block, phase);
        if (factor <= 0) {
            painter.fillRect(box, color(Role::FrozenTint));
            painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color(Role::FrozenFill));
            continue;
        }
        const double bottom = box.bottom() + 1;
        const double pale = ThawGeometry::height(factor);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.fillRect(QRectF(box.left(), bottom - pale, box.width(), pale), color(Role::ThawedTint));
        QPolygonF shape{QPointF(box.left(), bottom)};
        for (int x = box.left(); x <= box.right() + 1; ++x) {
            const double epochs =
                (x - geometry.plot().left()) * static_cast<double>(plan.epochs) / std::max(1, geometry.plot().width());
            shape.append(
                {static_cast<double>(x), bottom - ThawGeometry::height(factor * scheduleAt(schedule, epochs))});
        }
        shape.append({static_cast<double>(box.right() + 1), bottom});
        QColor ink = color(Role::ThawedFill);
        ink.setAlphaF(static_cast<float>(0.6 + 0.4 * std::sqrt(std::min(1.0, factor))));
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawPolygon(shape);
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
}

void paintThaw(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, const ThawView& view) {
    const QRect plot = geometry.plot();
    for (int phase = 0; phase < plan.phases.size(); ++phase)
        paintHead(painter, plan, geometry, phase, phase == view.markedHead);
    for (int block = 0; block < plan.blocks.size(); ++block) {
        paintName(painter, plan, geometry, block);
        paintThawBar(painter, plan, geometry, block, view.schedule);
    }
    QPen dotted(color(Role::ChartCrosshair), 1);
    dotted.setDashPattern({2, 2});
    painter.setPen(dotted);
    for (int phase = 1; phase < plan.phases.size(); ++phase) {
        const int x = qRound(geometry.xOfEdge(plan.phases.at(phase).fromEpoch));
        painter.drawLine(x, 0, x, plot.bottom() + 1);
    }
    for (const auto& edge : thawEdges(plan))
        if (edge.epoch <= plan.epochs) {
            const QRect bar = geometry.bar(edge.block);
            painter.fillRect(QRectF(std::round(geometry.xOfEdge(edge.epoch)), bar.top(), 1, bar.height()),
                             color(edge.thaws ? Role::ThawedText : Role::FrozenText));
        }
    for (int block = 0; block < plan.blocks.size(); ++block)
        paintFactors(painter, plan, geometry, block, endsHigh(view.schedule));
    paintAxis(painter, plan, geometry, view.now);
    if (std::isfinite(view.now))
        painter.fillRect(QRectF(std::round(geometry.xOf(view.now)), 0, 1, plot.bottom() + 4), color(Role::Text));
    paintMarks(painter, plan, geometry, view);
    paintTip(painter, geometry, view);
}

} // namespace ui
