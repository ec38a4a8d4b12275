#pragma once

#include "engine/api/train.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// The ranks of a training on this machine.
struct RankPlan {
    std::vector<std::string> devices; // one a rank: "cuda:1", or "cpu" as often as there are ranks
    std::vector<int> shared;          // open files that the ranks hold as well, as long as they live
};

// Trains with ranks that are processes of their own ("thaw worker"), and watches them: a rank that dies or stands
// still is named, the others end, and the run goes on from its last checkpoint, twice at most by itself. What is asked
// of `control` is handed on to the first rank, and its progress to `progress`; what rankremedy.h asks is obeyed.
// Blocks; any thread. Throws Error.
RunSummary trainInProcesses(const std::filesystem::path& runFolder, RankPlan plan, RunControl& control,
                            ProgressSink* progress, const std::vector<ChangedSetting>& changes);

} // namespace engine
