#include "engine/data/decode.h"

#include <algorithm>
#include <cmath>

namespace engine::decode {
namespace {

// P1 to P6: bits, greys or colours, as text or as bytes.
struct Header {
    Size size;
    int channels = 1;
    bool bilevel = false;
    bool text = false;
    std::uint32_t largest = 1; // the value of white
    std::size_t pixels = 0;    // where they begin

    [[nodiscard]] std::size_t values() const {
        return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) *
               static_cast<std::size_t>(channels);
    }
    // Of the body, where it is bytes.
    [[nodiscard]] std::size_t bytes() const {
        if (bilevel)
            return (static_cast<std::size_t>(size.width) + 7) / 8 * static_cast<std::size_t>(size.height);
        return values() * (largest > 255 ? 2 : 1);
    }
};

bool blankByte(std::uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// Numbers in text, with blanks and comments between them.
class Tokens final {
public:
    Tokens(Bytes file, std::size_t at) : m_file(file), m_at(at) {}

    [[nodiscard]] std::size_t at() const { return m_at; }

    // False at the end of the file.
    bool skipBlanks() {
        for (; m_at < m_file.size(); ++m_at) {
            if (m_file[m_at] == '#')
                m_at = static_cast<std::size_t>(std::find_if(m_file.begin() + static_cast<std::ptrdiff_t>(m_at),
                                                             m_file.end(),
                                                             [](auto byte) { return byte == '\n' || byte == '\r'; }) -
                                                m_file.begin());
            if (m_at == m_file.size())
                break;
            if (!blankByte(m_file[m_at]))
                return true;
        }
        return false;
    }

    std::uint32_t number() {
        if (!skipBlanks())
            failEndsEarly();
        std::uint32_t value = 0;
        const std::size_t first = m_at;
        for (; m_at < m_file.size() && m_file[m_at] >= '0' && m_file[m_at] <= '9'; ++m_at) {
            value = value * 10 + (m_file[m_at] - '0');
            if (value > 1'000'000'000)
                damaged();
        }
        if (m_at == first)
            damaged();
        return value;
    }

    bool bit() { // those may stand without blanks between them
        if (!skipBlanks())
            failEndsEarly();
        if (m_file[m_at] != '0' && m_file[m_at] != '1')
            damaged();
        return m_file[m_at++] == '1';
    }

    [[noreturn]] static void damaged() { fail("is a damaged PNM"); }

private:
    Bytes m_file;
    std::size_t m_at;
};

Header readHeader(Bytes file) {
    Header header;
    const int kind = file[1] - '0';
    header.text = kind <= 3;
    header.bilevel = kind == 1 || kind == 4;
    header.channels = kind == 3 || kind == 6 ? 3 : 1;
    Tokens tokens(file, 2);
    const std::uint32_t width = tokens.number();
    const std::uint32_t height = tokens.number();
    requireSize(width, height);
    header.size = {static_cast<int>(width), static_cast<int>(height)};
    if (!header.bilevel)
        header.largest = tokens.number();
    if (header.largest == 0 || header.largest > 65535)
        Tokens::damaged();
    if (tokens.at() >= file.size())
        failEndsEarly();
    if (!blankByte(file[tokens.at()]))
        Tokens::damaged();
    header.pixels = tokens.at() + 1;
    return header;
}

// What a value is of 255, in Pillow's rounding; two bytes of grey keep the upper one of 65535.
std::vector<std::uint8_t> scaled(const Header& header) {
    std::vector<std::uint8_t> table(header.largest + 1);
    const bool wideGrey = header.largest > 255 && header.channels == 1;
    for (std::uint32_t value = 0; value <= header.largest; ++value) {
        const double share = double(value) / header.largest;
        table[value] = wideGrey ? static_cast<std::uint8_t>(static_cast<int>(std::nearbyint(share * 65535)) >> 8)
                                : static_cast<std::uint8_t>(std::nearbyint(share * 255));
    }
    return table;
}

bool endsEarly(Bytes file, const Header& header) {
    if (!header.text)
        return file.size() - std::min(file.size(), header.pixels) < header.bytes();
    Tokens tokens(file, header.pixels);
    std::size_t left = header.values();
    if ((file.size() - header.pixels) < left)
        return true;
    for (; left > 0 && tokens.skipBlanks(); --left)
        header.bilevel ? static_cast<void>(tokens.bit()) : static_cast<void>(tokens.number());
    return left > 0;
}

// Calls each(value) for all values in order; those above the largest are damage in text and white in bytes.
template <typename Each>
void forEachValue(Bytes file, const Header& header, Each each) {
    Tokens tokens(file, header.pixels);
    const std::uint8_t* next = file.data() + header.pixels;
    for (std::size_t i = 0; i < header.values(); ++i) {
        std::uint32_t value = 0;
        if (header.text) {
            value = tokens.number();
            if (value > header.largest)
                Tokens::damaged();
        } else {
            value = *next++;
            if (header.largest > 255)
                value = value << 8 | *next++;
        }
        each(i, std::min(value, header.largest));
    }
}

void readBits(Bytes file, const Header& header, RgbImage& image) {
    Tokens tokens(file, header.pixels);
    const std::size_t stride = (static_cast<std::size_t>(image.width) + 7) / 8;
    std::uint8_t* to = image.pixels.data();
    for (std::size_t y = 0; y < static_cast<std::size_t>(image.height); ++y)
        for (std::size_t x = 0; x < static_cast<std::size_t>(image.width); ++x, to += 3) {
            const bool black =
                header.text ? tokens.bit() : (file[header.pixels + y * stride + x / 8] >> (7 - x % 8) & 1) != 0;
            std::fill_n(to, 3, static_cast<std::uint8_t>(black ? 0 : 255));
        }
}

} // namespace

Size pnmSize(Bytes file) { return readHeader(file).size; }

bool pnmEndsEarly(Bytes file) { return endsEarly(file, readHeader(file)); }

RgbImage pnm(Bytes file) {
    const Header header = readHeader(file);
    if (endsEarly(file, header))
        failEndsEarly();
    RgbImage image = blank(header.size);
    if (header.bilevel) {
        readBits(file, header, image);
        return image;
    }
    const std::vector<std::uint8_t> byte = scaled(header);
    forEachValue(file, header, [&](std::size_t i, std::uint32_t value) {
        if (header.channels == 3)
            image.pixels[i] = byte[value];
        else
            std::fill_n(&image.pixels[i * 3], 3, byte[value]);
    });
    return image;
}

} // namespace engine::decode
