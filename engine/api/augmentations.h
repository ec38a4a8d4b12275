#pragma once

#include "engine/api/catalog.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Something that may be done to a training picture, with a strength.
struct AugmentationInfo {
    NamedChoice choice; // "flip"
    double least = 0, most = 1;
    double usual = 0.5;
    std::string unit; // of the strength, in words: "probability"
};

// A list of these under a name.
struct AugmentationPreset {
    NamedChoice choice;
    std::string operations; // "random-crop:0.08 flip:0.5"
};

struct AugmentationStep {
    std::string operation;
    double strength = 0;

    bool operator==(const AugmentationStep&) const = default;
};

// All that are known. The references stay valid for the life of the program. Any thread.
[[nodiscard]] std::span<const AugmentationInfo> augmentationInfos();
[[nodiscard]] std::span<const AugmentationPreset> augmentationPresets();
// What data.augmentation says: a preset's name, or operations with their strengths ("random-crop:0.5 flip"), done in
// this order; without a strength the usual one. Throws Error(BadInput) that names the known ones. Any thread.
[[nodiscard]] std::vector<AugmentationStep> augmentationSteps(std::string_view text);

} // namespace engine
