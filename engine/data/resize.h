#pragma once

#include "engine/api/catalog.h"
#include "engine/api/datareport.h"
#include "engine/data/imagefile.h"

namespace engine {

// Resamples the box (left, top, right, bottom) of `image`, given in its pixels, to width × height with antialiasing,
// and returns the part `window` of the result (all of it by default). The numbers are those of Pillow's
// Image.resize((width, height), filter, box) up to version 12: same coefficients, same fixed-point rounding, horizontal
// pass first. (Version 13 may take the vertical pass first, which moves some values by one.)
[[nodiscard]] RgbImage resample(const RgbImage& image, double left, double top, double right, double bottom, int width,
                                int height, Interpolation interpolation, Rectangle window);

} // namespace engine
