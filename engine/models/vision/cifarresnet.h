#pragma once

#include "engine/models/backbone.h"

namespace engine {

// The ResNets of He et al. 2016, section 4.2, for 32 × 32 pixels: three layers of n blocks, shortcuts without
// parameters. Names as in the widespread pickles of them (conv1, bn1, layer1.0.conv1, …, linear). Stages: conv1, layer1
// … layer3, linear.
[[nodiscard]] std::shared_ptr<Backbone> makeCifarResNet(const BackboneInfo& info, int classes);

} // namespace engine
