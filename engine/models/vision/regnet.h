#pragma once

#include "engine/models/backbone.h"

namespace engine {

// RegNetY (Radosavovic et al. 2020) with torchvision's names. Stages: stem, trunk_output.block1 … block4, fc.
// Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeRegNet(const BackboneInfo& info, int classes);

} // namespace engine
