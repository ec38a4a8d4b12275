#pragma once

#include "engine/api/experiment.h"
#include "engine/api/progress.h"
#include "engine/api/run.h"
#include "engine/api/runcontrol.h"

#include <filesystem>

namespace engine {

// Makes `<project>/runs/<time>-<name>/` with its experiment.toml and returns it; nothing is trained yet, so that the
// window can show the run as queued. Throws Error(DiskFull | BadInput). Any thread.
[[nodiscard]] std::filesystem::path createRun(const Experiment& experiment, const std::filesystem::path& runsFolder);

// Trains the experiment of the run folder until its epochs are done or `control` stops it; everything it has to say is
// appended to the run folder. A folder that holds checkpoints is resumed from the last one. `epochs` > 0 replaces the
// planned number of epochs (to go on past the end).
//
// Blocks; call it on any thread, one run at a time per process. A stop is not an error: the outcome's state is Stopped
// and the run can be resumed. Throws Error (also recorded as the run's failure); never lets a foreign exception out.
RunSummary train(const std::filesystem::path& runFolder, RunControl& control, ProgressSink* progress = nullptr,
                 int epochs = 0);

// Validation of a finished run's best checkpoint on its own validation data, or on `data` (a folder of class folders).
struct Evaluation {
    double loss = 0;
    double accuracy = 0; // 0..1
    std::int64_t samples = 0;
    std::vector<std::string> classes;
    std::vector<double> perClassAccuracy;             // NaN where a class has no sample
    std::vector<std::vector<std::int64_t>> confusion; // [true][predicted]
    double seconds = 0;
};
[[nodiscard]] Evaluation evaluate(const std::filesystem::path& runFolder, const std::filesystem::path& data,
                                  RunControl& control, ProgressSink* progress = nullptr);
// Likewise for weights with their own head, of however many classes, on a folder of class folders; the arguments as in
// Predictor::fromBackbone(). Throws Error(BadInput) also where nothing names the classes.
[[nodiscard]] Evaluation evaluateWeights(const std::string& backbone, const std::filesystem::path& weights,
                                         const std::filesystem::path& labels, const std::filesystem::path& data,
                                         RunControl& control, ProgressSink* progress = nullptr);

} // namespace engine
