#include "engine/data/augment/operations.h"

#include <algorithm>
#include <cmath>

namespace engine {

Rectangle randomResizedCrop(int width, int height, double smallestArea, Random& random) {
    constexpr double kNarrowest = 3.0 / 4.0, kWidest = 4.0 / 3.0;
    const double area = double(width) * height;
    for (int attempt = 0; attempt < 10; ++attempt) {
        const double target = area * random.uniform(smallestArea, 1.0);
        const double aspect = std::exp(random.uniform(std::log(kNarrowest), std::log(kWidest)));
        const int w = static_cast<int>(std::lround(std::sqrt(target * aspect)));
        const int h = static_cast<int>(std::lround(std::sqrt(target / aspect)));
        if (w > 0 && w <= width && h > 0 && h <= height) {
            const int top = static_cast<int>(random.below(static_cast<std::uint64_t>(height - h) + 1));
            const int left = static_cast<int>(random.below(static_cast<std::uint64_t>(width - w) + 1));
            return {left, top, left + w, top + h};
        }
    }
    const double aspect = double(width) / height;
    int w = width, h = height;
    if (aspect < kNarrowest)
        h = std::max(1, static_cast<int>(std::lround(w / kNarrowest)));
    else if (aspect > kWidest)
        w = std::max(1, static_cast<int>(std::lround(h * kWidest)));
    const int top = (height - h) / 2;
    const int left = (width - w) / 2;
    return {left, top, left + w, top + h};
}

} // namespace engine
