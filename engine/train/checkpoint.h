#pragma once

#include "engine/api/experiment.h"
#include "engine/data/preprocess.h"
#include "engine/models/adapters.h"
#include "engine/models/backbone.h"
#include "engine/train/optimizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// All of a training that is not in a tensor. Together with model and optimizer it continues exactly: every random
// choice is derived from (seed, epoch, step), so no generator's state needs to be kept.
struct TrainerState {
    std::int64_t step = 0;         // optimizer steps done
    int epoch = 0;                 // epochs completed, their validation included
    std::int64_t batchInEpoch = 0; // batches of the current epoch that are done
    double bestAccuracy = -1;
    double bestLoss = 0;
    int bestEpoch = 0;
    int accuracyRoseAt = 0; // epoch in which the accuracy was last better than ever before
};

// What a checkpoint says about its model, so that it can be used without the run it came from.
struct ModelDescription {
    std::string backbone;
    std::vector<std::string> classes;
    Preprocess preprocess;
    AdapterSettings adapters;
    std::string program; // SHA-256 of the backbone's TorchScript file; empty for backbones of the table
};

// Writes model.safetensors, config.json, optimizer.safetensors and trainer_state.json as a whole or not at all.
void writeCheckpoint(const std::filesystem::path& folder, Backbone& backbone, const Optimizer& optimizer,
                     const TrainerState& state, const ModelDescription& description);
[[nodiscard]] TrainerState readTrainerState(const std::filesystem::path& folder);         // throws Error(BadWeights)
[[nodiscard]] ModelDescription readModelDescription(const std::filesystem::path& folder); // throws Error(BadWeights)

// Throws Error(NotFound | BadWeights) where the backbone is a program whose file is gone or is another now.
void requireSameProgram(const ModelDescription& description);

// Where a run's model is: its best checkpoint, or its last before the first validation. Throws Error(NotFound).
[[nodiscard]] std::filesystem::path modelCheckpoint(const std::filesystem::path& runFolder);

} // namespace engine
