#include "engine/data/augment/operations.h"

#include <algorithm>

namespace engine {
namespace {

void mirror(RgbImage& image) {
    for (int y = 0; y < image.height; ++y) {
        auto* row = image.pixels.data() + std::size_t(y) * std::size_t(image.width) * 3;
        for (int left = 0, right = image.width - 1; left < right; ++left, --right)
            std::swap_ranges(row + left * 3, row + left * 3 + 3, row + right * 3);
    }
}

} // namespace

void flip(RgbImage& image, double probability, Random& random) {
    if (random.uniform() < probability)
        mirror(image);
}

void flipVertically(RgbImage& image, double probability, Random& random) {
    if (random.uniform() >= probability)
        return;
    const auto stride = std::ptrdiff_t{image.width} * 3;
    auto top = image.pixels.begin(), bottom = image.pixels.end() - stride;
    for (; top < bottom; top += stride, bottom -= stride)
        std::swap_ranges(top, top + stride, bottom);
}

} // namespace engine
