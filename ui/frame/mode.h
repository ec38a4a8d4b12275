#pragma once

namespace ui {

enum class Mode { Setup, Live, Compare, Try };
inline constexpr int kModes = 4;

} // namespace ui
