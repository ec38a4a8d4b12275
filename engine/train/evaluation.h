#pragma once

#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/train/trainedmodel.h"

#include <filesystem>
#include <string>

namespace engine {

// What is validated, and how.
struct Judged {
    enum class Computing { Folded, AsItIs };
    std::string name; // for sentences
    Experiment experiment;
    TrainedModel model;
    Computing computing = Computing::Folded; // before it answers, or nothing is known of how it computes
};
// On the pictures of `data`, else of the experiment. Throws Error.
[[nodiscard]] Evaluation evaluated(const Judged& judged, const std::filesystem::path& data, RunControl& control,
                                   ProgressSink* progress);

// Of a model that is computed as it is, on the CPU.
[[nodiscard]] Predictor predictorOf(const TrainedModel& model);

} // namespace engine
