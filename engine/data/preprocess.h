#pragma once

#include "engine/api/catalog.h"
#include "engine/api/datareport.h"
#include "engine/api/experiment.h"

#include <array>
#include <filesystem>
#include <string>

namespace engine {

// What a backbone expects of a picture: resized to resizeSize as cropMode says, centre imageSize × imageSize cut out,
// then (value / divisor − mean) / standardDeviation per channel.
struct Preprocess {
    int imageSize = 224;
    int resizeSize = 256;
    Interpolation interpolation = Interpolation::Bilinear;
    std::array<float, 3> mean{};
    std::array<float, 3> standardDeviation{1, 1, 1};
    CropMode cropMode = CropMode::Center;
    CropRounding cropRounding = CropRounding::HalfToEven;
    float divisor = 255;

    bool operator==(const Preprocess&) const = default;
};

// The backbone's own values; another imageSize (> 0) scales resizeSize in proportion.
[[nodiscard]] Preprocess preprocessFor(const BackboneInfo& info, int imageSize);
// What the files beside the weights state goes before the backbone's own values; an imageSize (> 0) goes before both.
// `weights` empty: nothing is stated.
[[nodiscard]] Preprocess preprocessFor(const BackboneInfo& info, const std::filesystem::path& weights, int imageSize);
// Likewise, by the experiment's settings. Weights of a hub that are not here yet state nothing. Throws Error(BadInput).
[[nodiscard]] Preprocess preprocessOf(const Experiment& experiment);
[[nodiscard]] std::string words(const Preprocess& preprocess); // "224 pixels of 256, bicubic, mean …"

// The picture resized and cut, before its values are normalised: what the libraries' evaluation makes of it.
[[nodiscard]] RgbImage prepared(const RgbImage& image, const Preprocess& preprocess);

// The 256 normalised values of each channel, so that normalising is a look-up.
class NormalisationTable final {
public:
    explicit NormalisationTable(const Preprocess& preprocess);
    // Writes `pixels` (RGB bytes) as 3 × pixels floats in the same order, that is channels last.
    void apply(const std::uint8_t* rgb, std::size_t pixels, float* out) const noexcept;
    [[nodiscard]] const std::array<std::array<float, 256>, 3>& values() const { return m_table; }

private:
    std::array<std::array<float, 256>, 3> m_table;
};

} // namespace engine
