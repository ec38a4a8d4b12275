#pragma once

#include "engine/models/weights/mappedfile.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// A size of transformers: one number, or what each of its members says; 0: not said.
struct StatedSize {
    int number = 0, height = 0, width = 0, shortestEdge = 0, longestEdge = 0;

    // Both sides, or the one number.
    [[nodiscard]] int side() const { return number > 0 ? number : std::max(height, width); }
    [[nodiscard]] bool square() const { return number > 0 || (height > 0 && height == width); }
    [[nodiscard]] bool said() const { return side() > 0 || shortestEdge > 0 || longestEdge > 0; }
};

// What a config.json, preprocessor_config.json or processor_config.json says, as it says it; a later file adds to an
// earlier one.
struct SettingsFile {
    std::string architecture;        // timm's name ("resnet18"), else transformers' class ("ViTForImageClassification")
    std::string modelType;           // transformers' word for it ("convnext")
    std::string processor;           // transformers' class that prepares pictures ("ViTImageProcessor")
    StatedSize inputSize;            // timm's input_size, without its channels
    std::optional<int> imageSize;    // transformers: image_size of the model
    StatedSize size;                 // resized to
    StatedSize cropSize;             // cut out of the centre
    std::optional<double> cropShare; // crop_pct
    std::string cropMode;            // timm's crop_mode
    std::optional<bool> resizes, crops, rescales, normalises; // do_resize, do_center_crop, …
    std::optional<bool> countsTop;                            // include_top
    std::optional<bool> squares;                              // default_to_square: what one number in `size` means
    std::optional<double> rescaleFactor;
    bool rescalesAroundZero = false; // rescale_offset
    std::optional<int> resizeSize;   // Thaw's own, beside timm's
    bool cropsRoundDown = false;     // likewise
    std::string interpolation;       // "bicubic", "bilinear", … or empty
    std::vector<std::string> others; // switched on, and beyond what is known here: "do_pad"
    std::optional<std::array<float, 3>> mean;
    std::optional<std::array<float, 3>> standardDeviation;
    std::vector<std::string> labels; // by class index
};

// Reads what it knows and passes over the rest. Throws Error(BadWeights) where the file is no JSON object or one of the
// known values is something else.
void readSettings(const MappedFile& file, SettingsFile& settings);

} // namespace engine
