#pragma once

#include "ui/setup/thawgeometry.h"

#include <QList>
#include <QPointF>
#include <QStringList>

#include <limits>
#include <optional>

class QPainter;

namespace ui {

// What the timeline draws besides its plan.
struct ThawView {
    QList<QPointF> schedule; // epochs gone by → share of the peak learning rate, ascending; empty: constant
    double now = std::numeric_limits<double>::quiet_NaN(); // epochs a run has trained; NaN: not running
    std::optional<ThawEdge> marked;                        // has a grip
    int markedPhase = -1;                                  // its begin has a grip
    int markedHead = -1;                                   // shows its cross
    std::optional<ThawGeometry::Top> markedTop;
    QStringList tip; // title and sentence beside what is marked; empty: none
    QPoint tipAt;
};

// Whether words at the end of a bar would stand on it: the schedule ends high.
[[nodiscard]] bool endsHigh(const QList<QPointF>& schedule);
// Share of the peak learning rate after `epochs`, linear between the points.
[[nodiscard]] double scheduleAt(const QList<QPointF>& schedule, double epochs);
void paintThaw(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, const ThawView& view);
// One bar: ice where it is frozen; warm from the factor's height, filled below the schedule's curve.
void paintThawBar(QPainter& painter, const ThawPlan& plan, const ThawGeometry& geometry, int block,
                  const QList<QPointF>& schedule);

} // namespace ui
