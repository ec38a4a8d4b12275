#pragma once

#include "engine/api/catalog.h"
#include "engine/runs/parameterrow.h"

#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine {

// What rows of settings are made of. Texts that are no legal values throw Error(BadInput) with the key and what is.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator); // without spaces around
[[nodiscard]] double parseReal(const Parameter& p, std::string_view text);
[[nodiscard]] std::int64_t parseInteger(const Parameter& p, std::string_view text);
void requireChoice(const Parameter& p, std::string_view text);
[[nodiscard]] Parameter withChoices(Parameter p, std::vector<std::pair<std::string, std::string>> choices);
[[nodiscard]] Parameter withChoices(Parameter p, std::span<const NamedChoice> rows);

// Rows are made from a pointer to section and member; these four kinds are all there are.
template <typename Section>
ParameterRow textRow(Parameter p, Section Experiment::*section, std::string Section::*member) {
    return {std::move(p), [=](const Experiment& e) { return e.*section.*member; },
            [=](Experiment& e, const Parameter& q, std::string_view text) {
                if (q.type == ParameterType::Choice)
                    requireChoice(q, text);
                e.*section.*member = text;
            }};
}

template <typename Section>
ParameterRow integerRow(Parameter p, Section Experiment::*section, int Section::*member) {
    p.type = ParameterType::Integer;
    return {std::move(p), [=](const Experiment& e) { return std::to_string(e.*section.*member); },
            [=](Experiment& e, const Parameter& q, std::string_view text) {
                e.*section.*member = static_cast<int>(parseInteger(q, text));
            }};
}

template <typename Section>
ParameterRow realRow(Parameter p, Section Experiment::*section, double Section::*member) {
    p.type = ParameterType::Real;
    return {std::move(p), [=](const Experiment& e) { return fmt::format("{}", e.*section.*member); },
            [=](Experiment& e, const Parameter& q, std::string_view text) { e.*section.*member = parseReal(q, text); }};
}

template <typename Section>
ParameterRow listRow(Parameter p, Section Experiment::*section, std::vector<std::string> Section::*member,
                     char separator) {
    p.type = ParameterType::List;
    const std::string glue = separator == ',' ? ", " : std::string(1, separator);
    return {
        std::move(p), [=](const Experiment& e) { return fmt::format("{}", fmt::join(e.*section.*member, glue)); },
        [=](Experiment& e, const Parameter&, std::string_view text) { e.*section.*member = split(text, separator); }};
}

} // namespace engine
