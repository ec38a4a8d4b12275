#pragma once

#include "engine/api/knobs.h"
#include "engine/api/train.h"
#include "engine/data/imagefolder.h"
#include "engine/freeze/freezeplan.h"
#include "engine/runs/checkpoints.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// Where a run goes on.
struct ResumePoint {
    RunCheckpoint checkpoint;
    std::vector<DamagedCheckpoint> passedOver; // newer ones
};

// The newest checkpoint that is whole, every byte of it read; none where the run never wrote one (`writtenStep` −1).
// Throws Error(BadWeights | NotFound) where it did and none is left.
[[nodiscard]] std::optional<ResumePoint> findResumePoint(const std::filesystem::path& runFolder,
                                                         std::int64_t writtenStep);
[[nodiscard]] std::string words(const DamagedCheckpoint& passedOver, const RunCheckpoint& instead);
// Gives damaged checkpoints another name, so that nothing takes them for newer than what is written from now on.
void setAside(const ResumePoint& point);

// Carries out `changes` on the experiment of a run; with `trained`, only those that a training under way can follow.
// Throws Error(BadInput) that names the setting and says why. What changed, in words: "Learning rate 0.001 → 0.0005".
[[nodiscard]] std::vector<std::string> applyChanges(Experiment& experiment, const std::vector<ChangedSetting>& changes,
                                                    bool trained);

// What is given for the rest of a run counts from `step` on, whatever was set while it was trained.
void dropKnobs(Knobs& knobs, const std::vector<ChangedSetting>& changes, std::int64_t step);
// Behind the beginning of a schedule that goes on from a learning rate which knobs had multiplied by `factor` already.
void countFrom(Knobs& knobs, std::int64_t begin, double factor);

// A run that has begun keeps the epochs in which it thaws, however many there are to be now.
void keepThawing(Experiment& experiment, const Experiment& before);
// Throws Error(BadInput) where the run has more epochs behind it than it is to have.
void requireEpochsLeft(const Experiment& experiment, int done);

// How far a run has come and how many steps it was and is to have.
struct RunExtent {
    std::int64_t step = 0;
    std::int64_t stepsBefore = 0;
    std::int64_t stepsNow = 0;
    std::int64_t stepsPerEpoch = 1;
    double factor = 1; // what knobs multiply the schedule by there
};

// The steps that a run was to have, as its experiment has it, else as its record says.
[[nodiscard]] std::int64_t plannedSteps(const Experiment& experiment, std::int64_t recorded);

// Makes the schedule go on from where it stands where the number of steps is another now: while it still rises or is
// constant it is stretched, else it falls from its present learning rate to zero over the steps that are left. Where a
// setting of the schedule is among `changes`, a new one begins instead. Returns what it does, in one or two sentences;
// empty where everything stays.
[[nodiscard]] std::string continueSchedule(Experiment& experiment, const Experiment& before,
                                           const FreezePlan::Phase& phase, const RunExtent& extent,
                                           const std::vector<ChangedSetting>& changes);

// What the data was when a run's environment was recorded.
struct RecordedData {
    std::string fingerprint;
    std::size_t train = 0;
    std::size_t validation = 0;
    std::vector<std::pair<std::string, std::string>> classes; // name, fingerprint of some pictures
};
[[nodiscard]] std::optional<RecordedData> recordedData(const std::filesystem::path& runFolder);
// Of a few pictures of each class, the same wherever the class's folder lies and whatever it is called.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> classFingerprints(const ImageFolder& data);

// Throws Error(BadInput) where the classes are others than the model's, or their pictures have changed places. Returns
// a sentence where the pictures are others; empty: they are the same, or nothing is known of them.
[[nodiscard]] std::string compareData(const ImageFolder& data, const std::vector<std::string>& modelClasses,
                                      const std::optional<RecordedData>& recorded);

} // namespace engine
