#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace engine {

// Which of these files are held back for validation: the same share of every set, chosen by their names and the seed,
// at least one and not all where there are two.
[[nodiscard]] std::vector<char> heldBack(const std::vector<std::string>& files, double share, std::uint64_t seed);

} // namespace engine
