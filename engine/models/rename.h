#pragma once

#include "engine/models/mapping.h"
#include "engine/models/names/table.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Where a tensor goes: the whole target, or part `part` of `parts` equal ones along its first dimension.
struct Renamed {
    std::string target;
    int part = 0;
    int parts = 1;
};

// How another library calls a tensor, or a part of it, and how it shapes it.
struct OtherName {
    std::string name;
    Form form = Form::Same;
    int part = 0;
    int parts = 1;
};

// Translates the names of one library into those of a backbone and back.
class NameRule final {
public:
    NameRule(const NameTable& table, const NameTable* base, std::vector<int> depths)
        : m_table(&table), m_base(base), m_depths(std::move(depths)) {}

    [[nodiscard]] const NameTable& table() const { return *m_table; }
    // The targets that a file's tensor could mean, best first.
    [[nodiscard]] std::vector<Renamed> targetsOf(std::string_view name) const;
    // The tensors that a target becomes in that library's files: none where it does not keep it, nothing where the
    // table does not know it.
    [[nodiscard]] std::optional<std::vector<OtherName>> othersOf(std::string_view target) const;

private:
    [[nodiscard]] std::optional<std::string> fromBase(const std::string& name) const;
    [[nodiscard]] std::optional<std::string> toBase(std::string_view name) const;

    const NameTable* m_table;
    const NameTable* m_base;
    std::vector<int> m_depths;
};

// The rules that could serve these targets, in the order in which they are tried.
[[nodiscard]] std::vector<NameRule> renameRules(std::span<const TargetTensor> targets);
// Whose names these are; Unknown where only this backbone has them.
[[nodiscard]] Library ownLibrary(std::span<const TargetTensor> targets);

} // namespace engine
