#include "engine/data/decode.h"

#include <algorithm>
#include <array>
#include <bit>

namespace engine::decode {
namespace {

constexpr std::size_t kFileHeader = 14;
enum Compression : std::uint32_t {
    Plain = 0,
    Rle8 = 1,
    Rle4 = 2,
    BitFields = 3,
    Jpeg = 4,
    Png = 5,
    AlphaBitFields = 6
};

std::uint32_t littleEndian(Bytes file, std::size_t at, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes && at + i < file.size(); ++i)
        value |= std::uint32_t{file[at + i]} << 8 * i;
    return value;
}

struct Header {
    Size size;
    bool topDown = false;
    int bits = 0;
    std::uint32_t compression = Plain;
    std::size_t pixels = 0; // where they begin
    std::array<std::uint32_t, 3> masks{};
    std::vector<std::array<std::uint8_t, 3>> palette;

    [[nodiscard]] std::size_t stride() const {
        return (static_cast<std::size_t>(size.width) * static_cast<std::size_t>(bits) + 31) / 32 * 4;
    }
    [[nodiscard]] bool runs() const { return compression == Rle8 || compression == Rle4; }
};

void readMasks(Bytes file, std::size_t headerBytes, Header& header) {
    if (header.compression == Plain) {
        header.masks = {0xff0000, 0xff00, 0xff};
        if (header.bits == 16)
            header.masks = {0x7c00, 0x03e0, 0x1f};
        return;
    }
    for (std::size_t i = 0; i < 3; ++i) // in the header of 52 bytes and more, else right behind it: the same place
        header.masks[i] = littleEndian(file, kFileHeader + 40 + 4 * i, 4);
    if (headerBytes < 40 || std::ranges::any_of(header.masks, [](std::uint32_t mask) { return mask == 0; }))
        fail("is a damaged BMP (a colour has no bits)");
}

void readPalette(Bytes file, std::size_t headerBytes, std::uint32_t colours, Header& header) {
    const std::size_t entry = headerBytes == 12 ? 3 : 4;
    const std::size_t most = std::size_t{1} << header.bits;
    std::size_t at = kFileHeader + headerBytes;
    header.palette.resize(most); // what is not given is black
    for (std::size_t i = 0; i < (colours == 0 ? most : std::min<std::size_t>(most, colours)); ++i, at += entry)
        if (at + 3 <= std::min(file.size(), header.pixels))
            header.palette[i] = {file[at + 2], file[at + 1], file[at]};
}

bool fits(const Header& header) {
    switch (header.compression) {
    case Plain:
        return header.bits == 1 || header.bits == 4 || header.bits == 8 || header.bits == 16 || header.bits == 24 ||
               header.bits == 32;
    case Rle8:
        return header.bits == 8;
    case Rle4:
        return header.bits == 4;
    default:
        return header.bits == 16 || header.bits == 32;
    }
}

Header readHeader(Bytes file) {
    const std::size_t headerBytes = littleEndian(file, kFileHeader, 4);
    if (headerBytes != 12 && (headerBytes < 40 || headerBytes > 124))
        fail("is a damaged BMP (its header is of no known size)");
    Header header;
    header.pixels = littleEndian(file, 10, 4);
    std::uint32_t colours = 0;
    std::int64_t height = 0;
    if (headerBytes == 12) {
        header.size.width = static_cast<int>(littleEndian(file, 18, 2));
        height = littleEndian(file, 20, 2);
        header.bits = static_cast<int>(littleEndian(file, 24, 2));
    } else {
        header.size.width = static_cast<std::int32_t>(littleEndian(file, 18, 4));
        height = static_cast<std::int32_t>(littleEndian(file, 22, 4));
        header.bits = static_cast<int>(littleEndian(file, 28, 2));
        header.compression = littleEndian(file, 30, 4);
        colours = littleEndian(file, 46, 4);
    }
    header.topDown = height < 0;
    requireSize(header.size.width, height < 0 ? -height : height);
    header.size.height = static_cast<int>(height < 0 ? -height : height);
    if (header.compression == Jpeg || header.compression == Png)
        fail(header.compression == Jpeg ? "is a BMP that holds a JPEG" : "is a BMP that holds a PNG");
    if (header.compression > AlphaBitFields || !fits(header))
        fail("is a BMP of a kind that is not known");
    if (header.bits <= 8)
        readPalette(file, headerBytes, colours, header);
    else
        readMasks(file, headerBytes, header);
    return header;
}

// The masked bits as a byte.
std::uint8_t channel(std::uint32_t pixel, std::uint32_t mask) {
    const std::uint32_t value = (pixel & mask) >> std::countr_zero(mask);
    const std::uint32_t most = mask >> std::countr_zero(mask);
    return static_cast<std::uint8_t>(std::min<std::uint64_t>(std::uint64_t{value} * 255 / most, 255));
}

void readPlain(Bytes file, const Header& header, RgbImage& image) {
    const std::size_t stride = header.stride();
    for (int y = 0; y < image.height; ++y) {
        const std::size_t row = static_cast<std::size_t>(header.topDown ? y : image.height - 1 - y);
        const std::uint8_t* from = file.data() + header.pixels + row * stride;
        std::uint8_t* to = &image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) * 3];
        for (std::size_t x = 0; x < static_cast<std::size_t>(image.width); ++x, to += 3) {
            if (header.bits <= 8) {
                const std::size_t perByte = 8 / static_cast<std::size_t>(header.bits);
                const std::size_t shift = 8 - (x % perByte + 1) * static_cast<std::size_t>(header.bits);
                std::ranges::copy(header.palette[from[x / perByte] >> shift & (header.palette.size() - 1)], to);
            } else if (header.bits == 24) {
                std::reverse_copy(from + 3 * x, from + 3 * x + 3, to);
            } else {
                const auto bytes = static_cast<std::size_t>(header.bits / 8);
                const std::uint32_t pixel = littleEndian({from + bytes * x, bytes}, 0, bytes);
                for (std::size_t c = 0; c < 3; ++c)
                    to[c] = channel(pixel, header.masks[c]);
            }
        }
    }
}

