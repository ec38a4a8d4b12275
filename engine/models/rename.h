#pragma once

#include "engine/models/mapping.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Translates the names of one library into those of another.
struct RenameRule {
    std::string name; // as reported
    std::function<std::optional<std::string>(std::string_view)> rename;
};

// The rules that could serve these targets, in the order in which they are tried.
[[nodiscard]] std::vector<RenameRule> renameRules(std::span<const TargetTensor> targets);

} // namespace engine
