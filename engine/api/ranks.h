#pragma once

#include "engine/api/train.h"

#include <filesystem>
#include <vector>

namespace engine {

// One rank of a training that several processes make together, as torchrun, Open MPI, Slurm or train() itself started
// it: it finds the others by what stands in its environment. The first rank alone writes into the run's folder, and
// obeys what is asked of the run there; the others tell in ranks/ that they live. Blocks; any thread. Throws Error,
// Error(BadInput) where the environment does not say which rank this is.
RunSummary trainRank(const std::filesystem::path& runFolder, RunControl& control, ProgressSink* progress = nullptr,
                     const std::vector<ChangedSetting>& changes = {});

} // namespace engine
