#pragma once

#include "engine/models/backbone.h"

namespace engine {

// EfficientNet (Tan and Le 2019) and its Lite variants with timm's names: Lite has ReLU6 and no squeeze-and-excitation,
// and the tf_ networks pad like TensorFlow. Stages: conv_stem, blocks.0 … blocks.6, conv_head, classifier. Any input of
// at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeEfficientNet(const BackboneInfo& info, int classes);

} // namespace engine
