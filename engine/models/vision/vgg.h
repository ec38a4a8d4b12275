#pragma once

#include "engine/models/backbone.h"

namespace engine {

// VGG (Simonyan and Zisserman 2015) with torchvision's names, with or without BatchNorm. Stages: one per convolution,
// then classifier.0, classifier.3 and the head classifier.6. Any input of at least 32 × 32 pixels.
[[nodiscard]] std::shared_ptr<Backbone> makeVgg(const BackboneInfo& info, int classes);

} // namespace engine
