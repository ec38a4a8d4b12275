#pragma once

#include "engine/models/backbone.h"

namespace engine {

// ResNet (He et al. 2016), ResNeXt (Xie et al. 2017) and Wide ResNet (Zagoruyko and Komodakis 2016) in torchvision's
// variant, which strides in the 3×3 convolution of a bottleneck.
// Stages: conv1, layer1 … layer4, fc. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeResNet(const BackboneInfo& info, int classes);

} // namespace engine
