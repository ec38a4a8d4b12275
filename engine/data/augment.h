#pragma once

#include "engine/api/datareport.h"
#include "engine/base/hash.h"
#include "engine/data/imagefile.h"
#include "engine/data/preprocess.h"

#include <string_view>

namespace engine {

// One row of the table of augmentations; the sizes are torchvision's.
struct Augmentation {
    NamedChoice choice;
    bool randomCrop = false;
    double smallestArea = 1.0; // of the picture, for the random crop
    bool flip = false;
    double colourJitter = 0; // brightness, contrast and saturation × [1 − j, 1 + j]
};

// Throws Error(BadInput) that names the legal ones.
[[nodiscard]] const Augmentation& findAugmentation(std::string_view name);

// The validation transform: what the reference library's evaluation does, bit for bit.
[[nodiscard]] RgbImage validationView(const ImageFile& file, const Preprocess& preprocess);
// A training view; the same `random` state gives the same view.
[[nodiscard]] RgbImage trainingView(const ImageFile& file, const Preprocess& preprocess,
                                    const Augmentation& augmentation, Random random);

// torchvision's RandomResizedCrop: ten tries for a box of a random area and aspect, then the largest centred one.
[[nodiscard]] Rectangle randomResizedCrop(int width, int height, double smallestArea, Random& random);

} // namespace engine
