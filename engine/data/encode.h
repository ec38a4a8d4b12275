#pragma once

#include "engine/api/datareport.h"

#include <string>

namespace engine {

// The picture as a JPEG of a quality from 1 to 100, or as a PNG; the same bytes each time. Any thread.
[[nodiscard]] std::string encodedJpeg(const RgbImage& image, int quality);
[[nodiscard]] std::string encodedPng(const RgbImage& image);

} // namespace engine
