#pragma once

#include "engine/api/experiment.h"
#include "engine/data/preprocess.h"
#include "engine/models/adapters.h"
#include "engine/models/backbone.h"
#include "engine/optim/optimizer.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace engine {

// All of a training that is not in a tensor. Together with model and optimizer it continues exactly: every random
// choice is derived from (seed, epoch, step), so no generator's state needs to be kept.
struct TrainerState {
    std::int64_t step = 0;            // optimizer steps done
    int epoch = 0;                    // epochs completed, their validation included
    std::int64_t samplesInEpoch = 0;  // of the current epoch's order that are behind it
    std::int64_t batchInEpoch = 0;    // only as read from checkpoints of before, which counted batches
    std::string monitor = "accuracy"; // the metric that decides which epoch is the best
    double bestValue = std::numeric_limits<double>::quiet_NaN();
    double bestLoss = 0;
    int bestEpoch = 0;
    int improvedAt = 0; // epoch in which the monitored value was last better than ever before
};

// What a checkpoint says about its model, so that it can be used without the run it came from.
struct ModelDescription {
    std::string backbone;
    std::vector<std::string> classes;
    std::string task = "image-classification"; // checkpoints from before say nothing
    std::vector<double> thresholds;            // of each label, as its last validation chose them
    Preprocess preprocess;
    AdapterSettings adapters;
    std::string program; // SHA-256 of the backbone's TorchScript file; empty for backbones of the table
    Numerics numerics;   // of the library that its weights came from; checkpoints from before say nothing
};

// A moment of a training, copied, so that its checkpoint can be written later.
struct KeptState {
    std::vector<TensorView> model;
    std::vector<TensorView> optimizer;
    TrainerState state;
};

// Copies of tensors that stay as they are for a while, by name, so that they are copied once.
using UnchangedCopies = std::map<std::string, TensorView>;

// `unchanged`: the names of tensors that are as they were when `copies` got them; those it lacks are added.
[[nodiscard]] KeptState keepState(Backbone& backbone, const OptimizerStates& optimizer, const TrainerState& state,
                                  const std::set<std::string>& unchanged, UnchangedCopies& copies);

// Writes model.safetensors, config.json, optimizer.safetensors and trainer_state.json as a whole or not at all.
void writeCheckpoint(const std::filesystem::path& folder, Backbone& backbone, const OptimizerStates& optimizer,
                     const TrainerState& state, const ModelDescription& description);
// The same of a moment that was kept.
void writeCheckpoint(const std::filesystem::path& folder, const KeptState& kept, const ModelDescription& description);
[[nodiscard]] TrainerState readTrainerState(const std::filesystem::path& folder);         // throws Error(BadWeights)
[[nodiscard]] ModelDescription readModelDescription(const std::filesystem::path& folder); // throws Error(BadWeights)

// Throws Error(NotFound | BadWeights) where the backbone is a program whose file is gone or is another now.
void requireSameProgram(const ModelDescription& description);

// Where a run's model is: its best checkpoint, or its last before the first validation. Throws Error(NotFound), and
// Error(BadWeights) where it is damaged: another in its place would answer otherwise without saying so.
[[nodiscard]] std::filesystem::path modelCheckpoint(const std::filesystem::path& runFolder);

} // namespace engine
