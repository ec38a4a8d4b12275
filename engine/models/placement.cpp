#include "engine/models/placement.h"

#include <cmath>

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

std::optional<Adaptation> adaptationOf(const TargetTensor& target, const std::vector<std::int64_t>& shape,
                                       const Placement& placement) {
    if (resampled(target, shape))
        return Adaptation::Positions;
    if (otherChannels(target, shape))
        return Adaptation::InputChannels;
    const bool renamed = !placement.rule.empty();
    if (renamed && isPart(target, shape, placement.parts))
        return Adaptation::Part;
    if (target.shape == shape)
        return Adaptation::AsIs;
    if (renamed && placement.parts == 1 && withoutOnes(target.shape) == withoutOnes(shape))
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

std::int64_t elementsOf(const TargetTensor& target) {
    std::int64_t product = 1;
    for (const std::int64_t size : target.shape)
        product *= size;
    return product;
}

std::vector<std::int64_t> withoutOnes(std::vector<std::int64_t> shape) {
    std::erase(shape, 1);
    return shape;
}

Placements::Placements(std::span<const TargetTensor> targets) : m_targets(targets), m_rules(renameRules(targets)) {
    for (std::size_t i = 0; i < targets.size(); ++i)
        m_byName.emplace(targets[i].name, i);
}

std::optional<Placement> Placements::find(std::string_view name, const std::vector<std::int64_t>& shape) const {
    Placement placement;
    auto found = m_byName.find(std::string(name));
    for (auto rule = m_rules.begin(); found == m_byName.end() && rule != m_rules.end(); ++rule) {
        const auto renamed = rule->rename(name);
        found = renamed ? m_byName.find(renamed->target) : m_byName.end();
        if (found != m_byName.end()) {
            placement.rule = rule->name;
            placement.part = renamed->part;
            placement.parts = renamed->parts;
        }
    }
    if (found == m_byName.end())
        return std::nullopt;
    placement.target = found->second;
    placement.adaptation = adaptationOf(m_targets[placement.target], shape, placement);
    return placement;
}

} // namespace engine
