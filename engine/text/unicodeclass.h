#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace engine {

// What tokenizers ask of a character; flags.
namespace unicode {
inline constexpr std::uint8_t kSpace = 1;    // White_Space
inline constexpr std::uint8_t kOther = 2;    // categories Cc, Cf and Co; tabs and ends of lines are spaces instead
inline constexpr std::uint8_t kAccent = 4;   // category Mn
inline constexpr std::uint8_t kMark = 8;     // category P, and all of ASCII's symbols
inline constexpr std::uint8_t kHan = 16;     // the blocks that BERT sets apart
inline constexpr std::uint8_t kLetter = 32;  // category L
inline constexpr std::uint8_t kNumber = 64;  // category N
inline constexpr std::uint8_t kVaries = 128; // decomposing or lower case changes it, or it may change places
} // namespace unicode

// A byte of these flags for each code point, by ICU's tables. Immutable: any thread.
class UnicodeClasses final {
public:
    [[nodiscard]] static const UnicodeClasses& ofIcu(); // made at its first use
    [[nodiscard]] std::uint8_t of(char32_t code) const {
        return m_blocks[(std::size_t{m_index[code >> kBits]} << kBits) | (code & kLow)];
    }

private:
    UnicodeClasses();

    static constexpr unsigned kBits = 8;
    static constexpr char32_t kLow = (1u << kBits) - 1;
    std::array<std::uint16_t, (0x110000 >> kBits)> m_index{};
    std::vector<std::uint8_t> m_blocks;
};

// What \w means in the regular expressions of Rust: letters, marks, digits and what joins them.
[[nodiscard]] bool isWordCharacter(char32_t code);

} // namespace engine
