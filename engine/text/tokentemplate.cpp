#include "engine/text/tokentemplate.h"

#include <algorithm>
#include <utility>

namespace engine {
namespace {

using Kind = TemplatePart::Kind;

constexpr TemplatePart kFirst{.kind = Kind::First};

TemplatePart token(TokenId id, std::uint8_t segment = 0) { return {.kind = Kind::Token, .id = id, .segment = segment}; }
TemplatePart second(std::uint8_t segment) { return {.kind = Kind::Second, .segment = segment}; }

} // namespace

std::size_t tokensIn(const std::vector<TemplatePart>& parts) {
    return static_cast<std::size_t>(
        std::ranges::count_if(parts, [](const TemplatePart& part) { return part.kind == Kind::Token; }));
}

PairLengths cutToRoom(PairLengths lengths, std::size_t room) {
    auto [fewer, more] = std::minmax(lengths.first, lengths.second);
    std::size_t shorter = fewer, longer = more;
    if (shorter + longer <= room)
        return lengths;
    longer = shorter > room ? shorter : std::max(shorter, room - shorter);
    if (shorter + longer > room) {
        shorter = room / 2;
        longer = shorter + room % 2;
    }
    return lengths.first > lengths.second ? PairLengths{longer, shorter} : PairLengths{shorter, longer};
}

TokenTemplate bertTemplate(TokenId classify, TokenId separate) {
    return {.single = {token(classify), kFirst, token(separate)},
            .pair = {token(classify), kFirst, token(separate), second(1), token(separate, 1)}};
}

TokenTemplate robertaTemplate(TokenId begin, TokenId end) {
    return {.single = {token(begin), kFirst, token(end)},
            .pair = {token(begin), kFirst, token(end), token(end), second(0), token(end)}};
}

TokenTemplate t5Template(TokenId end) {
    return {.single = {kFirst, token(end)}, .pair = {kFirst, token(end), second(0), token(end)}};
}

} // namespace engine
