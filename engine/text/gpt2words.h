#pragma once

#include "engine/text/unicodeclass.h"
#include "engine/text/utf8text.h"

#include <cstddef>
#include <string_view>

namespace engine {

// Cuts a text as GPT-2's pattern does, into words that together are the text:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
class Gpt2Words final {
public:
    explicit Gpt2Words(std::string_view text) : m_text(text) {}

    // The end of the word that begins at `at`.
    [[nodiscard]] std::size_t endOf(std::size_t at) const {
        if (m_text[at] == '\'')
            if (const std::size_t bytes = contraction(m_text.substr(at)); bytes > 0)
                return at + bytes;
        const std::size_t first = m_text[at] == ' ' && at + 1 < m_text.size() ? at + 1 : at;
        const Character character = characterOf(first);
        if (character.kind != unicode::kSpace)
            return runEnd(first + character.bytes, character.kind);
        return spacesEnd(at);
    }

private:
    struct Character {
        std::uint8_t kind = 0; // kLetter, kNumber, kSpace or 0
        unsigned bytes = 0;
    };
    [[nodiscard]] Character characterOf(std::size_t at) const {
        const Utf8Character character = characterAt(m_text, at);
        return {static_cast<std::uint8_t>(m_classes.of(character.code) &
                                          (unicode::kLetter | unicode::kNumber | unicode::kSpace)),
                character.bytes};
    }
    [[nodiscard]] std::size_t runEnd(std::size_t at, std::uint8_t kind) const {
        while (at < m_text.size()) {
            const Character character = characterOf(at);
            if (character.kind != kind)
                break;
            at += character.bytes;
        }
        return at;
    }
    // White space before a word leaves its last character to it.
    [[nodiscard]] std::size_t spacesEnd(std::size_t begin) const {
        const std::size_t end = runEnd(begin, unicode::kSpace);
        if (end == m_text.size())
            return end;
        const std::size_t last = end - characterBefore(m_text, end).bytes;
        return last > begin ? last : end;
    }
    [[nodiscard]] static std::size_t contraction(std::string_view rest) {
        const char second = rest.size() > 1 ? rest[1] : '\0';
        if (second == 's' || second == 't' || second == 'm' || second == 'd')
            return 2;
        const std::string_view two = rest.substr(0, 3);
        return two == "'re" || two == "'ve" || two == "'ll" ? 3 : 0;
    }

    std::string_view m_text;
    const UnicodeClasses& m_classes = UnicodeClasses::ofIcu();
};

} // namespace engine
