#include "engine/data/augment/operations.h"

#include <algorithm>

namespace engine {
namespace {

float luma(const std::uint8_t* rgb) { return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2]; }

std::uint8_t toByte(float value) { return static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

} // namespace

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

} // namespace engine
