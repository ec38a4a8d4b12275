#include "engine/data/shards/braces.h"

#include "engine/api/error.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace engine {
namespace {

constexpr std::size_t kMostTexts = 1'000'000;

[[noreturn]] void failTooMany(const std::string& text) {
    throw Error(ErrorKind::BadInput, fmt::format("“{}” stands for more than a million names.", text),
                "Choose a smaller range.");
}

std::optional<std::uint64_t> numberIn(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return code == std::errc() && stop == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
}

// "000..123" or "x,y"; nothing where the braces are part of a name.
std::optional<std::vector<std::string>> choicesIn(std::string_view inside, const std::string& text) {
    std::vector<std::string> choices;
    if (const std::size_t dots = inside.find(".."); dots != std::string_view::npos) {
        const auto first = numberIn(inside.substr(0, dots)), last = numberIn(inside.substr(dots + 2));
        if (!first || !last || *last < *first)
            return std::nullopt;
        if (*last - *first >= kMostTexts)
            failTooMany(text);
        const bool padded = inside.front() == '0' && dots > 1;
        for (std::uint64_t number = *first; number <= *last; ++number)
            choices.push_back(fmt::format("{:0{}}", number, padded ? dots : 1));
        return choices;
    }
    if (inside.find(',') == std::string_view::npos)
        return std::nullopt;
    for (std::size_t begin = 0; begin <= inside.size();) {
        const std::size_t end = std::min(inside.find(',', begin), inside.size());
        choices.emplace_back(inside.substr(begin, end - begin));
        begin = end + 1;
    }
    return choices;
}

struct Braces {
    std::size_t open = 0, close = 0;
    std::vector<std::string> choices;
};

std::optional<Braces> firstBraces(const std::string& text) {
    for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
        const std::size_t close = text.find('}', open);
        if (close == std::string::npos)
            return std::nullopt;
        if (auto choices = choicesIn(std::string_view(text).substr(open + 1, close - open - 1), text))
            return Braces{open, close, std::move(*choices)};
    }
    return std::nullopt;
}

} // namespace

bool hasBraces(std::string_view text) { return firstBraces(std::string(text)).has_value(); }

std::vector<std::string> expandBraces(const std::string& text) {
    const auto braces = firstBraces(text);
    if (!braces)
        return {text};
    const std::vector<std::string> rests = expandBraces(text.substr(braces->close + 1));
    if (braces->choices.size() > kMostTexts / rests.size())
        failTooMany(text);
    std::vector<std::string> texts;
    for (const std::string& choice : braces->choices)
        for (const std::string& rest : rests)
            texts.push_back(text.substr(0, braces->open) + choice + rest);
    return texts;
}

} // namespace engine
