#include "engine/models/placement.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <span>

namespace engine {
namespace {

bool resampled(const TargetTensor& target, const std::vector<std::int64_t>& shape) {
    return (target.name == "pos_embed" || target.name.ends_with("pos_embedding")) && target.shape != shape &&
           gridOf(target.shape) > 0 && gridOf(shape) > 0 && target.shape[2] == shape[2];
}

// The one convolution that looks at the pixels: [out, 3, h, w] in the backbone, [out, 1 or 4, h, w] in the file.
bool otherChannels(const TargetTensor& target, const std::vector<std::int64_t>& stored) {
    const auto& wanted = target.shape;
    return wanted.size() == 4 && stored.size() == 4 && wanted[1] == 3 && (stored[1] == 1 || stored[1] == 4) &&
           wanted[0] == stored[0] && wanted[2] == stored[2] && wanted[3] == stored[3];
}

bool isPart(const TargetTensor& target, std::vector<std::int64_t> shape, int parts) {
    if (parts < 2 || shape.empty())
        return false;
    shape[0] *= parts;
    return shape == target.shape;
}

std::int64_t product(std::span<const std::int64_t> shape) {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies());
}

// The same numbers in the same order: a layer as a convolution over one pixel or over all of them, an index as a list.
bool sameNumbers(const TargetTensor& target, const std::vector<std::int64_t>& shape) {
    if (product(target.shape) != product(shape))
        return false;
    const bool sameFirst = !shape.empty() && !target.shape.empty() && shape.front() == target.shape.front();
    return sameFirst || !target.parameter || withoutOnes(target.shape) == withoutOnes(shape);
}

std::optional<Adaptation> adaptationOf(const TargetTensor& target, const std::vector<std::int64_t>& shape,
                                       const Placement& placement) {
    if (resampled(target, shape))
        return Adaptation::Positions;
    if (otherChannels(target, shape))
        return Adaptation::InputChannels;
    const bool renamed = placement.table != nullptr;
    if (renamed && placement.parts > 1)
        return isPart(target, shape, placement.parts) ? std::optional(Adaptation::Part) : std::nullopt;
    if (target.shape == shape)
        return Adaptation::AsIs;
    if (renamed && sameNumbers(target, shape))
        return Adaptation::Viewed;
    return std::nullopt;
}

} // namespace

std::int64_t gridOf(const std::vector<std::int64_t>& shape) {
    if (shape.size() != 3 || shape[0] != 1 || shape[1] < 2)
        return 0;
    const auto side = std::llround(std::sqrt(static_cast<double>(shape[1] - 1)));
    return side * side == shape[1] - 1 ? side : 0;
}

std::int64_t elementsOf(const TargetTensor& target) { return product(target.shape); }

std::vector<std::int64_t> withoutOnes(std::vector<std::int64_t> shape) {
    std::erase(shape, 1);
    return shape;
}

Placements::Placements(std::span<const TargetTensor> targets) : m_targets(targets), m_rules(renameRules(targets)) {
    for (std::size_t i = 0; i < targets.size(); ++i)
        m_byName.emplace(targets[i].name, i);
}

std::optional<Placement> Placements::find(std::string_view name, const std::vector<std::int64_t>& shape) const {
    const auto placed = [&](std::size_t target, const NameTable* table, int part, int parts) {
        Placement placement{.target = target, .table = table, .part = part, .parts = parts};
        placement.adaptation = adaptationOf(m_targets[target], shape, placement);
        return placement;
    };
    if (const auto found = m_byName.find(std::string(name)); found != m_byName.end())
        return placed(found->second, nullptr, 0, 1);
    std::optional<Placement> first; // whose shape does not fit
    for (const NameRule& rule : m_rules) {
        for (const Renamed& renamed : rule.targetsOf(name)) {
            const auto found = m_byName.find(renamed.target);
            if (found == m_byName.end())
                continue;
            Placement placement = placed(found->second, &rule.table(), renamed.part, renamed.parts);
            if (placement.adaptation)
                return placement;
            if (!first)
                first = placement;
        }
    }
    return first;
}

} // namespace engine
