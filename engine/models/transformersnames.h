#pragma once

#include "engine/models/rename.h"

namespace engine {

// The names that Hugging Face transformers gives ViT, ConvNeXT, ResNet and Swin, in its files ("vit.encoder.layer.0.…")
// and, since version 5, in its modules ("vit.layers.0.…"), with or without the model's own name before them. It keeps
// queries, keys and values apart where timm and torchvision hold them as one tensor.
[[nodiscard]] std::vector<RenameRule> transformersRules(std::span<const TargetTensor> targets);

} // namespace engine
