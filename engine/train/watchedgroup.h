#pragma once

#include "engine/distributed/processgroup.h"
#include "engine/runs/rankpulse.h"

#include <memory>

namespace engine {

// A process group whose calls the pulse shows as communicating, for as long as the caller waits for the other ranks: a
// GPU's calls are queued and take no time. Outlived by both.
[[nodiscard]] std::unique_ptr<ProcessGroup> watchedGroup(ProcessGroup& group, RankPulse& pulse);

} // namespace engine
