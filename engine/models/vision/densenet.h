#pragma once

#include "engine/models/backbone.h"

namespace engine {

// DenseNet-BC (Huang et al. 2017) with torchvision's names. Stages: features.conv0, features.denseblock1,
// features.transition1 …, features.norm5, classifier. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeDenseNet(const BackboneInfo& info, int classes);

} // namespace engine
