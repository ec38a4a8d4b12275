#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine {

// The candidates by their edit distance from `name`, the `count` nearest: for "did you mean".
[[nodiscard]] std::vector<std::string> nearestNames(std::string_view name, std::vector<std::string> candidates,
                                                    std::size_t count = 3);

} // namespace engine
