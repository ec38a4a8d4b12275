#include "engine/data/augment/augment.h"

#include "engine/api/error.h"
#include "engine/data/augment/operations.h"
#include "engine/data/resize.h"

#include <array>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::string_view kRandomCrop = "random-crop"; // works on the file: only the part that is seen is decoded

struct Row {
    std::string_view name; // AugmentationInfo::choice
    Augmentation::Operation operation;
};

constexpr std::array kOperations{Row{"flip", flip}, Row{"vertical-flip", flipVertically},
                                 Row{"colour-jitter", jitterColour}, Row{"erase", erase}};

Augmentation::Operation operationOf(std::string_view name) {
    for (const Row& row : kOperations)
        if (row.name == name)
            return row.operation;
    throw Error(ErrorKind::Internal, fmt::format("No code does the augmentation {}.", name));
}

RgbImage randomPart(const ImageFile& file, const Preprocess& preprocess, double smallestArea, Random& random) {
    const int size = preprocess.imageSize;
    const Rectangle crop = randomResizedCrop(file.width(), file.height(), smallestArea, random);
    const ImagePart part = file.decodePart(crop, size);
    return resample(part.image, part.left, part.top, part.right, part.bottom, size, size, preprocess.interpolation,
                    {0, 0, size, size});
}

} // namespace

Augmentation makeAugmentation(std::string_view text) {
    Augmentation result;
    for (const AugmentationStep& step : augmentationSteps(text)) {
        if (step.operation == kRandomCrop)
            result.smallestArea = step.strength;
        else
            result.steps.push_back({operationOf(step.operation), step.strength});
    }
    return result;
}

RgbImage validationView(const ImageFile& file, const Preprocess& preprocess) {
    return prepared(file.decode(), preprocess);
}

RgbImage trainingView(const ImageFile& file, const Preprocess& preprocess, const Augmentation& augmentation,
                      Random random) {
    RgbImage view = augmentation.smallestArea ? randomPart(file, preprocess, *augmentation.smallestArea, random)
                                              : validationView(file, preprocess);
    for (const auto& [operation, strength] : augmentation.steps)
        operation(view, strength, random);
    return view;
}

} // namespace engine
