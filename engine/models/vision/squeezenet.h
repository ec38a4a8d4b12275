#pragma once

#include "engine/models/backbone.h"

namespace engine {

// SqueezeNet 1.0 and 1.1 (Iandola et al. 2016), numbered as torchvision's. Stages: features.0, one per fire module,
// classifier. The head is the 1×1 convolution classifier.1. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeSqueezeNet(const BackboneInfo& info, int classes);

} // namespace engine
