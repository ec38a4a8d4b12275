#pragma once

#include "engine/models/backbone.h"

namespace engine {

// MobileNetV2 (Sandler et al. 2018) with torchvision's names. Stages: features.0 … features.18, classifier. The head is
// classifier.1. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeMobileNetV2(const BackboneInfo& info, int classes);

} // namespace engine
