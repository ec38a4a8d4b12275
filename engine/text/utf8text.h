#pragma once

#include "engine/text/alignedtext.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace engine {

struct Utf8Character {
    char32_t code = 0;
    unsigned bytes = 0;
};

// The character at `at` of valid UTF-8.
[[nodiscard]] inline Utf8Character characterAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
    const char32_t first = byte(0);
    if (first < 0x80)
        return {first, 1};
    if (first < 0xe0)
        return {(first & 0x1f) << 6 | (byte(1) & 0x3f), 2};
    if (first < 0xf0)
        return {(first & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
    return {(first & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f), 4};
}

// The character that ends before `end` (above 0) of valid UTF-8.
[[nodiscard]] inline Utf8Character characterBefore(std::string_view text, std::size_t end) {
    std::size_t at = end - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80)
        --at;
    return characterAt(text, at);
}

[[nodiscard]] inline bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

void appendCharacter(std::string& out, char32_t code);

// How many bytes at the beginning are valid UTF-8.
[[nodiscard]] std::size_t validUtf8Bytes(std::string_view text);

// The bytes at `at`, where no valid character begins, that are together replaced by one U+FFFD: the longest beginning
// of a valid character, at least one byte.
[[nodiscard]] std::size_t brokenUtf8Bytes(std::string_view text, std::size_t at);

// With U+FFFD for all that is no UTF-8.
[[nodiscard]] AlignedText repairedUtf8(std::string_view text);

} // namespace engine
