#pragma once

#include "engine/models/backbone.h"

namespace engine {

// Swin Transformer (Liu et al. 2021) with torchvision's names. Stages: features.0 … features.7 (which ends with the
// norm and pooling), head. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeSwin(const BackboneInfo& info, int classes);

} // namespace engine
