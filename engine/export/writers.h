#pragma once

#include "engine/export/exportfacts.h"
#include "engine/train/trainedmodel.h"

#include <filesystem>

namespace engine {

// Where a model is written.
struct ExportPlace {
    std::filesystem::path folder;
    std::filesystem::path shown; // what the folder will be called
    std::string config;          // config.json of the checkpoint, of a model without adapters
};

// Writes the model into the folder as the facts say, and completes these. The model may be changed. Throws
// Error(BadInput | DiskFull).
[[nodiscard]] ExportReport writeModel(const ExportPlace& place, TrainedModel& model, ExportFacts& facts);
// The names of the classes as a list of JSON.
[[nodiscard]] std::string classesText(const std::vector<std::string>& classes);

} // namespace engine
