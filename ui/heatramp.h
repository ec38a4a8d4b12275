#pragma once

#include <QColor>

namespace ui {

// The heat of a place of a picture, 0 to 1: the same in both themes, for it lies over pictures.
[[nodiscard]] QColor pictureHeat(double share);

} // namespace ui
