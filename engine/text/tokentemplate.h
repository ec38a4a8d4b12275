#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

using TokenId = std::int32_t;

// A token that always stands there, or the place of the first or the second text.
struct TemplatePart {
    enum class Kind { Token, First, Second };
    Kind kind = Kind::Token;
    TokenId id = 0; // of a token
    std::uint8_t segment = 0;
};

// What a model wants around one text and around a pair.
struct TokenTemplate {
    std::vector<TemplatePart> single = {{.kind = TemplatePart::Kind::First}};
    std::vector<TemplatePart> pair = {{.kind = TemplatePart::Kind::First},
                                      {.kind = TemplatePart::Kind::Second, .segment = 1}};
};

[[nodiscard]] std::size_t tokensIn(const std::vector<TemplatePart>& parts);

// How many tokens of two texts stay where only `room` fit: the longer one is cut first, then both evenly (the strategy
// "longest_first" of Hugging Face's tokenizers).
struct PairLengths {
    std::size_t first = 0, second = 0;
};
[[nodiscard]] PairLengths cutToRoom(PairLengths lengths, std::size_t room);

// [CLS] A [SEP] and [CLS] A [SEP] B [SEP], as BERT has it.
[[nodiscard]] TokenTemplate bertTemplate(TokenId classify, TokenId separate);
// <s> A </s> and <s> A </s></s> B </s>, as RoBERTa has it.
[[nodiscard]] TokenTemplate robertaTemplate(TokenId begin, TokenId end);
// A </s> and A </s> B </s>, as T5 has it.
[[nodiscard]] TokenTemplate t5Template(TokenId end);

} // namespace engine
