#pragma once

#include "engine/api/deviceclaims.h"
#include "engine/api/experiment.h"
#include "engine/api/progress.h"
#include "engine/api/run.h"
#include "engine/api/runcontrol.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace engine {

// Makes `<project>/runs/<time>-<name>/` with its experiment.toml and returns it; nothing is trained yet, so that the
// window can show the run as queued. Throws Error(DiskFull | BadInput). Any thread.
[[nodiscard]] std::filesystem::path createRun(const Experiment& experiment, const std::filesystem::path& runsFolder);

// The same in a folder of one's own choice, which must be new or empty; its absolute path. Throws Error(BadInput) where
// it is not: of several who ask at the same time one gets it, and the others leave nothing behind.
std::filesystem::path createRunAt(const Experiment& experiment, const std::filesystem::path& folder);
// The folder of a run to be made there, absolute. Throws Error(BadInput) where something is there already.
[[nodiscard]] std::filesystem::path requireFree(const std::filesystem::path& folder);

// A setting that is another from now on, as in setParameterValue().
struct ChangedSetting {
    std::string key;
    std::string value;
};

// How train() would go on with a run.
struct ResumePlan {
    std::int64_t fromStep = -1; // −1: there is nothing to go on from, it begins anew
    std::vector<std::string>
        notes; // what to know before, a sentence each: damage passed over, how the schedule goes on
    // The learning rate over the whole run as it would be then, as TrainSettings::parts has it.
    std::vector<SchedulePart> schedule;
    std::int64_t stepsPerEpoch = 0;
};
// Throws Error(BadInput) that names a setting which cannot change any more and says why, Error(BadWeights | NotFound)
// where there were checkpoints and none is whole. Reads no picture. Any thread.
[[nodiscard]] ResumePlan planResume(const std::filesystem::path& runFolder, const std::vector<ChangedSetting>& changes);

// Trains the experiment of the run folder until its epochs are done or `control` stops it; everything it has to say is
// appended to the run folder. A folder that holds checkpoints is resumed from the newest that is whole, with `changes`,
// which are recorded. Until the first step is done a run that goes on stays what it was.
//
// Blocks; call it on any thread, one run at a time per process. A stop is not an error: the outcome's state is Stopped
// and the run can be resumed. Throws Error (also recorded as the run's failure); never lets a foreign exception out.
RunSummary train(const std::filesystem::path& runFolder, RunControl& control, ProgressSink* progress,
                 const std::vector<ChangedSetting>& changes);
// The same where nothing changes but, with `epochs` > 0, the planned number of epochs.
RunSummary train(const std::filesystem::path& runFolder, RunControl& control, ProgressSink* progress = nullptr,
                 int epochs = 0);

// Where a training happens.
struct Placement {
    // One of the ranks each: "cuda:1". Empty: what the experiment asks for, of GPUs those that nobody uses now.
    std::vector<std::string> devices;
    DeviceClaims claims; // that hold them
    // Several trainings at once each need a process; more than one rank always has one each.
    enum class In { ThisProcess, ItsOwn } in = In::ThisProcess;
};
// As train(), on these devices, which an event tells where the experiment leaves them open. Throws Error(Device) where
// fewer GPUs are free than the experiment wants; the run then stays what it was.
RunSummary trainOn(Placement placement, const std::filesystem::path& runFolder, RunControl& control,
                   ProgressSink* progress, const std::vector<ChangedSetting>& changes);

// Validation of a finished run's best checkpoint on its own validation data, or on `data` (a folder of class folders).
struct Evaluation {
    std::string task;
    std::map<std::string, double> values; // metric → value: "loss", "accuracy", …
    std::int64_t samples = 0;
    std::vector<std::string> classes;
    std::map<std::string, std::vector<double>> perClass; // metric → of each class; NaN where it has no sample
    std::vector<std::vector<std::int64_t>> confusion;    // [true][predicted]; empty where samples have no one class
    double seconds = 0;
    std::int64_t leftOut = 0;       // pictures that belong to no class of the model
    std::vector<std::string> notes; // sentences: which folders were left out, which taken for which class
};
[[nodiscard]] Evaluation evaluate(const std::filesystem::path& runFolder, const std::filesystem::path& data,
                                  RunControl& control, ProgressSink* progress = nullptr);
// Likewise for weights with their own head, of however many classes, on a folder of class folders; the arguments as in
// Predictor::fromBackbone(). Throws Error(BadInput) also where nothing names the classes.
[[nodiscard]] Evaluation evaluateWeights(const std::string& backbone, const std::filesystem::path& weights,
                                         const std::filesystem::path& labels, const std::filesystem::path& data,
                                         RunControl& control, ProgressSink* progress = nullptr);

} // namespace engine
