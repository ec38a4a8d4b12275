#include "engine/text/bytealphabet.h"

#include "engine/text/utf8text.h"

#include <array>

namespace engine {
namespace {

constexpr char32_t kBeyond = 0x100; // bytes without a visible character of their own get these, in order
constexpr std::size_t kMoved = 68;

constexpr bool isVisible(unsigned byte) {
    return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

struct Alphabet {
    std::array<char32_t, 256> characters{};
    std::array<unsigned char, kMoved> moved{};
};

constexpr Alphabet kAlphabet = [] {
    Alphabet alphabet;
    std::size_t count = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
        alphabet.characters[byte] = isVisible(byte) ? byte : kBeyond + static_cast<char32_t>(count);
        if (!isVisible(byte))
            alphabet.moved[count++] = static_cast<unsigned char>(byte);
    }
    return alphabet;
}();

} // namespace

char32_t characterOfByte(unsigned char byte) { return kAlphabet.characters[byte]; }

std::optional<std::string> bytesOfAlphabet(std::string_view text) {
    if (validUtf8Bytes(text) != text.size())
        return std::nullopt;
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = characterAt(text, at);
        at += character.bytes;
        if (character.code < kBeyond && isVisible(character.code))
            bytes += static_cast<char>(character.code);
        else if (character.code >= kBeyond && character.code < kBeyond + kMoved)
            bytes += static_cast<char>(kAlphabet.moved[character.code - kBeyond]);
        else
            return std::nullopt;
    }
    return bytes;
}

} // namespace engine
