#pragma once

#include "engine/api/catalog.h"

#include <span>

namespace engine {

// The one table of backbones, in the order in which people are shown them: the bundled one first, then by family and
// size.
[[nodiscard]] std::span<const BackboneInfo> backboneTable();

} // namespace engine
