#pragma once

#include "engine/api/predict.h"
#include "engine/models/backbone.h"

namespace engine {

// Grad-CAM (Selvaraju et al. 2017): where in the picture lies what speaks for class `label` (-1: the most probable).
// The last stage whose output is a map, or a sequence of patches, and on which the answer depends at every place is
// looked at: for a network whose answer comes from a class token that is the one before its last block. `pixels`: [1,
// 3, H, W], normalised, where the backbone is; it is in evaluation mode. The backbone's thread.
[[nodiscard]] HeatMap gradCam(Backbone& backbone, const at::Tensor& pixels, int label);

// Attention rollout (Abnar and Zuidema 2020): how much of each patch reaches the class token through all blocks of a
// transformer whose tokens all look at each other, heads averaged, half of each block being its residual. It belongs to
// no class. Arguments and thread as above.
[[nodiscard]] HeatMap attentionRollout(Backbone& backbone, const at::Tensor& pixels);

} // namespace engine
