#pragma once

#include "engine/api/predict.h"
#include "engine/models/backbone.h"

namespace engine {

// Grad-CAM (Selvaraju et al. 2017): where in the picture lies what speaks for class `label` (-1: the most probable).
// The last stage whose output is a map, or a sequence of patches, and on which the answer depends at every place is
// looked at: for a network whose answer comes from a class token that is the one before its last block. `pixels`: [1,
// 3, H, W], normalised, where the backbone is; it is in evaluation mode. The backbone's thread.
[[nodiscard]] HeatMap gradCam(Backbone& backbone, const at::Tensor& pixels, int label);

} // namespace engine
