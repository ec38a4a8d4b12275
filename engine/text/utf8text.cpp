#include "engine/text/utf8text.h"

#include <cstdint>
#include <cstring>

namespace engine {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// What may follow a first byte: how many bytes there are, and between which bounds the second one lies.
struct Lead {
    unsigned bytes = 0; // 0: no first byte
    unsigned low = 0x80, high = 0xbf;
};

Lead leadOf(unsigned first) {
    if (first < 0x80)
        return {1};
    if (first < 0xc2 || first > 0xf4)
        return {0};
    if (first < 0xe0)
        return {2};
    if (first < 0xf0)
        return {3, first == 0xe0 ? 0xa0u : 0x80u, first == 0xed ? 0x9fu : 0xbfu};
    return {4, first == 0xf0 ? 0x90u : 0x80u, first == 0xf4 ? 0x8fu : 0xbfu};
}

// Bytes at `at` that begin a valid character, and whether it is whole.
struct Begun {
    std::size_t bytes = 0;
    bool whole = false;
};

Begun begunAt(std::string_view text, std::size_t at) {
    const Lead lead = leadOf(static_cast<unsigned char>(text[at]));
    if (lead.bytes == 0)
        return {};
    std::size_t bytes = 1;
    for (; bytes < lead.bytes && at + bytes < text.size(); ++bytes) {
        const unsigned byte = static_cast<unsigned char>(text[at + bytes]);
        const bool fits = bytes == 1 ? byte >= lead.low && byte <= lead.high : (byte & 0xc0) == 0x80;
        if (!fits)
            break;
    }
    return {bytes, bytes == lead.bytes};
}

} // namespace

void appendCharacter(std::string& out, char32_t code) {
    const auto put = [&](char32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

std::size_t validUtf8Bytes(std::string_view text) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080u;
    std::size_t at = 0;
    while (at < text.size()) {
        std::uint64_t eight = 0;
        while (at + sizeof eight <= text.size()) {
            std::memcpy(&eight, text.data() + at, sizeof eight);
            if ((eight & kHighBits) != 0)
                break;
            at += sizeof eight;
        }
        if (at == text.size())
            break;
        const Begun begun = begunAt(text, at);
        if (!begun.whole)
            return at;
        at += begun.bytes;
    }
    return at;
}

std::size_t brokenUtf8Bytes(std::string_view text, std::size_t at) {
    const std::size_t bytes = begunAt(text, at).bytes;
    return bytes > 0 ? bytes : 1;
}

AlignedText repairedUtf8(std::string_view text) {
    AlignedText result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t valid = validUtf8Bytes(text.substr(at));
        for (const std::size_t end = at + valid; at < end; ++at)
            result.add(text.substr(at, 1), at, at + 1);
        if (at == text.size())
            break;
        const std::size_t broken = brokenUtf8Bytes(text, at);
        result.add(kReplacement, at, at + broken);
        at += broken;
    }
    return result;
}

} // namespace engine
