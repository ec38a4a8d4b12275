#include "engine/models/rename.h"

#include "engine/models/names/pattern.h"

#include <algorithm>

namespace engine {
namespace {

const FamilyNames* familyOf(std::span<const TargetTensor> targets) {
    const auto serves = [targets](const FamilyNames& family) {
        return std::ranges::any_of(targets, [&](const TargetTensor& target) { return target.name == family.has; });
    };
    const auto families = familyNames();
    const auto found = std::ranges::find_if(families, serves);
    return found == families.end() ? nullptr : &*found;
}

// How many blocks.I.J there are for each I.
std::vector<int> depthsOf(std::span<const TargetTensor> targets) {
    std::vector<int> depths;
    for (const TargetTensor& target : targets) {
        const auto parts = matchName("blocks.{i}.{j}.*", target.name, {});
        if (!parts)
            continue;
        depths.resize(std::max(depths.size(), static_cast<std::size_t>(parts->i) + 1));
        int& depth = depths[static_cast<std::size_t>(parts->i)];
        depth = std::max(depth, parts->j + 1);
    }
    return depths;
}

// The name with the model's own before it as the table has it, and as it stands.
std::vector<std::string> spellings(std::string_view name, const NameTable& table) {
    std::vector<std::string> all{std::string(name)};
    if (table.models.empty())
        return all;
    const auto model = std::ranges::find_if(table.models, [name](auto one) { return name.starts_with(one); });
    const std::string_view rest = model == table.models.end() ? name : name.substr(model->size());
    all.push_back(std::string(table.models.front()).append(rest));
    return all;
}

} // namespace

std::optional<std::string> NameRule::fromBase(const std::string& name) const {
    if (m_base == nullptr)
        return name;
    for (const NamePair& pair : m_base->pairs)
        if (const auto parts = matchName(pair.own, name, m_depths))
            return makeName(pair.other, *parts, m_depths);
    return std::nullopt;
}

std::optional<std::string> NameRule::toBase(std::string_view name) const {
    if (m_base == nullptr)
        return std::string(name);
    for (const NamePair& pair : m_base->pairs)
        if (const auto parts = matchName(pair.other, name, m_depths))
            return makeName(pair.own, *parts, m_depths);
    return std::nullopt;
}

std::vector<Renamed> NameRule::targetsOf(std::string_view name) const {
    std::vector<Renamed> targets;
    for (const std::string& spelling : spellings(name, *m_table)) {
        for (const NamePair& pair : m_table->pairs) {
            const auto parts = pair.other.empty() ? std::nullopt : matchName(pair.other, spelling, m_depths);
            const auto own = parts ? makeName(pair.own, *parts, m_depths) : std::nullopt;
            if (auto target = own ? fromBase(*own) : std::nullopt)
                targets.push_back({std::move(*target), pair.part, pair.parts});
        }
    }
    return targets;
}

std::optional<std::vector<OtherName>> NameRule::othersOf(std::string_view target) const {
    const auto own = toBase(target);
    if (!own)
        return std::nullopt;
    std::vector<OtherName> others;
    for (const NamePair& pair : m_table->pairs) {
        const auto parts = matchName(pair.own, *own, m_depths);
        if (!parts)
            continue;
        if (pair.other.empty())
            return std::vector<OtherName>();
        auto name = makeName(pair.other, *parts, m_depths);
        if (!name)
            continue;
        others.push_back({std::move(*name), pair.form, pair.part, pair.parts});
        if (static_cast<int>(others.size()) == pair.parts)
            return others;
    }
    return std::nullopt;
}

std::vector<NameRule> renameRules(std::span<const TargetTensor> targets) {
    std::vector<NameRule> rules;
    const FamilyNames* family = familyOf(targets);
    if (family == nullptr)
        return rules;
    const std::vector<int> depths = family->depths.empty() ? depthsOf(targets) : family->depths;
    for (const NameTable* table : family->tables)
        rules.emplace_back(*table, family->base, depths);
    return rules;
}

Library ownLibrary(std::span<const TargetTensor> targets) {
    const FamilyNames* family = familyOf(targets);
    return family == nullptr ? Library::Unknown : family->own;
}

} // namespace engine
