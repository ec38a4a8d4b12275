#include "engine/base/utf8.h"

#include <cstddef>
#include <cstdint>

namespace engine {
namespace {

// U+10FF80 … U+10FFFF, in UTF-8: f4 8f be 80 … f4 8f bf bf. Their last seven bits are the byte's.
constexpr std::string_view kPrefix = "\xf4\x8f";
constexpr std::size_t kEscapeBytes = 4;

unsigned at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

// Bytes of the valid character at `i`; 0 where there is none.
std::size_t characterBytes(std::string_view text, std::size_t i) {
    const unsigned first = at(text, i);
    if (first < 0x80)
        return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || i + length > text.size())
        return 0;
    for (std::size_t k = 1; k < length; ++k)
        if ((at(text, i + k) & 0xc0) != 0x80)
            return 0;
    const unsigned second = at(text, i + 1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool outside = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
    return overlong || outside ? 0 : length;
}

bool isEscape(std::string_view text, std::size_t i) {
    return text.substr(i, 2) == kPrefix && i + kEscapeBytes <= text.size() && at(text, i + 2) >= 0xbe &&
           at(text, i + 2) <= 0xbf && (at(text, i + 3) & 0xc0) == 0x80;
}

} // namespace

std::string utf8FromBytes(std::string_view bytes) {
    std::string result;
    for (std::size_t i = 0; i < bytes.size();) {
        if (const std::size_t length = characterBytes(bytes, i); length > 0) {
            result += bytes.substr(i, length);
            i += length;
            continue;
        }
        const unsigned value = at(bytes, i++) & 0x7f;
        result += kPrefix;
        result += static_cast<char>(0xbe | value >> 6);
        result += static_cast<char>(0x80 | (value & 0x3f));
    }
    return result;
}

std::string bytesFromUtf8(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        if (!isEscape(text, i)) {
            result += text[i++];
            continue;
        }
        result += static_cast<char>(0x80 | (at(text, i + 2) & 1) << 6 | (at(text, i + 3) & 0x3f));
        i += kEscapeBytes;
    }
    return result;
}

std::string asciiLower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return text;
}

} // namespace engine
