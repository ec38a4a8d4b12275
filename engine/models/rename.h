#pragma once

#include "engine/models/mapping.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine {

// Where a tensor goes: the whole target, or part `part` of `parts` equal ones along its first dimension.
struct Renamed {
    Renamed(std::string name) : target(std::move(name)) {}
    Renamed(std::string name, int which, int of) : target(std::move(name)), part(which), parts(of) {}

    std::string target;
    int part = 0;
    int parts = 1;
};

// Translates the names of one library into those of another.
struct RenameRule {
    std::string name; // as reported
    std::function<std::optional<Renamed>(std::string_view)> rename;
};

// The rules that could serve these targets, in the order in which they are tried.
[[nodiscard]] std::vector<RenameRule> renameRules(std::span<const TargetTensor> targets);

} // namespace engine
