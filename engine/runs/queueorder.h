#pragma once

#include "engine/api/queue.h"

#include <optional>
#include <string>
#include <vector>

namespace engine {

inline constexpr const char* kCpuLane = "cpu";

// Which of those that wait begins, and where.
struct QueueChoice {
    std::size_t place = 0;
    std::vector<std::string> devices; // "cpu", or GPUs; empty: those it names are not there, which its training says
};
// By the rule of queue.h; nothing: none can begin. `now`: seconds since 1970.
[[nodiscard]] std::optional<QueueChoice> chooseNext(const QueueState& queue, const GpuMachine& machine, double now);
// Of the run's experiment, with the changes that it takes.
[[nodiscard]] DeviceWish wishOf(const QueuedRun& run, std::size_t gpus);

} // namespace engine
