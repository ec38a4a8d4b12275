#pragma once

#include "engine/api/experiment.h"
#include "engine/api/ranks.h"

#include <span>
#include <string>
#include <vector>

namespace engine {

// What [devices] use asks for that no machine has, or that a training cannot do.
[[nodiscard]] std::vector<Finding> deviceFindings(std::span<const std::string> use);
// A GPU by its number, each once; "cpu" as often as it is named.
[[nodiscard]] std::vector<std::string> namedDevices(std::span<const std::string> use);
// N of "next:N"; 0: it is none.
[[nodiscard]] std::size_t nextFree(const std::string& name);

} // namespace engine
