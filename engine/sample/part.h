#pragma once

#include "engine/base/hash.h"
#include "engine/sample/noise.h"

#include <array>
#include <cmath>
#include <vector>

namespace engine::sample {

struct Vec2 {
    float x = 0, y = 0;
};

// std::hypot guards against overflow, which costs more than all the rest here.
[[nodiscard]] inline float length(float x, float y) noexcept { return std::sqrt(x * x + y * y); }

enum class Condition { Good, Scratched, Chipped, Bent };
enum class Shape { Washer, Gear, Flange, Bracket };
// How the surface was machined: decides its texture and where it shines.
enum class Finish { Turned, Brushed };

// A piece that has broken out of the rim. Units: the part's own, its radius is about 1.
struct Chip {
    Vec2 centre;
    float radius = 0.1F;
    float phase = 0; // where in the noise its ragged edge is read
};

// A groove in the surface along a quadratic Bézier curve.
struct Scratch {
    std::array<Vec2, 3> control;
    float widthPixels = 1.5F;
    float strength = 1;
};

// The part beyond a line is folded up by an angle.
struct Fold {
    float direction = 0; // radians; points to the raised side
    float offset = 0;    // of the line from the centre
    float angle = 0;     // radians; 0: flat
};

// One machined part with all that was drawn by lot about it.
struct Part {
    Shape shape = Shape::Washer;
    Finish finish = Finish::Turned;
    std::array<float, 3> colour{}; // linear light
    float inner = 0.4F;            // radius of the bore
    int teeth = 0;
    float toothDepth = 0;
    int holes = 0;
    float holeCircle = 0, holeRadius = 0;
    float groove = 0; // radius of a turned groove; 0: none
    Vec2 halfSize;    // of a bracket
    float corner = 0;
    std::vector<Chip> chips;
    std::vector<Scratch> scratches;
    Fold fold;
};

[[nodiscard]] Part makePart(Condition condition, Random& random);
// Signed distance from the outline, negative inside the metal; exact enough near the edge for antialiasing.
[[nodiscard]] float distance(const Part& part, Vec2 point, const Noise& noise) noexcept;

} // namespace engine::sample
