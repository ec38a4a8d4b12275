#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// For each folder's name the class that it stands for: the one of this very name, else the only one that differs in
// case, spaces or Unicode composition alone where no other folder could stand for it as well.
[[nodiscard]] std::vector<std::optional<std::size_t>> matchClasses(const std::vector<std::string>& folders,
                                                                   const std::vector<std::string>& classes);

} // namespace engine
