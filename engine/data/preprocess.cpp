#include "engine/data/preprocess.h"

#include "engine/api/weights.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {

Preprocess preprocessFor(const BackboneInfo& info, int imageSize) {
    Preprocess result{.imageSize = info.imageSize,
                      .resizeSize = info.resizeSize,
                      .interpolation = info.interpolation,
                      .mean = info.mean,
                      .standardDeviation = info.standardDeviation};
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
    return fmt::format("{} pixels of {}, {}, mean {:.4g}, standard deviation {:.4g}", preprocess.imageSize,
                       preprocess.resizeSize,
                       preprocess.interpolation == Interpolation::Bicubic ? "bicubic" : "bilinear",
                       fmt::join(preprocess.mean, " "), fmt::join(preprocess.standardDeviation, " "));
}

NormalisationTable::NormalisationTable(const Preprocess& preprocess) {
    for (std::size_t channel = 0; channel < 3; ++channel)
        for (std::size_t value = 0; value < 256; ++value)
            m_table[channel][value] =
                (static_cast<float>(value) / 255.0f - preprocess.mean[channel]) / preprocess.standardDeviation[channel];
}

void NormalisationTable::apply(const std::uint8_t* rgb, std::size_t pixels, float* out) const noexcept {
    for (std::size_t i = 0; i < pixels; ++i, rgb += 3, out += 3) {
        out[0] = m_table[0][rgb[0]];
        out[1] = m_table[1][rgb[1]];
        out[2] = m_table[2][rgb[2]];
    }
}

} // namespace engine
