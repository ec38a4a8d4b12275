#pragma once

#include "engine/api/catalog.h"

#include <array>

namespace engine {

// What a backbone expects of a picture: short side resized to resizeSize, centre imageSize × imageSize cut out, then
// (value / 255 − mean) / standardDeviation per channel.
struct Preprocess {
    int imageSize = 224;
    int resizeSize = 256;
    Interpolation interpolation = Interpolation::Bilinear;
    std::array<float, 3> mean{};
    std::array<float, 3> standardDeviation{1, 1, 1};
};

// The backbone's own values; another imageSize (> 0) scales resizeSize in proportion.
[[nodiscard]] Preprocess preprocessFor(const BackboneInfo& info, int imageSize);

// The 256 normalised values of each channel, so that normalising is a look-up.
class NormalisationTable final {
public:
    explicit NormalisationTable(const Preprocess& preprocess);
    // Writes `pixels` (RGB bytes) as 3 × pixels floats in the same order, that is channels last.
    void apply(const std::uint8_t* rgb, std::size_t pixels, float* out) const noexcept;

private:
    std::array<std::array<float, 256>, 3> m_table;
};

} // namespace engine
