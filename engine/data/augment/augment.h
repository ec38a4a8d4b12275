#pragma once

#include "engine/api/augmentations.h"
#include "engine/api/datareport.h"
#include "engine/base/hash.h"
#include "engine/data/imagefile.h"
#include "engine/data/preprocess.h"

#include <optional>
#include <string_view>
#include <vector>

namespace engine {

// What is done to training pictures: a random part is cut out, or not, and the rest follows in the order given.
struct Augmentation {
    using Operation = void (*)(RgbImage& image, double strength, Random& random);
    struct Step {
        Operation operation = nullptr;
        double strength = 0;
    };
    std::optional<double> smallestArea; // of the random part
    std::vector<Step> steps;
};

// By what data.augmentation says. Throws Error(BadInput) that names what is known.
[[nodiscard]] Augmentation makeAugmentation(std::string_view text);

// The validation transform: what the reference library's evaluation does, bit for bit.
[[nodiscard]] RgbImage validationView(const ImageFile& file, const Preprocess& preprocess);
// A training view; the same `random` state gives the same view.
[[nodiscard]] RgbImage trainingView(const ImageFile& file, const Preprocess& preprocess,
                                    const Augmentation& augmentation, Random random);

} // namespace engine
