#include "engine/base/textfile.h"

#include "engine/base/atomicfile.h"

#include <cstdint>
#include <string_view>

namespace engine {
namespace {

void appendUtf8(std::string& out, std::uint32_t code) {
    const auto follow = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        follow(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        follow(6);
        follow(0);
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        follow(12);
        follow(6);
        follow(0);
    }
}

// `high`: where in each pair of bytes the upper one stands. Half a pair of surrogates becomes U+FFFD.
std::string fromUtf16(std::string_view bytes, std::size_t high) {
    const auto unit = [&](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + high])) << 8 |
               static_cast<unsigned char>(bytes[at + 1 - high]);
    };
    std::string text;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        std::uint32_t code = unit(at);
        if (code >= 0xd800 && code < 0xe000) {
            const std::uint32_t low = at + 3 < bytes.size() ? unit(at + 2) : 0;
            const bool pair = code < 0xdc00 && low >= 0xdc00 && low < 0xe000;
            code = pair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
            at += pair ? 2 : 0;
        }
        appendUtf8(text, code);
    }
    return text;
}

} // namespace

std::string readTextFile(const std::filesystem::path& file) {
    std::string content = readFile(file);
    const std::string_view bytes = content;
    if (bytes.starts_with("\xef\xbb\xbf"))
        return content.substr(3);
    if (bytes.starts_with("\xff\xfe"))
        return fromUtf16(bytes.substr(2), 1);
    if (bytes.starts_with("\xfe\xff"))
        return fromUtf16(bytes.substr(2), 0);
    return content;
}

char delimiterOf(std::string_view line) {
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char candidate : {',', '\t', ';'}) {
        std::ptrdiff_t count = 0;
        bool quoted = false;
        for (const char c : line) {
            quoted ^= c == '"';
            count += !quoted && c == candidate ? 1 : 0;
        }
        if (count > most) {
            most = count;
            best = candidate;
        }
    }
    return best;
}

} // namespace engine
