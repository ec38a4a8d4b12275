#include "engine/sample/noise.h"

#include "engine/base/hash.h"

namespace engine::sample {
namespace {

// std::floor is a function call on plain x86-64, and this is called some hundred million times.
int floorOf(float x) noexcept {
    const int truncated = static_cast<int>(x);
    return truncated - static_cast<int>(x < static_cast<float>(truncated));
}

} // namespace

Noise::Noise(std::uint64_t seed) : m_values(static_cast<std::size_t>(kSize) * kSize) {
    Random random(seed);
    for (float& value : m_values)
        value = static_cast<float>(random.uniform(-1, 1));
}

float Noise::smooth(float x, float y) const noexcept {
    const int ix = floorOf(x), iy = floorOf(y);
    const float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
    const float sx = fx * fx * (3 - 2 * fx), sy = fy * fy * (3 - 2 * fy);
    const float top = at(ix, iy) + (at(ix + 1, iy) - at(ix, iy)) * sx;
    const float bottom = at(ix, iy + 1) + (at(ix + 1, iy + 1) - at(ix, iy + 1)) * sx;
    return top + (bottom - top) * sy;
}

float Noise::cloudy(float x, float y) const noexcept {
    return (smooth(x, y) * 4 + smooth(x * 2 + 17, y * 2 + 5) * 2 + smooth(x * 4 + 31, y * 4 + 11)) / 7;
}

} // namespace engine::sample
