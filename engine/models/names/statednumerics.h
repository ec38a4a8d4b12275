#pragma once

#include "engine/api/weights.h"
#include "engine/models/numerics.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// How weights are to be computed with, and what of it cannot be followed.
struct StatedNumerics {
    Numerics numerics;
    std::vector<std::string> notes; // sentences
};

// `byNames`: what the names of the tensors tell. The config.json beside the weights goes before that: Thaw's own,
// timm's with the architecture, transformers' with epsilon, padding and activation. Without one the name of the file
// tells timm's networks that compute as TensorFlow does ("tf_efficientnet_b0-….pth").
[[nodiscard]] StatedNumerics statedNumerics(const std::filesystem::path& weights, const BackboneInfo& backbone,
                                            const Numerics& byNames);

// Those of a checkpoint's config.json; its own where it says nothing. Throws Error(NotFound | BadWeights).
[[nodiscard]] Numerics readNumerics(const std::filesystem::path& config);

// "epsilon 0.001, padding as TensorFlow's"; empty where nothing differs.
[[nodiscard]] std::string words(const Numerics& numerics);
// As config.json keeps it: an object, or null where nothing differs.
[[nodiscard]] std::string numericsJson(const Numerics& numerics);

} // namespace engine
