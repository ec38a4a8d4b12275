#pragma once

#include "engine/api/runcontrol.h"
#include "src/freezeedit.h"

#include <filesystem>

namespace app {

// The freeze plan of a run as its folder has it.
struct RunPlan {
    engine::Experiment experiment;
    int classes = 1;
    Tree tree;
    Plan outcomes;
    HandPlan hand;
};

// Throws engine::Error: no such folder, a plan that never worked. Blocks, for milliseconds; any thread.
[[nodiscard]] RunPlan readRunPlan(const std::filesystem::path& runFolder, int classes);
// What makes the run go on as `wanted` from `fromEpoch` on. Throws engine::Error: nobody could follow that plan.
// Likewise.
[[nodiscard]] engine::FreezeChange changeTo(const RunPlan& held, const HandPlan& wanted, int fromEpoch);

} // namespace app
