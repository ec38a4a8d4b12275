#pragma once

#include "engine/models/mapping.h"
#include "engine/models/rename.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace engine {

// The target that a name means, and how a tensor of some shape gets into it.
struct Placement {
    std::size_t target = 0;
    const NameTable* table = nullptr; // by which its name was translated; nullptr: it is the target's own
    int part = 0;
    int parts = 1;
    std::optional<Adaptation> adaptation; // none: its shape does not fit
};

// Looks up names of a file among the targets, as they are or by the rules for other libraries' names.
class Placements final {
public:
    explicit Placements(std::span<const TargetTensor> targets);
    [[nodiscard]] std::optional<Placement> find(std::string_view name, const std::vector<std::int64_t>& shape) const;
    [[nodiscard]] std::span<const TargetTensor> targets() const { return m_targets; }

private:
    std::span<const TargetTensor> m_targets;
    std::vector<NameRule> m_rules;
    std::unordered_map<std::string, std::size_t> m_byName;
};

// The side of the grid of position embeddings [1, 1 + g·g, C]; 0 where the shape is another.
[[nodiscard]] std::int64_t gridOf(const std::vector<std::int64_t>& shape);
[[nodiscard]] std::int64_t elementsOf(const TargetTensor& target);
[[nodiscard]] std::vector<std::int64_t> withoutOnes(std::vector<std::int64_t> shape);

} // namespace engine
