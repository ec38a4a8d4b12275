#pragma once

#include <QList>
#include <QRect>

class QPainter;

namespace ui {

// The last minute of a use, as a 1 px line over a tint; values 0 to 1, newest last, NaN leaves a gap.
void drawSparkline(QPainter& painter, const QRect& box, const QList<float>& values);

} // namespace ui
