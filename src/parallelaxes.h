#pragma once

#include "engine/api/experiment.h"
#include "engine/api/run.h"
#include "ui/compare/paralleldata.h"

#include <vector>

namespace app {

// An axis for each setting in which the experiments differ: numbers as numbers, on a logarithmic axis where they span a
// power of ten, all others as words.
[[nodiscard]] QList<ui::ParallelAxis> settingAxes(const std::vector<engine::Experiment>& experiments);
// Time, the least loss, and the best of what the first run is judged by, as far as runs have them.
[[nodiscard]] QList<ui::ParallelAxis> resultAxes(const std::vector<const engine::RunSummary*>& runs);

} // namespace app
