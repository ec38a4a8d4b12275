#include "engine/text/textencoding.h"

#include "engine/text/utf8text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace engine {
namespace {

constexpr std::size_t kLookedAt = 4096; // for marks and zeros
constexpr std::size_t kLongest = 4;     // bytes of a character
constexpr char32_t kReplacement = 0xfffd;

// 0x80 … 0x9f; what it leaves open stays the control character of Latin-1.
constexpr std::array<char16_t, 32> kWindows1252{0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                                0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                                0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

// Whether the end of a piece may be the beginning of a character.
bool mayGoOn(std::string_view rest) {
    if (rest.size() >= kLongest)
        return false;
    const std::size_t broken = brokenUtf8Bytes(rest, 0);
    return broken == rest.size() && static_cast<unsigned char>(rest.front()) >= 0xc2;
}

} // namespace

const char* textEncodingName(TextEncoding encoding) {
    switch (encoding) {
    case TextEncoding::Utf8:
        return "UTF-8";
    case TextEncoding::Utf16LittleEndian:
        return "UTF-16LE";
    case TextEncoding::Utf16BigEndian:
        return "UTF-16BE";
    case TextEncoding::Windows1252:
        return "Windows-1252";
    }
    return "";
}

void EncodingGuess::add(std::string_view bytes) {
    if (m_begin.size() < kLookedAt) {
        const std::string_view part = bytes.substr(0, kLookedAt - m_begin.size());
        for (std::size_t i = 0; i < part.size(); ++i)
            m_zeros[(m_begin.size() + i) % 2] += part[i] == '\0' ? 1 : 0;
        m_begin += part;
    }
    if (m_rest.empty()) {
        countUtf8(bytes);
        return;
    }
    const std::string joined = std::exchange(m_rest, {}) + std::string(bytes);
    countUtf8(joined);
}

void EncodingGuess::countUtf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t valid = validUtf8Bytes(bytes);
        m_valid += static_cast<std::uint64_t>(std::ranges::count_if(
            bytes.substr(0, valid), [](char c) { return static_cast<unsigned char>(c) >= 0xc0; }));
        bytes.remove_prefix(valid);
        if (bytes.empty())
            return;
        if (mayGoOn(bytes)) {
            m_rest = bytes;
            return;
        }
        ++m_broken;
        bytes.remove_prefix(brokenUtf8Bytes(bytes, 0));
    }
}

std::size_t EncodingGuess::markBytes() const {
    const std::string_view begin = m_begin;
    return begin.starts_with("\xef\xbb\xbf")                                ? 3
           : begin.starts_with("\xff\xfe") || begin.starts_with("\xfe\xff") ? 2
                                                                            : 0;
}

TextEncoding EncodingGuess::encoding() const {
    const std::string_view begin = m_begin;
    if (begin.starts_with("\xff\xfe"))
        return TextEncoding::Utf16LittleEndian;
    if (begin.starts_with("\xfe\xff"))
        return TextEncoding::Utf16BigEndian;
    if (begin.starts_with("\xef\xbb\xbf"))
        return TextEncoding::Utf8;
    // Blanks, digits and ends of lines have a zero in UTF-16 whatever the script.
    constexpr std::uint64_t kShare = 16;
    if (m_zeros[1] * kShare > begin.size() && m_zeros[1] > 4 * m_zeros[0])
        return TextEncoding::Utf16LittleEndian;
    if (m_zeros[0] * kShare > begin.size() && m_zeros[0] > 4 * m_zeros[1])
        return TextEncoding::Utf16BigEndian;
    const std::uint64_t broken = m_broken + (m_rest.empty() ? 0 : 1);
    return broken > m_valid ? TextEncoding::Windows1252 : TextEncoding::Utf8;
}

void TextDecoder::replace(std::string& into) {
    ++m_broken;
    appendCharacter(into, kReplacement);
}

void TextDecoder::decode(std::string_view bytes, std::string& into) {
    if (m_encoding == TextEncoding::Windows1252) {
        for (const char c : bytes) {
            const auto byte = static_cast<unsigned char>(c);
            appendCharacter(into, byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80u] : byte);
        }
        return;
    }
    std::string joined;
    if (!m_rest.empty()) {
        joined = std::exchange(m_rest, {}) + std::string(bytes);
        bytes = joined;
    }
    std::size_t used = 0;
    if (m_encoding == TextEncoding::Utf8)
        decodeUtf8(bytes, into, used);
    else
        decodeUtf16(bytes, into, used);
    m_rest = bytes.substr(used);
}

void TextDecoder::decodeUtf8(std::string_view bytes, std::string& into, std::size_t& used) {
    while (used < bytes.size()) {
        const std::string_view rest = bytes.substr(used);
        const std::size_t valid = validUtf8Bytes(rest);
        into += rest.substr(0, valid);
        used += valid;
        if (valid == rest.size() || mayGoOn(rest.substr(valid)))
            return;
        used += brokenUtf8Bytes(rest, valid);
        replace(into);
    }
}

void TextDecoder::decodeUtf16(std::string_view bytes, std::string& into, std::size_t& used) {
    const std::size_t high = m_encoding == TextEncoding::Utf16LittleEndian ? 1 : 0;
    const auto unit = [&](std::size_t at) {
        return static_cast<char32_t>(static_cast<unsigned char>(bytes[at + high])) << 8 |
               static_cast<unsigned char>(bytes[at + 1 - high]);
    };
    for (; used + 2 <= bytes.size(); used += 2) {
        const char32_t first = unit(used);
        if (first < 0xd800 || first >= 0xe000) {
            appendCharacter(into, first);
            continue;
        }
        if (first < 0xdc00 && used + 4 > bytes.size())
            return; // its other half comes with the next piece
        const char32_t second = first < 0xdc00 ? unit(used + 2) : 0;
        if (second < 0xdc00 || second >= 0xe000) {
            replace(into);
            continue;
        }
        appendCharacter(into, 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        used += 2;
    }
}

void TextDecoder::finish(std::string& into) {
    if (!m_rest.empty())
        replace(into);
    m_rest.clear();
}

} // namespace engine
