#include "engine/sample/scene.h"

#include <algorithm>
#include <array>
#include <numbers>

namespace engine::sample {
namespace {

using Colour = std::array<float, 3>;

float draw(Random& random, double low, double high) { return static_cast<float>(random.uniform(low, high)); }
float ramp(float from, float to, float x) {
    const float t = std::clamp((x - from) / (to - from), 0.0F, 1.0F);
    return t * t * (3 - 2 * t);
}

struct Vec3 {
    float x = 0, y = 0, z = 1;
    [[nodiscard]] float dot(const Vec3& o) const { return x * o.x + y * o.y + z * o.z; }
    [[nodiscard]] Vec3 normalised() const {
        const float scale = 1 / std::sqrt(dot(*this));
        return {x * scale, y * scale, z * scale};
    }
};

// What the camera sees of one pixel's place: where it lies on the flat part, and how far the metal is lifted there.
struct Placed {
    Vec2 point;     // on the part
    float lift = 0; // above the belt, in radii
};

// Camera and lamp of one picture.
struct Scene {
    int side;
    float scale; // pixels per radius
    Vec2 centre;
    float cosTurn, sinTurn;
    Vec3 lamp;     // towards the lamp
    Vec3 halfway;  // between lamp and camera
    float warmth;  // of the lamp, -1..1
    Vec2 gradient; // of the light over the picture
    float exposure;
    Colour belt;
    Vec2 weave; // along one thread of the belt, one thread in 2 pi
    float foldCos, foldSin;
    Vec2 foldDirection; // in the picture
    int noiseX, noiseY;
};

Scene makeScene(const Part& part, int side, Random& random) {
    Scene scene{};
    const float size = static_cast<float>(side);
    scene.side = side;
    scene.scale = size * draw(random, 0.335, 0.39);
    scene.centre = {size * draw(random, 0.47, 0.53), size * draw(random, 0.47, 0.53)};
    const float turn = draw(random, 0, 2 * std::numbers::pi);
    scene.cosTurn = std::cos(turn), scene.sinTurn = std::sin(turn);
    const float azimuth = draw(random, -2.7, -0.5), height = draw(random, 0.75, 1.15); // from above the picture
    scene.lamp = {std::cos(azimuth) * std::cos(height), std::sin(azimuth) * std::cos(height), std::sin(height)};
    scene.halfway = Vec3{scene.lamp.x, scene.lamp.y, scene.lamp.z + 1}.normalised();
    scene.warmth = draw(random, -1, 1);
    const float falloff = draw(random, 0.12, 0.34);
    scene.gradient = {std::cos(azimuth) * falloff / size * 2, std::sin(azimuth) * falloff / size * 2};
    scene.exposure = draw(random, 0.88, 1.12);
    constexpr std::array<Colour, 2> kBelts{{{0.050F, 0.058F, 0.064F}, {0.040F, 0.075F, 0.062F}}};
    scene.belt = kBelts[random.below(kBelts.size())];
    const float slant = draw(random, -0.12, 0.12), pitch = draw(random, 1.15, 1.5);
    scene.weave = {std::cos(slant) * pitch, std::sin(slant) * pitch};
    scene.foldCos = std::cos(part.fold.angle), scene.foldSin = std::sin(part.fold.angle);
    const float fold = part.fold.direction;
    scene.foldDirection = {std::cos(fold), std::sin(fold)};
    scene.noiseX = static_cast<int>(random.below(256)), scene.noiseY = static_cast<int>(random.below(256));
    return scene;
}

Placed place(const Scene& scene, const Part& part, float x, float y) {
    float px = (x - scene.centre.x) / scene.scale, py = (y - scene.centre.y) / scene.scale;
    Placed placed;
    if (part.fold.angle > 0) {
        const Vec2 d = scene.foldDirection;
        const float along = px * d.x + py * d.y, across = py * d.x - px * d.y;
        if (const float beyond = along - part.fold.offset; beyond > 0) {
            // Seen from above, the raised side is shorter, and a little wider as it comes nearer to the camera.
            const float far = beyond / scene.foldCos;
            placed.lift = far * scene.foldSin;
            const float nearer = 1 + 0.16F * placed.lift;
            const float u = part.fold.offset + far, v = across / nearer;
            px = u * d.x - v * d.y, py = u * d.y + v * d.x;
        }
    }
    placed.point = {px * scene.cosTurn + py * scene.sinTurn, py * scene.cosTurn - px * scene.sinTurn};
    return placed;
}

// How much each pixel's surface is scratched: brightness of the groove's lit flank, minus that of its dark one.
std::vector<float> drawScratches(const Scene& scene, const Part& part, const Noise& noise) {
    std::vector<float> result(static_cast<std::size_t>(scene.side) * scene.side, 0.0F);
    for (const Scratch& scratch : part.scratches) {
        constexpr int kPieces = 90;
        for (int i = 0; i < kPieces; ++i) {
            const float t = (static_cast<float>(i) + 0.5F) / kPieces, s = 1 - t;
            const auto& c = scratch.control;
            const Vec2 onPart{s * s * c[0].x + 2 * s * t * c[1].x + t * t * c[2].x,
                              s * s * c[0].y + 2 * s * t * c[1].y + t * t * c[2].y};
            const float x = scene.centre.x + scene.scale * (onPart.x * scene.cosTurn - onPart.y * scene.sinTurn);
            const float y = scene.centre.y + scene.scale * (onPart.x * scene.sinTurn + onPart.y * scene.cosTurn);
            const float taper =
                std::min(1.0F, 5 * std::min(t, s)) * (0.8F + 0.35F * noise.smooth(t * 14, onPart.x * 40));
            const float width = scratch.widthPixels * std::max(taper, 0.15F);
            const int reach = static_cast<int>(width * 2) + 2;
            for (int py = static_cast<int>(y) - reach; py <= static_cast<int>(y) + reach; ++py) {
                for (int px = static_cast<int>(x) - reach; px <= static_cast<int>(x) + reach; ++px) {
                    if (px < 0 || py < 0 || px >= scene.side || py >= scene.side)
                        continue;
                    const float dx = static_cast<float>(px) - x, dy = static_cast<float>(py) - y;
                    const float core = std::exp(-(dx * dx + dy * dy) / (0.5F * width * width)) * scratch.strength;
                    const float lee =
                        (dx * scene.lamp.x + dy * scene.lamp.y) / width; // towards the lamp: the dark flank
                    const float value = core * (lee > 0.35F ? -0.75F : 1.0F);
                    float& cell = result[static_cast<std::size_t>(py) * scene.side + px];
                    if (std::abs(value) > std::abs(cell))
                        cell = value;
                }
            }
        }
    }
    return result;
}

Colour beltColour(const Scene& scene, float x, float y, const Noise& noise) {
    const float u = x * scene.weave.x + y * scene.weave.y, v = y * scene.weave.x - x * scene.weave.y;
    const float weave = 0.10F * std::sin(u) * std::sin(v);
    const float grain = 0.16F * noise.at(static_cast<int>(x) + scene.noiseX, static_cast<int>(y) + scene.noiseY);
    const float wear = 0.22F * noise.cloudy(x * 0.018F + static_cast<float>(scene.noiseX), y * 0.05F);
    const float dust =
        std::max(0.0F, noise.smooth(x * 0.32F, y * 0.32F + static_cast<float>(scene.noiseY)) - 0.86F) * 2.2F;
    const float light = 1 + weave + grain + wear;
    Colour colour;
    for (std::size_t i = 0; i < 3; ++i)
        colour[i] = scene.belt[i] * light + dust * 0.10F;
    return colour;
}

// What the surface is like at one pixel, before light falls on it.
struct Surface {
    Vec2 point;   // on the part
    float edge;   // pixels inside the outline
    Vec2 outward; // in the picture, away from the metal
    float lift;
    float scratch;
    float fracture; // 0..1: broken metal at a chip
};

Colour metalColour(const Scene& scene, const Part& part, const Surface& at, int x, int y, const Noise& noise) {
    const float radius = std::max(length(at.point.x, at.point.y), 1e-4F);
    const Vec2 radial{(at.point.x * scene.cosTurn - at.point.y * scene.sinTurn) / radius,
                      (at.point.x * scene.sinTurn + at.point.y * scene.cosTurn) / radius};
    Vec2 grain; // direction of the machining marks
    float marks;
    if (part.finish == Finish::Turned) {
        grain = {-radial.y, radial.x};
        marks = noise.smooth(radius * 70, 3.5F) * 0.7F + noise.smooth(radius * 170, 9.5F) * 0.3F;
    } else {
        grain = {scene.cosTurn, scene.sinTurn};
        marks = noise.smooth(at.point.x * 2.2F, at.point.y * 75 + 50) * 0.8F +
                noise.smooth(at.point.x * 6, at.point.y * 150) * 0.2F;
    }

    const float bevelWidth = scene.scale * 0.045F;
    const float bevel = std::clamp(1 - at.edge / bevelWidth, 0.0F, 1.0F);
    Vec3 normal{at.outward.x * bevel * 0.9F, at.outward.y * bevel * 0.9F, 1};
    if (part.groove > 0) {
        const float into = (radius - part.groove) / 0.045F;
        if (std::abs(into) < 1) {
            const float slope = 0.75F * std::sin(into * std::numbers::pi_v<float>);
            normal.x -= radial.x * slope, normal.y -= radial.y * slope;
        }
    }
    if (at.lift > 0) {
        // A raised flank looks back over the fold; the bend itself is rounded.
        const float slope = scene.foldSin / scene.foldCos * ramp(0, 0.14F, at.lift) * 0.8F;
        normal.x -= scene.foldDirection.x * slope, normal.y -= scene.foldDirection.y * slope;
    }
    normal.x += marks * 0.035F * -grain.y, normal.y += marks * 0.035F * grain.x;
    if (at.fracture > 0) {
        const float fx = static_cast<float>(x), fy = static_cast<float>(y);
        normal.x += at.fracture * (at.outward.x * 0.5F + 0.9F * noise.smooth(fx * 0.45F, fy * 0.45F));
        normal.y += at.fracture * (at.outward.y * 0.5F + 0.9F * noise.smooth(fx * 0.45F + 90, fy * 0.45F));
    }
    normal = normal.normalised();

    const float diffuse = std::max(0.0F, normal.dot(scene.lamp));
    const float aligned = std::max(0.0F, normal.dot(scene.halfway));
    const float to4 = aligned * aligned * aligned * aligned, to16 = to4 * to4 * to4 * to4;
    const float glint = to16 * to16 * to16;
    // Brushed and turned metal shines across its marks (Ward's anisotropic lobe in its simplest form).
    const float across =
        scene.halfway.x * grain.x + scene.halfway.y * grain.y + (normal.x * grain.x + normal.y * grain.y);
    const float streak = std::exp(-across * across / 0.030F) * (1 - at.fracture);
    // The hall around: bright where the mirrored view meets the lamp's side.
    const float mirrored = 2 * normal.z * (normal.x * scene.lamp.x + normal.y * scene.lamp.y);
    const float hall = 0.30F + 0.70F * ramp(-0.55F, 0.65F, mirrored);

    const float stain =
        1 + 0.10F * noise.cloudy(at.point.x * 1.7F + static_cast<float>(scene.noiseX), at.point.y * 1.7F);
    const float shine = hall * 0.42F + streak * 0.34F + glint * 0.5F;
    const float light = (0.10F + 0.34F * diffuse + shine) * stain * (1 + 0.10F * marks);
    Colour colour;
    for (std::size_t i = 0; i < 3; ++i) {
        colour[i] = part.colour[i] * light + glint * 0.06F;
        if (at.fracture > 0) // broken metal is grey and dull whatever the surface was
            colour[i] += at.fracture * 0.55F * (0.17F + 0.30F * diffuse - colour[i]);
        if (at.scratch > 0)
            colour[i] += at.scratch * (0.62F - 0.55F * colour[i]);
        else
            colour[i] *= 1 + 0.85F * at.scratch;
    }
    return colour;
}

// Linear light 0..1 as the bytes of a gamma of 2.2.
class Encoding final {
public:
    Encoding() {
        for (std::size_t i = 0; i < m_bytes.size(); ++i) {
            const float linear = (static_cast<float>(i) + 0.5F) / static_cast<float>(m_bytes.size());
            m_bytes[i] = static_cast<std::uint8_t>(std::pow(linear, 1 / 2.2F) * 255 + 0.5F);
        }
    }
    [[nodiscard]] std::uint8_t operator()(float linear) const {
        const float scaled = std::clamp(linear, 0.0F, 1.0F) * static_cast<float>(m_bytes.size() - 1);
        return m_bytes[static_cast<std::size_t>(scaled)];
    }

private:
    std::array<std::uint8_t, 8192> m_bytes{};
};

} // namespace

Picture drawScene(const Part& part, int side, Random& random, const Noise& noise) {
    static const Encoding encode;
    const Scene scene = makeScene(part, side, random);
    const auto count = static_cast<std::size_t>(side) * side;
    std::vector<Placed> placed(count);
    std::vector<float> depth(count); // signed distance in pixels
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            const std::size_t i = static_cast<std::size_t>(y) * side + x;
            placed[i] = place(scene, part, static_cast<float>(x), static_cast<float>(y));
            depth[i] = distance(part, placed[i].point, noise) * scene.scale;
        }
    }
    const std::vector<float> scratches = drawScratches(scene, part, noise);
    const auto depthAt = [&](int x, int y) {
        return depth[static_cast<std::size_t>(std::clamp(y, 0, side - 1)) * side + std::clamp(x, 0, side - 1)];
    };

    Picture picture{side, std::vector<std::uint8_t>(count * 3)};
    const Colour lampColour{1 + 0.05F * scene.warmth, 1.0F, 1 - 0.06F * scene.warmth};
    const float middle = static_cast<float>(side) / 2;
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            const std::size_t i = static_cast<std::size_t>(y) * side + x;
            const float fx = static_cast<float>(x), fy = static_cast<float>(y);
            const float covered = std::clamp(0.5F - depth[i], 0.0F, 1.0F);
            Colour colour{};
            if (covered < 1) {
                colour = beltColour(scene, fx, fy, noise);
                const float thrown = scene.scale * (0.07F + 0.6F * placed[i].lift);
                const float soft = 3 + scene.scale * 0.10F * placed[i].lift;
                const float shadow = ramp(
                    soft, -soft,
                    depthAt(x + static_cast<int>(scene.lamp.x * thrown), y + static_cast<int>(scene.lamp.y * thrown)));
                const float contact = ramp(scene.scale * 0.12F, 0, depth[i]);
                for (float& channel : colour)
                    channel *= (1 - 0.62F * shadow) * (1 - 0.35F * contact);
            }
            if (covered > 0) {
                Vec2 outward{depthAt(x + 1, y) - depthAt(x - 1, y), depthAt(x, y + 1) - depthAt(x, y - 1)};
                const float steepness = std::max(length(outward.x, outward.y), 1e-4F);
                outward = {outward.x / steepness, outward.y / steepness};
                float fracture = 0;
                for (const Chip& chip : part.chips) {
                    const float far =
                        length(placed[i].point.x - chip.centre.x, placed[i].point.y - chip.centre.y) - chip.radius;
                    const float lip = 0.085F + 0.05F * noise.smooth(fx * 0.16F + chip.phase, fy * 0.16F);
                    fracture = std::max(fracture, 1 - ramp(lip * 0.7F, lip, far));
                }
                const Surface surface{placed[i].point, -depth[i], outward, placed[i].lift, scratches[i], fracture};
                const Colour metal = metalColour(scene, part, surface, x, y, noise);
                for (std::size_t c = 0; c < 3; ++c)
                    colour[c] += (metal[c] - colour[c]) * covered;
            }
            const float light =
                scene.exposure * (1 + (fx - middle) * scene.gradient.x + (fy - middle) * scene.gradient.y);
            const float sensor = 0.010F * (noise.at(x + scene.noiseY, y + scene.noiseX * 3) +
                                           noise.at(x * 3 + 11, y + scene.noiseY * 5));
            for (std::size_t c = 0; c < 3; ++c)
                picture.pixels[i * 3 + c] =
                    encode(colour[c] * light * lampColour[c] * 1.12F * (1 + sensor * 2) + sensor * 0.15F);
        }
    }
    return picture;
}

} // namespace engine::sample
