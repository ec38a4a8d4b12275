#pragma once

#include "engine/api/experiment.h"

#include <span>
#include <string>
#include <vector>

namespace engine {

// What [devices] use asks for that no machine has, or that a training cannot do.
[[nodiscard]] std::vector<Finding> deviceFindings(std::span<const std::string> use);
// The device of each rank that [devices] use asks for on a machine with so many GPUs: several GPUs by their names,
// "all" of them, or the CPU as often as it is named.
[[nodiscard]] std::vector<std::string> rankDevices(std::span<const std::string> use, std::size_t gpus);

} // namespace engine
