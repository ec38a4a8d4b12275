#pragma once

#include "engine/models/backbone.h"

namespace engine {

// MobileNetV3 small and large (Howard et al. 2019) with torchvision's names. Stages: one per member of features, then
// classifier.0 and the head classifier.3. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeMobileNetV3(const BackboneInfo& info, int classes);

} // namespace engine
