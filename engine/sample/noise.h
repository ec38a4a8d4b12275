#pragma once

#include <cstdint>
#include <vector>

namespace engine::sample {

// A square of random numbers that repeats in both directions: grain, brushing, stains and rough edges are read from it.
class Noise final {
public:
    explicit Noise(std::uint64_t seed);

    // [-1, 1], one independent value per cell.
    [[nodiscard]] float at(int x, int y) const noexcept {
        return m_values[static_cast<std::size_t>((y & kMask) * kSize + (x & kMask))];
    }
    // [-1, 1], continuous, one bump per unit.
    [[nodiscard]] float smooth(float x, float y) const noexcept;
    // [-1, 1], three octaves of smooth().
    [[nodiscard]] float cloudy(float x, float y) const noexcept;

private:
    static constexpr int kSize = 256;
    static constexpr int kMask = kSize - 1;
    std::vector<float> m_values;
};

} // namespace engine::sample
