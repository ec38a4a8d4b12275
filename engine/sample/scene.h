#pragma once

#include "engine/sample/part.h"

#include <cstdint>
#include <vector>

namespace engine::sample {

// A square RGB picture, 8 bits a channel, rows from the top.
struct Picture {
    int side = 0;
    std::vector<std::uint8_t> pixels;
};

// One part on the conveyor under the inspection lamp: pose, light, belt, dust and sensor noise are drawn from `random`.
[[nodiscard]] Picture drawScene(const Part& part, int side, Random& random, const Noise& noise);

} // namespace engine::sample