// Runs of one colour, or of two by turns, and stretches of single ones; row by row from the bottom.
class RunReader final {
public:
    RunReader(Bytes file, const Header& header, RgbImage& image)
        : m_file(file), m_header(header), m_image(image), m_at(header.pixels) {}

    void read() {
        while (m_y < m_image.height && m_at + 2 <= m_file.size()) {
            const int count = m_file[m_at], value = m_file[m_at + 1];
            m_at += 2;
            if (count > 0)
                for (int i = 0; i < count; ++i)
                    put(m_header.bits == 8 ? value : i % 2 == 0 ? value >> 4 : value & 15);
            else if (value == 0)
                nextRow();
            else if (value == 1)
                return;
            else if (value == 2)
                jump();
            else
                single(value);
        }
        if (m_y < m_image.height && m_x < m_image.width && m_at >= m_file.size())
            failEndsEarly();
    }

private:
    void put(int colour) {
        if (m_x >= m_image.width)
            return; // too much for the row
        const int y = m_header.topDown ? m_y : m_image.height - 1 - m_y;
        const auto at =
            static_cast<std::size_t>(y) * static_cast<std::size_t>(m_image.width) + static_cast<std::size_t>(m_x);
        std::ranges::copy(m_header.palette[static_cast<std::size_t>(colour)], &m_image.pixels[at * 3]);
        ++m_x;
    }

    void nextRow() {
        m_x = 0;
        ++m_y;
    }

    void jump() {
        if (m_at + 2 > m_file.size())
            failEndsEarly();
        m_x += m_file[m_at];
        m_y += m_file[m_at + 1];
        m_at += 2;
    }

    void single(int count) {
        const auto bytes = static_cast<std::size_t>(m_header.bits == 8 ? count : (count + 1) / 2);
        if (m_at + bytes > m_file.size())
            failEndsEarly();
        for (int i = 0; i < count; ++i) {
            const int byte = m_file[m_at + static_cast<std::size_t>(m_header.bits == 8 ? i : i / 2)];
            put(m_header.bits == 8 ? byte : i % 2 == 0 ? byte >> 4 : byte & 15);
        }
        m_at += (bytes + 1) / 2 * 2;
    }

    Bytes m_file;
    const Header& m_header;
    RgbImage& m_image;
    std::size_t m_at;
    int m_x = 0, m_y = 0;
};

bool endsEarly(Bytes file, const Header& header) {
    if (header.runs()) // the file's own size stands in its header
        return header.pixels > file.size() || littleEndian(file, 2, 4) > file.size();
    return header.pixels + header.stride() * static_cast<std::size_t>(header.size.height) > file.size();
}

} // namespace

Size bmpSize(Bytes file) { return readHeader(file).size; }

bool bmpEndsEarly(Bytes file) { return endsEarly(file, readHeader(file)); }

RgbImage bmp(Bytes file) {
    const Header header = readHeader(file);
    if (endsEarly(file, header))
        failEndsEarly();
    RgbImage image = blank(header.size);
    if (!header.runs()) {
        readPlain(file, header, image);
        return image;
    }
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) // what no run reaches
        std::ranges::copy(header.palette[0], &image.pixels[i]);
    RunReader(file, header, image).read();
    return image;
}

} // namespace engine::decode
