#pragma once

#include "ui/try/trydata.h"

namespace ui {

// The picture in grey with what speaks for its answer in colour over it; the map covers all of it.
[[nodiscard]] QImage withHeat(const QImage& picture, const TryHeat& heat);

} // namespace ui
