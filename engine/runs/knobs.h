#pragma once

#include "engine/api/knobs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// What a training takes up between two steps.
struct StepRequest {
    enum class Kind { Set, Checkpoint, StopAfterEpoch, GoOnAfterEpoch };
    Kind kind = Kind::Set;
    std::vector<ChangedSetting> settings = {}; // knobs to set
};

// Adds what is set from `step` on. A value that counts already adds nothing. Throws Error(BadInput) that names what is
// no knob or what value cannot be; then nothing is added.
void setKnobs(Knobs& knobs, const Experiment& experiment, const std::vector<ChangedSetting>& settings,
              std::int64_t step);
// As a whole or not at all. Throws Error(DiskFull | BadInput).
void writeKnobs(const Knobs& knobs, const std::filesystem::path& runFolder);

// What the record says where a training is asked to stop behind an epoch, and where that is taken back.
[[nodiscard]] std::string stopWords(int epoch);
[[nodiscard]] std::string goOnWords(int epoch);

// Requests as one text, in which the first of several ranks tells them to the others.
[[nodiscard]] std::string requestText(const std::vector<StepRequest>& requests);
[[nodiscard]] std::vector<StepRequest> requestsIn(const std::string& text);

} // namespace engine
