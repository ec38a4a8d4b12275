#include "engine/data/augment/operations.h"

#include <algorithm>
#include <cmath>

namespace engine {

void erase(RgbImage& image, double probability, Random& random) {
    if (random.uniform() >= probability)
        return;
    constexpr double kSmallest = 0.02, kLargest = 0.33, kNarrowest = 0.3, kWidest = 3.3;
    constexpr std::uint8_t kGrey = 128;
    constexpr int kTries = 10;
    const double area = double(image.width) * image.height;
    for (int attempt = 0; attempt < kTries; ++attempt) {
        const double target = area * random.uniform(kSmallest, kLargest);
        const double aspect = std::exp(random.uniform(std::log(kNarrowest), std::log(kWidest)));
        const int height = static_cast<int>(std::lround(std::sqrt(target * aspect)));
        const int width = static_cast<int>(std::lround(std::sqrt(target / aspect)));
        if (height < 1 || width < 1 || height >= image.height || width >= image.width)
            continue;
        const auto top =
            static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(image.height - height) + 1));
        const auto left =
            static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint64_t>(image.width - width) + 1));
        for (std::ptrdiff_t y = top; y < top + height; ++y)
            std::fill_n(image.pixels.begin() + (y * image.width + left) * 3, std::ptrdiff_t{width} * 3, kGrey);
        return;
    }
}

} // namespace engine
