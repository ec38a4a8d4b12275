#pragma once

#include "engine/models/backbone.h"

namespace engine {

// ConvNeXt (Liu et al. 2022) with torchvision's names. Stages: features.0 … features.7 (which ends with pooling and
// classifier.0, the norm), classifier.2. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeConvNeXt(const BackboneInfo& info, int classes);

} // namespace engine
