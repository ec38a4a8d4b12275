#include "engine/data/augment.h"

#include "engine/api/error.h"
#include "engine/data/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

const std::array<Augmentation, 4>& table() {
    static const std::array<Augmentation, 4> rows{{
        {.choice = {"none", "None", "The picture as validation sees it: resized, centre cut out."}},
        {.choice = {"light", "Light", "A random part of at least half the picture, mirrored or not."},
         .randomCrop = true,
         .smallestArea = 0.5,
         .flip = true},
        {.choice = {"standard", "Standard", "A random part of at least 8 % of the picture, mirrored or not."},
         .randomCrop = true,
         .smallestArea = 0.08,
         .flip = true},
        {.choice = {"strong", "Strong", "Standard, and brightness, contrast and saturation changed by up to 40 %."},
         .randomCrop = true,
         .smallestArea = 0.08,
         .flip = true,
         .colourJitter = 0.4},
    }};
    return rows;
}

void mirror(RgbImage& image) {
    for (int y = 0; y < image.height; ++y) {
        auto* row = image.pixels.data() + std::size_t(y) * std::size_t(image.width) * 3;
        for (int left = 0, right = image.width - 1; left < right; ++left, --right)
            std::swap_ranges(row + left * 3, row + left * 3 + 3, row + right * 3);
    }
}

float luma(const std::uint8_t* rgb) { return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2]; }

std::uint8_t toByte(float value) { return static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

// Brightness, contrast, saturation: blends with black, with the mean grey, with the pixel's own grey.
void jitterColour(RgbImage& image, double amount, Random& random) {
    const auto brightness = static_cast<float>(random.uniform(1 - amount, 1 + amount));
    const auto contrast = static_cast<float>(random.uniform(1 - amount, 1 + amount));
    const auto saturation = static_cast<float>(random.uniform(1 - amount, 1 + amount));
    double sum = 0;
    for (std::size_t i = 0; i < image.pixels.size(); i += 3)
        sum += luma(&image.pixels[i]);
    const auto mean = static_cast<float>(sum / (double(image.pixels.size()) / 3)) * brightness;
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
        auto* rgb = &image.pixels[i];
        const float grey = (luma(rgb) * brightness - mean) * contrast + mean;
        for (int channel = 0; channel < 3; ++channel) {
            const float value = (rgb[channel] * brightness - mean) * contrast + mean;
            rgb[channel] = toByte((value - grey) * saturation + grey);
        }
    }
}

} // namespace

std::span<const NamedChoice> augmentations() {
    static const auto choices = [] {
        std::array<NamedChoice, 4> result;
        std::transform(table().begin(), table().end(), result.begin(), [](const Augmentation& a) { return a.choice; });
        return result;
    }();
    return choices;
}

const Augmentation& findAugmentation(std::string_view name) {
    for (const Augmentation& row : table())
        if (row.choice.name == name)
            return row;
    throw Error(ErrorKind::BadInput, fmt::format("There is no augmentation called “{}”.", name),
                "Choose none, light, standard or strong.");
}

RgbImage validationView(const ImageFile& file, const Preprocess& preprocess) {
    return prepared(file.decode(), preprocess);
}

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

RgbImage trainingView(const ImageFile& file, const Preprocess& preprocess, const Augmentation& augmentation,
                      Random random) {
    if (!augmentation.randomCrop)
        return validationView(file, preprocess);
    const int size = preprocess.imageSize;
    const Rectangle crop = randomResizedCrop(file.width(), file.height(), augmentation.smallestArea, random);
    const ImagePart part = file.decodePart(crop, size);
    RgbImage view = resample(part.image, part.left, part.top, part.right, part.bottom, size, size,
                             preprocess.interpolation, {0, 0, size, size});
    if (augmentation.flip && random.uniform() < 0.5)
        mirror(view);
    if (augmentation.colourJitter > 0)
        jitterColour(view, augmentation.colourJitter, random);
    return view;
}

} // namespace engine
