#pragma once

#include "engine/api/train.h"

#include <filesystem>
#include <vector>

namespace engine {

// Trains with so many ranks on this machine, each a process of its own ("thaw worker"), and watches them: a rank that
// dies or stands still is named, the others end, and the run goes on from its last checkpoint, twice at most. What is
// asked of `control` is handed on to the first rank, and its progress to `progress`. Blocks; any thread. Throws Error.
RunSummary trainInProcesses(const std::filesystem::path& runFolder, int ranks, RunControl& control,
                            ProgressSink* progress, const std::vector<ChangedSetting>& changes);

} // namespace engine
