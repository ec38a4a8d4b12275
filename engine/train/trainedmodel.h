#pragma once

#include "engine/models/backbone.h"
#include "engine/train/checkpoint.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace engine {

// A checkpoint's model ready to use: adapters merged into the weights, evaluation mode.
struct TrainedModel {
    std::shared_ptr<Backbone> backbone;
    ModelDescription description;
    std::vector<std::string> notes; // what of the weights, or of the files beside them, cannot be followed
};

// Throws Error(BadWeights).
[[nodiscard]] TrainedModel loadTrainedModel(const std::filesystem::path& checkpoint);

// Weights with their own head, of however many classes. `labels`: a file with one name per line; empty: as the weights
// or the files beside them say, else the classes have no names. Throws Error(NotFound | BadWeights | BadInput).
[[nodiscard]] TrainedModel loadClassifier(const std::string& backbone, const std::filesystem::path& weights,
                                          const std::filesystem::path& labels);

} // namespace engine
