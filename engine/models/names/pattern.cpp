#include "engine/models/names/pattern.h"

#include <charconv>

namespace engine {
namespace {

constexpr int kLargest = 10000;

// What stands in a pattern's braces: factor · variable + offset, a number that must be so, or a counted block.
struct Term {
    char variable = 'i';
    int factor = 1;
    int offset = 0;
    int wanted = -1;
    bool counted = false;
};

std::optional<int> takeNumber(std::string_view& text) {
    int number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || number < 0 || number > kLargest)
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

// Takes "{…}" off the pattern's beginning.
Term takeTerm(std::string_view& pattern) {
    const std::size_t close = pattern.find('}');
    std::string_view inner = pattern.substr(1, close - 1);
    pattern.remove_prefix(close + 1);
    Term term;
    term.factor = takeNumber(inner).value_or(1);
    term.variable = inner.front();
    inner.remove_prefix(1);
    if (inner.starts_with(":j")) {
        term.counted = true;
        inner.remove_prefix(2);
    }
    if (inner.empty())
        return term;
    const char sign = inner.front();
    inner.remove_prefix(1);
    const int number = takeNumber(inner).value_or(0);
    if (sign == '=')
        term.wanted = number;
    else
        term.offset = sign == '-' ? -number : number;
    return term;
}

bool bindTo(int& variable, int value) {
    if (variable >= 0 && variable != value)
        return false;
    variable = value;
    return true;
}

bool bind(const Term& term, int number, NameParts& parts, std::span<const int> depths) {
    int value = number - term.offset;
    if (term.counted) {
        for (std::size_t stage = 0; value >= 0 && stage < depths.size(); ++stage) {
            if (value < depths[stage])
                return bindTo(parts.i, static_cast<int>(stage)) && bindTo(parts.j, value);
            value -= depths[stage];
        }
        return false;
    }
    if (value < 0 || value % term.factor != 0)
        return false;
    value /= term.factor;
    return (term.wanted < 0 || value == term.wanted) && bindTo(term.variable == 'i' ? parts.i : parts.j, value);
}

std::optional<int> numberOf(const Term& term, const NameParts& parts, std::span<const int> depths) {
    int value = term.variable == 'i' ? parts.i : parts.j;
    if (term.wanted >= 0 && value >= 0 && value != term.wanted)
        return std::nullopt;
    if (term.wanted >= 0)
        value = term.wanted;
    if (value < 0)
        return std::nullopt;
    value *= term.factor;
    if (term.counted) {
        if (static_cast<std::size_t>(parts.i) >= depths.size() || parts.j < 0 ||
            parts.j >= depths[static_cast<std::size_t>(parts.i)])
            return std::nullopt;
        value = parts.j;
        for (const int depth : depths.first(static_cast<std::size_t>(parts.i)))
            value += depth;
    }
    value += term.offset;
    return value < 0 ? std::nullopt : std::optional(value);
}

} // namespace

std::optional<NameParts> matchName(std::string_view pattern, std::string_view name, std::span<const int> depths) {
    NameParts parts;
    while (!pattern.empty()) {
        if (pattern.front() == '*') {
            parts.rest = name;
            return name.empty() ? std::nullopt : std::optional(parts);
        }
        if (pattern.front() == '{') {
            const Term term = takeTerm(pattern);
            const auto number = takeNumber(name);
            if (!number || !bind(term, *number, parts, depths))
                return std::nullopt;
            continue;
        }
        if (name.empty() || name.front() != pattern.front())
            return std::nullopt;
        name.remove_prefix(1);
        pattern.remove_prefix(1);
    }
    return name.empty() ? std::optional(parts) : std::nullopt;
}

std::optional<std::string> makeName(std::string_view pattern, const NameParts& parts, std::span<const int> depths) {
    std::string name;
    while (!pattern.empty()) {
        if (pattern.front() == '*')
            return name.append(parts.rest);
        if (pattern.front() == '{') {
            const auto number = numberOf(takeTerm(pattern), parts, depths);
            if (!number)
                return std::nullopt;
            name += std::to_string(*number);
            continue;
        }
        name += pattern.front();
        pattern.remove_prefix(1);
    }
    return name;
}

} // namespace engine
