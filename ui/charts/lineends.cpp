#include "ui/charts/lineends.h"

#include <algorithm>

namespace ui {
namespace {

constexpr qsizetype kTooMany = 24;
constexpr qsizetype kOfTooMany = 10;

} // namespace

void placeLineEnds(QList<LineEnd>& ends, double top, double bottom) {
    std::ranges::stable_sort(ends, {}, &LineEnd::y);
    double least = top;
    for (LineEnd& end : ends) {
        end.nameY = std::max(end.y, least);
        least = end.nameY + kLineEndPitch;
    }
    double most = bottom;
    for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
        end->nameY = std::min(end->nameY, most);
        most = end->nameY - kLineEndPitch;
    }
}

qsizetype namesThatFit(qsizetype names, double height) {
    const auto room = std::max<qsizetype>(1, static_cast<qsizetype>(height / kLineEndPitch));
    return std::min({names, room, names >= kTooMany ? kOfTooMany : names});
}

} // namespace ui
