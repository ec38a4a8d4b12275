#include "engine/data/preprocess.h"

#include "engine/api/weights.h"
#include "engine/data/resize.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {

Preprocess preprocessFor(const BackboneInfo& info, int imageSize) {
    Preprocess result{.imageSize = info.imageSize,
                      .resizeSize = info.resizeSize,
                      .interpolation = info.interpolation,
                      .mean = info.mean,
                      .standardDeviation = info.standardDeviation,
                      .cropMode = info.cropMode,
                      .cropRounding = info.cropRounding,
                      .divisor = info.divisor};
    if (imageSize > 0 && imageSize != info.imageSize) {
        result.resizeSize = static_cast<int>(std::lround(double(imageSize) * info.resizeSize / info.imageSize));
        result.imageSize = imageSize;
    }
    return result;
}

Preprocess preprocessFor(const BackboneInfo& info, const std::filesystem::path& weights, int imageSize) {
    return preprocessFor(weights.empty() ? info : preparedForWeights(info, weights), imageSize);
}

Preprocess preprocessOf(const Experiment& experiment) {
    return preprocessFor(findBackbone(experiment.model.backbone), experiment.weightsPath(), experiment.data.imageSize);
}

std::string words(const Preprocess& preprocess) {
    const int image = preprocess.imageSize, resized = preprocess.resizeSize;
    std::string size = fmt::format("{} pixels of {}", image, resized);
    if (preprocess.cropMode == CropMode::Squash)
        size = image == resized
                   ? fmt::format("{} × {} pixels without keeping the shape", image, image)
                   : fmt::format("{} pixels of {} × {} without keeping the shape", image, resized, resized);
    else if (preprocess.cropMode == CropMode::Border)
        size = fmt::format("{} pixels with a border around what fits into {}", image, resized);
    else if (preprocess.cropMode == CropMode::AsIs)
        size = fmt::format("{} pixels of the picture as it is", image);
    std::string values = fmt::format("mean {:.4g}, standard deviation {:.4g}", fmt::join(preprocess.mean, " "),
                                     fmt::join(preprocess.standardDeviation, " "));
    if (preprocess.divisor != Preprocess{}.divisor)
        values = fmt::format("divided by {:.4g}, {}", preprocess.divisor, values);
    return fmt::format("{}, {}, {}", size, interpolationName(preprocess.interpolation), values);
}

namespace {

struct Sides {
    int width = 0, height = 0;
};

Sides resizedTo(const RgbImage& image, const Preprocess& preprocess) {
    const int size = preprocess.resizeSize;
    if (preprocess.cropMode == CropMode::Squash)
        return {size, size};
    if (preprocess.cropMode == CropMode::AsIs)
        return {image.width, image.height};
    if (preprocess.cropMode == CropMode::Border) { // timm's ResizeKeepRatio
        const double ratio = std::max(double(image.width) / size, double(image.height) / size);
        const auto side = [ratio](int of) { return std::max(1, static_cast<int>(std::nearbyint(of / ratio))); };
        return {side(image.width), side(image.height)};
    }
    const int shortSide = std::min(image.width, image.height);
    const int longSide = static_cast<int>(std::int64_t{size} * std::max(image.width, image.height) / shortSide);
    return image.width <= image.height ? Sides{size, longSide} : Sides{longSide, size};
}

// The picture in the middle of a square that it does not fill.
RgbImage padded(const RgbImage& image, const Preprocess& preprocess) {
    const int side = preprocess.imageSize;
    RgbImage square{.width = side, .height = side, .pixels = {}};
    square.pixels.resize(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
    if (preprocess.cropMode == CropMode::Border)
        for (std::size_t i = 0; i < square.pixels.size(); ++i)
            square.pixels[i] =
                static_cast<std::uint8_t>(std::clamp(std::nearbyint(255.0 * preprocess.mean[i % 3]), 0.0, 255.0));
    const int left = (side - image.width) / 2, top = (side - image.height) / 2;
    for (int y = 0; y < image.height; ++y)
        std::copy_n(image.pixels.begin() + std::ptrdiff_t{y} * image.width * 3, image.width * 3,
                    square.pixels.begin() + (std::ptrdiff_t{top + y} * side + left) * 3);
    return square;
}

} // namespace

RgbImage prepared(const RgbImage& image, const Preprocess& preprocess) {
    const auto [width, height] = resizedTo(image, preprocess);
    const int side = preprocess.imageSize;
    const auto begin = [&](int size) { // nearbyint: Python's round(), where halves go to the even number
        const double margin = (size - side) / 2.0;
        return std::max(0, static_cast<int>(preprocess.cropRounding == CropRounding::Down ? std::floor(margin)
                                                                                          : std::nearbyint(margin)));
    };
    const int x = begin(width), y = begin(height);
    RgbImage view = resample(image, 0, 0, image.width, image.height, width, height, preprocess.interpolation,
                             {x, y, std::min(width, x + side), std::min(height, y + side)});
    return view.width == side && view.height == side ? view : padded(view, preprocess);
}

NormalisationTable::NormalisationTable(const Preprocess& preprocess) {
    for (std::size_t channel = 0; channel < 3; ++channel)
        for (std::size_t value = 0; value < 256; ++value)
            m_table[channel][value] = (static_cast<float>(value) / preprocess.divisor - preprocess.mean[channel]) /
                                      preprocess.standardDeviation[channel];
}

void NormalisationTable::apply(const std::uint8_t* rgb, std::size_t pixels, float* out) const noexcept {
    for (std::size_t i = 0; i < pixels; ++i, rgb += 3, out += 3) {
        out[0] = m_table[0][rgb[0]];
        out[1] = m_table[1][rgb[1]];
        out[2] = m_table[2][rgb[2]];
    }
}

} // namespace engine
