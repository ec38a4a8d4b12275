#pragma once

#include "engine/models/backbone.h"
#include "engine/train/checkpoint.h"

#include <filesystem>
#include <memory>

namespace engine {

// A checkpoint's model ready to use: adapters merged into the weights, evaluation mode.
struct TrainedModel {
    std::shared_ptr<Backbone> backbone;
    ModelDescription description;
};

// Throws Error(BadWeights).
[[nodiscard]] TrainedModel loadTrainedModel(const std::filesystem::path& checkpoint);

} // namespace engine
