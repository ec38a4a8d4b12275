#include "engine/sample/part.h"

#include <algorithm>
#include <numbers>

namespace engine::sample {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

float draw(Random& random, double low, double high) { return static_cast<float>(random.uniform(low, high)); }

// Steel, stainless, brass, bronze, oxide, zinc: measured reflectances, darkened a little by use.
constexpr std::array<std::array<float, 3>, 6> kMetals{{{0.53F, 0.54F, 0.57F},
                                                       {0.63F, 0.62F, 0.60F},
                                                       {0.66F, 0.50F, 0.22F},
                                                       {0.60F, 0.36F, 0.22F},
                                                       {0.20F, 0.21F, 0.24F},
                                                       {0.45F, 0.52F, 0.60F}}};

void drawShape(Part& part, Random& random) {
    part.shape = static_cast<Shape>(random.below(4));
    part.finish = Finish::Turned;
    switch (part.shape) {
    case Shape::Washer:
        part.inner = draw(random, 0.38, 0.58);
        if (random.uniform() < 0.4)
            part.groove = (1 + part.inner) / 2;
        break;
    case Shape::Gear:
        part.inner = draw(random, 0.22, 0.34);
        part.teeth = 12 + static_cast<int>(random.below(11));
        part.toothDepth = draw(random, 0.12, 0.17);
        part.groove = draw(random, 0.5, 0.6);
        break;
    case Shape::Flange:
        part.inner = draw(random, 0.28, 0.38);
        part.holes = 4 + static_cast<int>(random.below(4));
        part.holeCircle = draw(random, 0.66, 0.72);
        part.holeRadius = draw(random, 0.08, 0.12);
        part.groove = draw(random, 0.46, 0.52);
        break;
    case Shape::Bracket:
        part.finish = Finish::Brushed;
        part.halfSize = {draw(random, 0.92, 1.02), draw(random, 0.56, 0.70)};
        part.corner = draw(random, 0.10, 0.28);
        part.inner = draw(random, 0.20, 0.30);
        part.holes = 2;
        part.holeCircle = draw(random, 0.60, 0.68);
        part.holeRadius = draw(random, 0.10, 0.14);
        break;
    }
    if (part.shape == Shape::Washer && random.uniform() < 0.3)
        part.finish = Finish::Brushed;
}

Vec2 rimPoint(const Part& part, float angle) {
    const float c = std::cos(angle), s = std::sin(angle);
    if (part.shape != Shape::Bracket)
        return {c, s};
    const float reach =
        std::min(part.halfSize.x / std::max(std::abs(c), 1e-3F), part.halfSize.y / std::max(std::abs(s), 1e-3F));
    return {c * reach, s * reach};
}

void addChips(Part& part, Random& random) {
    const int count = 2 + static_cast<int>(random.below(2));
    float angle = draw(random, 0, 2 * kPi);
    for (int i = 0; i < count; ++i) {
        part.chips.push_back({rimPoint(part, angle), draw(random, 0.20, 0.31), draw(random, 0, 200)});
        angle += draw(random, 0.9, 2.4);
    }
}

void addScratches(Part& part, Random& random) {
    const int count = 6 + static_cast<int>(random.below(4));
    const float main = draw(random, 0, kPi);
    const float outer = part.shape == Shape::Bracket ? part.halfSize.y : 0.9F;
    for (int i = 0; i < count; ++i) {
        // Across the ring between bore and rim, where there is metal.
        const float around = draw(random, 0, 2 * kPi), radius = draw(random, part.inner + 0.12, outer);
        const Vec2 middle{radius * std::cos(around), radius * std::sin(around)};
        const float direction = main + draw(random, -0.5, 0.5), half = draw(random, 0.40, 0.75),
                    bow = draw(random, -0.16, 0.16);
        const Vec2 along{std::cos(direction), std::sin(direction)};
        part.scratches.push_back({{{{middle.x - along.x * half, middle.y - along.y * half},
                                    {middle.x - along.y * bow, middle.y + along.x * bow},
                                    {middle.x + along.x * half, middle.y + along.y * half}}},
                                  draw(random, 1.6, 2.7),
                                  draw(random, 0.85, 1)});
    }
}

float boxDistance(Vec2 p, Vec2 half, float corner) {
    const float x = std::abs(p.x) - half.x + corner, y = std::abs(p.y) - half.y + corner;
    const float outside = length(std::max(x, 0.0F), std::max(y, 0.0F));
    return outside + std::min(std::max(x, y), 0.0F) - corner;
}

} // namespace

Part makePart(Condition condition, Random& random) {
    Part part;
    drawShape(part, random);
    const auto& metal = kMetals[random.below(kMetals.size())];
    const float shade = draw(random, 0.85, 1.12);
    for (std::size_t i = 0; i < 3; ++i)
        part.colour[i] = metal[i] * shade;
    if (condition == Condition::Scratched)
        addScratches(part, random);
    if (condition == Condition::Chipped)
        addChips(part, random);
    if (condition == Condition::Bent)
        part.fold = {draw(random, 0, 2 * kPi), draw(random, -0.3, 0.1), draw(random, 0.95, 1.15)};
    return part;
}

float distance(const Part& part, Vec2 p, const Noise& noise) noexcept {
    const float radius = length(p.x, p.y);
    float result;
    if (part.shape == Shape::Bracket) {
        result = boxDistance(p, part.halfSize, part.corner);
    } else {
        result = radius - 1;
        // Teeth: a trapezoid wave around the rim; far from the rim the plain circle bounds the distance.
        if (part.teeth > 0 && radius > 1 - 2 * part.toothDepth) {
            const float turn = std::atan2(p.y, p.x) / (2 * kPi) * static_cast<float>(part.teeth);
            const float wave = std::abs(turn - std::floor(turn) - 0.5F) * 4 - 1; // triangle, -1..1
            result += part.toothDepth * std::clamp(0.5F + wave * 1.25F, 0.0F, 1.0F);
            result *= 0.75F; // the flanks are steep: keeps the edge as sharp there as on the rim
        }
    }
    result = std::max(result, part.inner - radius);
    if (part.holes == 2) {
        result = std::max(result, part.holeRadius - length(std::abs(p.x) - part.holeCircle, p.y));
    } else if (part.holes > 0) {
        const float step = 2 * kPi / static_cast<float>(part.holes);
        const float angle = std::round(std::atan2(p.y, p.x) / step) * step;
        result = std::max(result, part.holeRadius - length(p.x - part.holeCircle * std::cos(angle),
                                                           p.y - part.holeCircle * std::sin(angle)));
    }
    for (const Chip& chip : part.chips) {
        const float dx = p.x - chip.centre.x, dy = p.y - chip.centre.y;
        const float far = length(dx, dy);
        if (far < chip.radius * 2) {
            const float ragged = noise.cloudy(chip.phase + p.x * 9, p.y * 9) * 0.11F +
                                 noise.smooth(p.x * 31, chip.phase + p.y * 31) * 0.02F;
            result = std::max(result, chip.radius + ragged - far);
        }
    }
    return result;
}

} // namespace engine::sample
