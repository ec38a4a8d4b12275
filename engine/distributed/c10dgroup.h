#pragma once

#include "engine/distributed/processgroup.h"
#include "engine/distributed/rendezvous.h"

namespace engine {

// Joins the ranks that meet there, over torch's c10d: a TCP store to find each other, Gloo for what lies in main memory
// and NCCL for what lies on GPUs. Blocks until all of them have come; throws Error(Device) where they do not within a
// minute. A rank is a process; the group is the first thing that it makes.
[[nodiscard]] std::unique_ptr<ProcessGroup> joinGroup(const Rendezvous& rendezvous);

} // namespace engine
