#include "engine/runs/rowmakers.h"

#include "engine/api/error.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace engine {
namespace {

std::string rangeWords(const Parameter& p) {
    if (p.minimum && p.maximum)
        return fmt::format("between {:g} and {:g}", *p.minimum, *p.maximum);
    if (p.minimum)
        return fmt::format("of at least {:g}", *p.minimum);
    return p.type == ParameterType::Integer ? "without a fraction" : "like 0.001 or 1e-3";
}

[[noreturn]] void badNumber(const Parameter& p, std::string_view text) {
    throw Error(ErrorKind::BadInput, fmt::format("{} cannot be “{}”.", p.key, text),
                fmt::format("Give a{} number {}.", p.type == ParameterType::Integer ? " whole" : "", rangeWords(p)));
}

template <typename Rows>
void fillChoices(Parameter& p, const Rows& rows) {
    for (const NamedChoice& row : rows) {
        p.choices.push_back(row.name);
        p.choiceLabels.push_back(row.label);
    }
}

} // namespace

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        std::string_view part = text.substr(0, end);
        while (!part.empty() && part.front() == ' ')
            part.remove_prefix(1);
        while (!part.empty() && part.back() == ' ')
            part.remove_suffix(1);
        if (!part.empty())
            parts.emplace_back(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

double parseReal(const Parameter& p, std::string_view text) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) ||
        (p.minimum && value < *p.minimum) || (p.maximum && value > *p.maximum))
        badNumber(p, text);
    return value;
}

std::int64_t parseInteger(const Parameter& p, std::string_view text) {
    const double value = parseReal(p, text);
    if (value != std::floor(value) || std::abs(value) > 9e15)
        badNumber(p, text);
    return static_cast<std::int64_t>(value);
}

void requireChoice(const Parameter& p, std::string_view text) {
    if (std::ranges::find(p.choices, text) == p.choices.end())
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot be “{}”.", p.key, text),
                    fmt::format("Choose {}.", fmt::join(p.choices, ", ")));
}

Parameter withChoices(Parameter p, std::vector<std::pair<std::string, std::string>> choices) {
    p.type = ParameterType::Choice;
    for (auto& [value, label] : choices) {
        p.choices.push_back(std::move(value));
        p.choiceLabels.push_back(std::move(label));
    }
    return p;
}

Parameter withChoices(Parameter p, std::span<const NamedChoice> rows) {
    p.type = ParameterType::Choice;
    fillChoices(p, rows);
    return p;
}

} // namespace engine
