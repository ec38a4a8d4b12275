#pragma once

#include "engine/models/weights/mappedfile.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// What a config.json or preprocessor_config.json says, as it says it; a later file adds to an earlier one.
struct SettingsFile {
    std::string architecture;        // timm's name ("resnet18"), else transformers' class ("ViTForImageClassification")
    std::optional<int> inputSize;    // timm: input_size
    std::optional<int> imageSize;    // transformers: image_size of the model
    std::optional<int> size;         // resized to: both sides or, where shortestEdge, the short one
    std::optional<int> cropSize;     // cut out of the centre
    std::optional<double> cropShare; // crop_pct
    bool shortestEdge = false;
    bool crops = true;         // do_center_crop
    std::string interpolation; // "bicubic", "bilinear", … or empty
    std::optional<std::array<float, 3>> mean;
    std::optional<std::array<float, 3>> standardDeviation;
    std::vector<std::string> labels; // by class index
};

// Reads what it knows and passes over the rest. Throws Error(BadWeights) where the file is no JSON object or one of the
// known values is something else.
void readSettings(const MappedFile& file, SettingsFile& settings);

} // namespace engine
