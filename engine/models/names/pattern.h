#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace engine {

// What a pattern found in a name: two numbers, and whatever stands at its star.
struct NameParts {
    int i = -1; // -1: not bound
    int j = -1;
    std::string_view rest;
};

// Patterns of tensor names. "{i}" and "{j}" stand for numbers, "{i+1}" and "{2i+1}" for numbers made of them, "{i=0}"
// for a number that must be 0, "{i:j}" (and "{i:j+1}") for block j of stage i counted through all stages of so many
// blocks as `depths` says, "*" at the end for whatever follows.
[[nodiscard]] std::optional<NameParts> matchName(std::string_view pattern, std::string_view name,
                                                 std::span<const int> depths);
// The name that the pattern gives; none where a number is not to be had.
[[nodiscard]] std::optional<std::string> makeName(std::string_view pattern, const NameParts& parts,
                                                  std::span<const int> depths);

} // namespace engine
