#pragma once

#include "engine/models/backbone.h"

namespace engine {

// Vision Transformer (Dosovitskiy et al. 2021) and DeiT (Touvron et al. 2021) with patches of 16 pixels: timm's names,
// or torchvision's for vit_b_16. Stages: patch_embed, blocks.0 … blocks.11 (which ends with the norm of the class
// token), head; in torchvision conv_proj, encoder.layers.encoder_layer_0 …, heads. Any input whose sides are multiples
// of 16 pixels: the position embeddings of 224 × 224 are resampled on the way, as the reference library resamples them;
// other sides throw Error(BadInput).
[[nodiscard]] std::shared_ptr<Backbone> makeVisionTransformer(const BackboneInfo& info, int classes);

} // namespace engine
