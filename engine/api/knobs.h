#pragma once

#include "engine/api/train.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Knobs: settings that a training under way follows from its next step on. What was set stands in the run's folder with
// its step, so that a run goes on with it, and another one can repeat it.

// Step `fromStep` (0-based) is the first that is made with it.
struct Knob {
    std::int64_t fromStep = 0;
    std::string key;   // one of knobKeys()
    std::string value; // as in setParameterValue()
    double factor = 1; // of the learning rate: what the schedule is multiplied by from here on

    bool operator==(const Knob&) const = default;
};
using Knobs = std::vector<Knob>; // by their steps

// The settings that are knobs, in the order of the form. Any thread.
[[nodiscard]] std::span<const std::string_view> knobKeys();

// Of a run; none where none was set. Throws Error(BadInput) where their file is damaged. Any thread.
[[nodiscard]] Knobs readKnobs(const std::filesystem::path& runFolder);
// The value that a knob has for a step, as text: that of the experiment where none was set. Any thread.
[[nodiscard]] std::string knobValue(const Experiment& experiment, const Knobs& knobs, std::string_view key,
                                    std::int64_t step);
// By what the schedule is multiplied for a step. A schedule that begins with a resume begins without. Any thread.
[[nodiscard]] double learningRateKnob(const TrainSettings& settings, const Knobs& knobs, std::int64_t step);
// "Learning rate 0.001 → 0.0005". Any thread.
[[nodiscard]] std::string words(const Experiment& experiment, const Knobs& knobs, const Knob& knob);
// The last one that was not taken back yet, and what takes it back: the value that counted before. Any thread.
struct KnobUndo {
    Knob undone;
    ChangedSetting setting;
};
[[nodiscard]] std::optional<KnobUndo> undoOfKnobs(const Experiment& experiment, const Knobs& knobs);

// Whether a run that is trained was asked to stop behind its present epoch, as its events say. Any thread.
[[nodiscard]] bool stopsAfterEpoch(const std::vector<RunEvent>& events);

// Asks the process that trains the run to set knobs with its next step; what came of it is an event of the run. Throws
// Error(BadInput) where nobody trains it, for what is no knob and for values that cannot be, and then nothing is asked;
// Error(DiskFull). Any thread.
void sendKnobs(const std::filesystem::path& runFolder, const std::vector<ChangedSetting>& settings);
// Makes a run that is not trained yet repeat the knobs of another at the same steps. Throws Error(DiskFull | BadInput).
void repeatKnobs(const std::filesystem::path& from, const std::filesystem::path& runFolder);

} // namespace engine
