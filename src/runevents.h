#pragma once

#include "engine/api/run.h"

#include <QString>

#include <span>
#include <string>
#include <vector>

// What the events of a run's record mean to people.
namespace app {

// What a person should look at: a warning, or a wish that was not followed.
[[nodiscard]] bool isWarning(const engine::RunEvent& event);
// For each event whether it tells that a phase of the freeze plan began; `begins`: the epochs in which phases do.
// Records of earlier versions call other news of the frozen part, of weights and of batches phases as well.
[[nodiscard]] std::vector<bool> phasesBegun(const std::vector<engine::RunEvent>& events, std::span<const int> begins);
// "freeze" of a proof, "note" of what is no phase: the same word wherever a log is shown.
[[nodiscard]] QString eventWord(const engine::RunEvent& event, bool beginsPhase);
// "step 80,000" for "step 80000", kept on one line.
[[nodiscard]] QString withGroupedSteps(QString text);
// With a capital, unless it begins with a name: of a file, a tensor, a class.
[[nodiscard]] QString asSentence(QString text);

} // namespace app
