#pragma once

#include "engine/api/experiment.h"
#include "engine/api/ranks.h"

#include <span>
#include <string>
#include <vector>

namespace engine {

// What [devices] use asks for that no machine has, or that a training cannot do.
[[nodiscard]] std::vector<Finding> deviceFindings(std::span<const std::string> use);

} // namespace engine
