#pragma once

#include "engine/api/experiment.h"
#include "engine/freeze/layout.h"

#include <vector>

namespace engine {

// The phases that the settings stand for in a run of so many epochs; those of by-hand as they are. Phases that would
// begin after the last epoch are left out. Throws Error(BadInput): no such preset.
[[nodiscard]] std::vector<FreezePhase> phasesOf(const FreezeSettings& settings, int epochs,
                                                const BackboneLayout& layout);

// The plan of a run under way when it is to go on otherwise: phases before `fromEpoch` as they were, from there on
// those of `future`.
[[nodiscard]] std::vector<FreezePhase> joinedPlan(const std::vector<FreezePhase>& past,
                                                  const std::vector<FreezePhase>& future, int fromEpoch);

} // namespace engine
