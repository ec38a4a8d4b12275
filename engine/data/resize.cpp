#include "engine/data/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace engine {
namespace {

// Pillow's fixed point for 8-bit pictures: 8 bits of value and 2 of headroom leave 22 for the coefficients.
constexpr int kPrecisionBits = 32 - 8 - 2;

double bilinear(double x) {
    x = std::abs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) { // Keys' kernel with a = −0.5
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0)
        return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

double sinc(double x) { return x == 0 ? 1.0 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi); }

double lanczos(double x) { return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

double hamming(double x) {
    x = std::abs(x);
    return x < 1.0 ? sinc(x) * (0.54 + 0.46 * std::cos(x * std::numbers::pi)) : 0.0;
}

struct Filter {
    double (*weight)(double x);
    double support; // how far it reaches
};

Filter filterOf(Interpolation interpolation) {
    switch (interpolation) {
    case Interpolation::Bicubic:
        return {bicubic, 2.0};
    case Interpolation::Lanczos:
        return {lanczos, 3.0};
    case Interpolation::Box:
        return {box, 0.5};
    case Interpolation::Hamming:
        return {hamming, 1.0};
    default:
        return {bilinear, 1.0};
    }
}

// For each output position: which input positions count, and how much.
struct Coefficients {
    struct Span {
        int first = 0;
        int count = 0;
    };
    std::vector<Span> spans;
    std::vector<std::int32_t> weights; // `taps` per output position
    int taps = 0;
};

Coefficients coefficients(int inSize, double in0, double in1, int outSize, int outFirst, int outCount,
                          Interpolation interpolation) {
    const Filter filter = filterOf(interpolation);
    const double scale = (in1 - in0) / outSize;
    const double filterScale = std::max(scale, 1.0);
    const double support = filter.support * filterScale;
    Coefficients result;
    result.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
    result.spans.resize(static_cast<std::size_t>(outCount));
    result.weights.resize(static_cast<std::size_t>(outCount) * static_cast<std::size_t>(result.taps));
    std::vector<double> raw(static_cast<std::size_t>(result.taps));
    for (int i = 0; i < outCount; ++i) {
        const double centre = in0 + (outFirst + i + 0.5) * scale;
        const int first = std::max(0, static_cast<int>(centre - support + 0.5));
        const int count = std::min(inSize, static_cast<int>(centre + support + 0.5)) - first;
        double sum = 0;
        for (int x = 0; x < count; ++x) {
            const double at = (x + first - centre + 0.5) * (1.0 / filterScale);
            raw[static_cast<std::size_t>(x)] = filter.weight(at);
            sum += raw[static_cast<std::size_t>(x)];
        }
        auto* weights = &result.weights[static_cast<std::size_t>(i) * static_cast<std::size_t>(result.taps)];
        for (int x = 0; x < count; ++x) {
            const double weight = (sum != 0 ? raw[static_cast<std::size_t>(x)] / sum : 0) * (1 << kPrecisionBits);
            weights[x] = static_cast<std::int32_t>(weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        result.spans[static_cast<std::size_t>(i)] = {first, count};
    }
    return result;
}

inline std::uint8_t clip(std::int32_t value) {
    return static_cast<std::uint8_t>(std::clamp(value >> kPrecisionBits, 0, 255));
}

void horizontalPass(const RgbImage& in, int firstRow, int rows, const Coefficients& c, std::vector<std::uint8_t>& out) {
    const std::size_t outWidth = c.spans.size();
    out.resize(static_cast<std::size_t>(rows) * outWidth * 3);
    std::uint8_t* to = out.data();
    for (int y = 0; y < rows; ++y) {
        const std::uint8_t* row =
            in.pixels.data() + static_cast<std::size_t>(firstRow + y) * static_cast<std::size_t>(in.width) * 3;
        for (std::size_t x = 0; x < outWidth; ++x, to += 3) {
            const std::int32_t* weights = &c.weights[x * static_cast<std::size_t>(c.taps)];
            const std::uint8_t* from = row + static_cast<std::size_t>(c.spans[x].first) * 3;
            std::int32_t red = 1 << (kPrecisionBits - 1), green = red, blue = red;
            for (int k = 0; k < c.spans[x].count; ++k, from += 3) {
                red += from[0] * weights[k];
                green += from[1] * weights[k];
                blue += from[2] * weights[k];
            }
            to[0] = clip(red);
            to[1] = clip(green);
            to[2] = clip(blue);
        }
    }
}

void verticalPass(const std::vector<std::uint8_t>& in, int firstRow, std::size_t stride, const Coefficients& c,
                  std::vector<std::uint8_t>& out) {
    out.resize(c.spans.size() * stride);
    std::vector<std::int32_t> sums(stride);
    for (std::size_t y = 0; y < c.spans.size(); ++y) {
        std::fill(sums.begin(), sums.end(), 1 << (kPrecisionBits - 1));
        const std::int32_t* weights = &c.weights[y * static_cast<std::size_t>(c.taps)];
        for (int k = 0; k < c.spans[y].count; ++k) {
            const std::uint8_t* row = in.data() + static_cast<std::size_t>(c.spans[y].first + k - firstRow) * stride;
            const std::int32_t weight = weights[k];
            for (std::size_t i = 0; i < stride; ++i)
                sums[i] += row[i] * weight;
        }
        for (std::size_t i = 0; i < stride; ++i)
            out[y * stride + i] = clip(sums[i]);
    }
}

// The input positions that Pillow takes without a filter.
std::vector<int> nearest(int inSize, double in0, double in1, int outSize, int outFirst, int outCount) {
    std::vector<int> result;
    const double scale = (in1 - in0) / outSize;
    double at = in0 + scale * 0.5;
    for (int i = 0; i < outFirst + outCount; ++i, at += scale)
        if (i >= outFirst)
            result.push_back(std::clamp(static_cast<int>(at), 0, inSize - 1));
    return result;
}

RgbImage resampleNearest(const RgbImage& image, double left, double top, double right, double bottom, int width,
                         int height, Rectangle window) {
    const auto across = nearest(image.width, left, right, width, window.left, window.width());
    RgbImage result{.width = window.width(), .height = window.height(), .pixels = {}};
    result.pixels.reserve(static_cast<std::size_t>(result.width) * static_cast<std::size_t>(result.height) * 3);
    for (const int y : nearest(image.height, top, bottom, height, window.top, window.height()))
        for (const int x : across) {
            const auto at =
                (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3;
            result.pixels.insert(result.pixels.end(), {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]});
        }
    return result;
}

} // namespace

RgbImage resample(const RgbImage& image, double left, double top, double right, double bottom, int width, int height,
                  Interpolation interpolation, Rectangle window) {
    if (interpolation == Interpolation::Nearest)
        return resampleNearest(image, left, top, right, bottom, width, height, window);
    const bool acrossNeeded = width != image.width || left != 0 || right != width;
    const bool downNeeded = height != image.height || top != 0 || bottom != height;
    const auto across = coefficients(image.width, left, right, width, window.left, window.width(), interpolation);
    const auto down = coefficients(image.height, top, bottom, height, window.top, window.height(), interpolation);
    const auto& lastSpan = down.spans.back();
    const int firstRow = downNeeded ? down.spans.front().first : window.top;
    const int rows = (downNeeded ? lastSpan.first + lastSpan.count : window.bottom) - firstRow;

    std::vector<std::uint8_t> middle;
    if (acrossNeeded) {
        horizontalPass(image, firstRow, rows, across, middle);
    } else {
        for (int y = firstRow; y < firstRow + rows; ++y) {
            const auto* row =
                image.pixels.data() + (std::size_t(y) * std::size_t(image.width) + std::size_t(window.left)) * 3;
            middle.insert(middle.end(), row, row + std::size_t(window.width()) * 3);
        }
    }
    RgbImage result{.width = window.width(), .height = window.height(), .pixels = {}};
    if (downNeeded)
        verticalPass(middle, firstRow, static_cast<std::size_t>(window.width()) * 3, down, result.pixels);
    else
        result.pixels = std::move(middle);
    return result;
}

} // namespace engine
