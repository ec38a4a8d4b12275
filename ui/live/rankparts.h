#pragma once

#include "ui/live/ranklanes.h"
#include "ui/theme.h"

#include <array>

namespace ui {

// What a rank's time goes into, in the order in which lanes stack it from below, with the colours that the step's chart
// has for them.
enum class RankPart { Data, Computing, Other, Communicating };
inline constexpr std::array kRankParts{RankPart::Data, RankPart::Computing, RankPart::Other, RankPart::Communicating};

[[nodiscard]] inline double shareOf(const RankSlice& slice, RankPart part) {
    switch (part) {
    case RankPart::Data:
        return slice.data;
    case RankPart::Computing:
        return slice.computing;
    case RankPart::Communicating:
        return slice.communicating;
    case RankPart::Other:
        break;
    }
    return slice.other;
}

[[nodiscard]] inline QColor rankPartColour(RankPart part) {
    switch (part) {
    case RankPart::Data:
        return runColor(2);
    case RankPart::Computing:
        return runColor(1);
    case RankPart::Communicating:
        return runColor(5);
    case RankPart::Other:
        break;
    }
    return color(Role::NeutralSoft);
}

} // namespace ui
