#pragma once

#include "engine/api/datareport.h"
#include "engine/base/hash.h"
#include "engine/data/imagefile.h"

namespace engine {

// What an operation of augmentationInfos() does to a picture of the size that the model sees. The same numbers give the
// same picture. Any thread.
void flip(RgbImage& image, double probability, Random& random);
void flipVertically(RgbImage& image, double probability, Random& random);
// Blends with black, with the mean grey, with the pixel's own grey: × [1 − amount, 1 + amount] each.
void jitterColour(RgbImage& image, double amount, Random& random);
// torchvision's RandomErasing with its own scale and ratio, filled with grey.
void erase(RgbImage& image, double probability, Random& random);

// torchvision's RandomResizedCrop: ten tries for a box of a random area and aspect, then the largest centred one.
[[nodiscard]] Rectangle randomResizedCrop(int width, int height, double smallestArea, Random& random);

} // namespace engine
