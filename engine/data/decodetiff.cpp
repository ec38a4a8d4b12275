#include "engine/data/decode.h"

#include "engine/data/exif.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <tiffio.h>

namespace engine::decode {
namespace {

constexpr tmsize_t kLargestAllocation = tmsize_t{1} << 30;
constexpr std::uint64_t kLargestTile = 1U << 22; // pixels, of a picture that is smaller than that
constexpr std::uint16_t kMostSamples = 16;       // of one pixel
constexpr std::uint32_t kDngVersion = 50706;

// Owns libtiff's handle on a file in memory.
class TiffReader final {
public:
    explicit TiffReader(Bytes file) : m_file(file) {
        const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                                   TIFFOpenOptionsFree);
        TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kLargestAllocation);
        TIFFOpenOptionsSetErrorHandlerExtR(options.get(), onError, this);
        TIFFOpenOptionsSetWarningHandlerExtR(options.get(), onWarning, this);
        m_tiff = TIFFClientOpenExt("picture", "rm", this, read, write, seek, close, size, map, unmap, options.get());
        if (m_tiff == nullptr)
            failAsTold();
    }
    ~TiffReader() {
        if (m_tiff != nullptr)
            TIFFClose(m_tiff);
    }
    TiffReader(const TiffReader&) = delete;
    TiffReader& operator=(const TiffReader&) = delete;

    [[nodiscard]] TIFF* get() const { return m_tiff; }

    template <typename T>
    [[nodiscard]] std::optional<T> field(std::uint32_t tag) const {
        T value{};
        return TIFFGetField(m_tiff, tag, &value) != 0 ? std::optional<T>(value) : std::nullopt;
    }
    [[nodiscard]] std::uint16_t number(std::uint32_t tag, std::uint16_t otherwise) const {
        return field<std::uint16_t>(tag).value_or(otherwise);
    }

    [[noreturn]] void failAsTold() const {
        fail(m_message.empty() ? "is a damaged TIFF" : fmt::format("is a damaged TIFF ({})", m_message));
    }

private:
    static TiffReader& self(thandle_t handle) { return *static_cast<TiffReader*>(handle); }

    static tmsize_t read(thandle_t handle, void* to, tmsize_t bytes) {
        TiffReader& reader = self(handle);
        if (reader.m_at >= reader.m_file.size() || bytes <= 0)
            return 0;
        const std::size_t count = std::min<std::size_t>(static_cast<std::size_t>(bytes),
                                                        reader.m_file.size() - static_cast<std::size_t>(reader.m_at));
        std::memcpy(to, reader.m_file.data() + reader.m_at, count);
        reader.m_at += count;
        return static_cast<tmsize_t>(count);
    }
    static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
    static toff_t seek(thandle_t handle, toff_t offset, int whence) {
        TiffReader& reader = self(handle);
        const toff_t base = whence == SEEK_CUR ? reader.m_at : whence == SEEK_END ? reader.m_file.size() : 0;
        reader.m_at = base + offset;
        return reader.m_at;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t handle) { return self(handle).m_file.size(); }
    static int map(thandle_t, void**, toff_t*) { return 0; }
    static void unmap(thandle_t, void*, toff_t) {}

    static int onError(TIFF*, void* user, const char*, const char* format, va_list arguments) {
        char message[160];
        std::vsnprintf(message, sizeof message, format, arguments);
        auto& reader = *static_cast<TiffReader*>(user);
        if (reader.m_message.empty())
            reader.m_message = message;
        while (!reader.m_message.empty() && reader.m_message.back() == '.')
            reader.m_message.pop_back();
        return 1;
    }
    static int onWarning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

    Bytes m_file;
    toff_t m_at = 0;
    std::string m_message;
    TIFF* m_tiff = nullptr;
};

enum class Colour { WhiteIsZero, Grey, Rgb, Palette, Cmyk };

// How the samples of a pixel make its colour.
struct Layout {
    Size size;
    Colour colour = Colour::Grey;
    int bits = 8;
    int samples = 1;
    bool planes = false;        // each sample in a plane of its own
    bool premultiplied = false; // by the sample behind the colours
    std::array<const std::uint16_t*, 3> palette{};

    [[nodiscard]] int colours() const { return colour == Colour::Rgb ? 3 : colour == Colour::Cmyk ? 4 : 1; }
};

// The first picture of a camera's raw file is a thumbnail.
void refuseCameraRaw(const TiffReader& reader, std::uint16_t photometric) {
    std::uint16_t count = 0;
    const void* values = nullptr;
    const bool small = (reader.field<std::uint32_t>(TIFFTAG_SUBFILETYPE).value_or(0) & FILETYPE_REDUCEDIMAGE) != 0;
    const bool more = TIFFGetField(reader.get(), TIFFTAG_SUBIFD, &count, &values) != 0;
    if (TIFFGetField(reader.get(), kDngVersion, &values) != 0)
        fail("is a camera raw file (DNG)");
    if ((small && more) || photometric == PHOTOMETRIC_CFA)
        fail("is a camera raw file (NEF, ARW or the like)");
}

Size sizeOf(const TiffReader& reader) {
    const auto width = reader.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH).value_or(0);
    const auto height = reader.field<std::uint32_t>(TIFFTAG_IMAGELENGTH).value_or(0);
    requireSize(width, height);
    return {static_cast<int>(width), static_cast<int>(height)};
}

Colour colourOf(std::uint16_t photometric) {
    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
        return Colour::WhiteIsZero;
    case PHOTOMETRIC_MINISBLACK:
        return Colour::Grey;
    case PHOTOMETRIC_RGB:
        return Colour::Rgb;
    case PHOTOMETRIC_PALETTE:
        return Colour::Palette;
    case PHOTOMETRIC_SEPARATED:
        return Colour::Cmyk;
    default:
        fail("is a TIFF whose colours are neither grey, RGB, CMYK nor of a palette");
    }
}

Layout layoutOf(const TiffReader& reader, std::uint16_t photometric) {
    Layout layout{.size = sizeOf(reader), .colour = colourOf(photometric)};
    layout.bits = reader.number(TIFFTAG_BITSPERSAMPLE, 1);
    layout.samples = reader.number(TIFFTAG_SAMPLESPERPIXEL, 1);
    layout.planes = reader.number(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
    const std::uint16_t kind = reader.number(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (kind != SAMPLEFORMAT_UINT && !(kind == SAMPLEFORMAT_INT && layout.bits == 8) && kind != SAMPLEFORMAT_VOID)
        fail(fmt::format("is a TIFF of {}-bit {} numbers; whole ones of 8 and 16 bits are read", layout.bits,
                         kind == SAMPLEFORMAT_IEEEFP ? "floating-point" : "signed"));
    const bool grey = layout.colours() == 1;
    const bool packed = layout.bits == 1 || layout.bits == 2 || layout.bits == 4;
    if (layout.bits != 8 && !(layout.bits == 16 && layout.colour != Colour::Palette) && !(grey && packed))
        fail(fmt::format("is a TIFF of {} bits a sample; 8 and 16 are read", layout.bits));
    if (layout.samples < layout.colours() || layout.samples > kMostSamples)
        fail(fmt::format("is a TIFF of {} samples a pixel", layout.samples));
    std::uint16_t extras = 0;
    const std::uint16_t* extra = nullptr;
    if (layout.samples > layout.colours() && TIFFGetField(reader.get(), TIFFTAG_EXTRASAMPLES, &extras, &extra) != 0)
        layout.premultiplied = extras > 0 && extra[0] == EXTRASAMPLE_ASSOCALPHA && layout.colour != Colour::Cmyk &&
                               layout.colour != Colour::Palette;
    if (layout.colour == Colour::Palette) {
        std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
        if (TIFFGetField(reader.get(), TIFFTAG_COLORMAP, &red, &green, &blue) == 0)
            fail("is a damaged TIFF (the palette is missing)");
        layout.palette = {red, green, blue};
    }
    return layout;
}

// A rectangle of samples as libtiff hands it out: a strip or a tile, in one piece or a piece for each plane.
struct Block {
    std::vector<std::vector<std::uint8_t>> planes;
    std::size_t stride = 0; // bytes of a row
};

// As a byte; of packed greys the full range, of a palette the index.
unsigned sampleAt(const Layout& layout, const Block& block, std::size_t row, std::size_t column, int sample) {
    const auto perPixel = static_cast<std::size_t>(layout.planes ? 1 : layout.samples);
    const auto& plane = block.planes[layout.planes ? static_cast<std::size_t>(sample) : 0];
    const std::size_t index = column * perPixel + (layout.planes ? 0 : static_cast<std::size_t>(sample));
    const std::uint8_t* bytes = plane.data() + row * block.stride;
    if (layout.bits == 8)
        return bytes[index];
    if (layout.bits == 16) { // libtiff turns the file's byte order into the machine's
        std::uint16_t value = 0;
        std::memcpy(&value, bytes + index * 2, 2);
        return value >> 8;
    }
    const auto bits = static_cast<std::size_t>(layout.bits);
    const unsigned most = (1U << bits) - 1;
    const unsigned value = bytes[index * bits / 8] >> (8 - bits - index * bits % 8) & most;
    return layout.colour == Colour::Palette ? value : value * 255 / most;
}

void pixelAt(const Layout& layout, const Block& block, std::size_t row, std::size_t column, std::uint8_t* rgb) {
    if (layout.colour == Colour::Palette) {
        const unsigned index = sampleAt(layout, block, row, column, 0);
        for (std::size_t c = 0; c < 3; ++c)
            rgb[c] = static_cast<std::uint8_t>(layout.palette[c][index] >> 8);
        return;
    }
    std::uint8_t value[4]{};
    for (int c = 0; c < layout.colours(); ++c)
        value[c] = static_cast<std::uint8_t>(sampleAt(layout, block, row, column, c));
    if (layout.colour == Colour::Cmyk) {
        for (std::uint8_t& ink : value)
            ink = static_cast<std::uint8_t>(255 - ink);
        invertedCmykToRgb(value, rgb);
        return;
    }
    const unsigned alpha = layout.premultiplied ? sampleAt(layout, block, row, column, layout.colours()) : 255;
    for (std::size_t c = 0; c < 3; ++c) {
        const unsigned raw = value[layout.colour == Colour::Rgb ? c : 0];
        const unsigned shown = layout.colour == Colour::WhiteIsZero ? 255 - raw : raw;
        rgb[c] = static_cast<std::uint8_t>(alpha == 0 ? 0 : std::min(255U, shown * 255 / alpha));
    }
}

// Reads all strips or tiles; one that is damaged ends it.
class BlockReader final {
public:
    BlockReader(const TiffReader& reader, const Layout& layout) : m_reader(reader), m_layout(layout) {
        TIFF* tiff = reader.get();
        const bool tiled = TIFFIsTiled(tiff) != 0;
        std::uint32_t rows = 0, columns = static_cast<std::uint32_t>(layout.size.width);
        if (tiled) {
            columns = reader.field<std::uint32_t>(TIFFTAG_TILEWIDTH).value_or(0);
            rows = reader.field<std::uint32_t>(TIFFTAG_TILELENGTH).value_or(0);
        } else {
            TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
            rows = std::min(rows, static_cast<std::uint32_t>(layout.size.height));
        }
        const tmsize_t bytes = tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
        const tmsize_t stride = tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff);
        const std::size_t perPixel = static_cast<std::size_t>(layout.planes ? 1 : layout.samples);
        const std::size_t needed = (std::size_t{columns} * perPixel * static_cast<std::size_t>(layout.bits) + 7) / 8;
        const auto area =
            static_cast<std::uint64_t>(layout.size.width) * static_cast<std::uint64_t>(layout.size.height);
        if (rows == 0 || columns == 0 || std::uint64_t{rows} * columns > std::max(kLargestTile, 4 * area) ||
            bytes <= 0 || bytes > kLargestAllocation || stride <= 0 || static_cast<std::size_t>(stride) < needed ||
            static_cast<std::size_t>(bytes) < static_cast<std::size_t>(stride) * rows)
            fail("is a damaged TIFF (its blocks are of no sensible size)");
        m_rows = rows;
        m_columns = columns;
        m_tiled = tiled;
        m_block.stride = static_cast<std::size_t>(stride);
        m_block.planes.resize(layout.planes ? static_cast<std::size_t>(layout.samples) : 1);
        for (auto& plane : m_block.planes)
            plane.resize(static_cast<std::size_t>(bytes));
    }

    void readInto(RgbImage& image) {
        const auto width = static_cast<std::uint32_t>(image.width), height = static_cast<std::uint32_t>(image.height);
        for (std::uint32_t y = 0; y < height; y += m_rows)
            for (std::uint32_t x = 0; x < width; x += m_columns) {
                read(x, y);
                for (std::uint32_t row = 0; row < std::min(m_rows, height - y); ++row)
                    for (std::uint32_t column = 0; column < std::min(m_columns, width - x); ++column)
                        pixelAt(m_layout, m_block, row, column,
                                &image.pixels[(std::size_t{y + row} * width + x + column) * 3]);
            }
    }

private:
    void read(std::uint32_t x, std::uint32_t y) {
        TIFF* tiff = m_reader.get();
        for (std::size_t plane = 0; plane < m_block.planes.size(); ++plane) {
            auto& to = m_block.planes[plane];
            const auto sample = static_cast<std::uint16_t>(plane);
            const auto bytes = static_cast<tmsize_t>(to.size());
            if (m_tiled ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, sample), to.data(), bytes) < 0
                        : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, sample), to.data(), -1) < 0)
                m_reader.failAsTold();
        }
    }

    const TiffReader& m_reader;
    const Layout& m_layout;
    std::uint32_t m_rows = 0, m_columns = 0;
    bool m_tiled = false;
    Block m_block;
};

// YCbCr that is not JPEG's: libtiff's own conversion.
RgbImage readByLibrary(const TiffReader& reader) {
    RgbImage image = blank(sizeOf(reader));
    TIFFSetField(reader.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT); // turned by whoever asks for the picture
    std::vector<std::uint32_t> raster(image.pixels.size() / 3);
    if (TIFFReadRGBAImageOriented(reader.get(), static_cast<std::uint32_t>(image.width),
                                  static_cast<std::uint32_t>(image.height), raster.data(), ORIENTATION_TOPLEFT, 1) == 0)
        reader.failAsTold();
    for (std::size_t i = 0; i < raster.size(); ++i) {
        image.pixels[3 * i] = static_cast<std::uint8_t>(TIFFGetR(raster[i]));
        image.pixels[3 * i + 1] = static_cast<std::uint8_t>(TIFFGetG(raster[i]));
        image.pixels[3 * i + 2] = static_cast<std::uint8_t>(TIFFGetB(raster[i]));
    }
    return image;
}

std::uint16_t photometricOf(const TiffReader& reader) {
    const std::uint16_t photometric = reader.number(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    refuseCameraRaw(reader, photometric);
    return photometric;
}

} // namespace

Size tiffSize(Bytes file) {
    const TiffReader reader(file);
    (void)photometricOf(reader);
    return sizeOf(reader);
}

RgbImage tiff(Bytes file) {
    if (tiffEndsEarly(file))
        failEndsEarly();
    const TiffReader reader(file);
    std::uint16_t photometric = photometricOf(reader);
    const std::uint16_t compression = reader.number(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    if (compression == COMPRESSION_OJPEG)
        fail("is a TIFF with the old kind of JPEG compression");
    if (TIFFIsCODECConfigured(compression) == 0)
        fail(fmt::format("is a TIFF whose compression (number {}) is not known", compression));
    if (photometric == PHOTOMETRIC_YCBCR && reader.number(TIFFTAG_SAMPLESPERPIXEL, 1) == 3) {
        if (compression != COMPRESSION_JPEG)
            return readByLibrary(reader);
        TIFFSetField(reader.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        photometric = PHOTOMETRIC_RGB;
    }
    const Layout layout = layoutOf(reader, photometric);
    BlockReader blocks(reader, layout);
    RgbImage image = blank(layout.size);
    blocks.readInto(image);
    return image;
}

bool tiffEndsEarly(Bytes file) {
    // Without these a picture would be read as something else, or not at all.
    for (const std::uint32_t tag : {TIFFTAG_BITSPERSAMPLE, TIFFTAG_COLORMAP, TIFFTAG_JPEGTABLES})
        if (const auto end = endOfTiffValues(file, tag); end && *end > file.size())
            return true;
    const TiffReader reader(file);
    TIFF* tiff = reader.get();
    const std::uint32_t blocks = TIFFIsTiled(tiff) != 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    for (std::uint32_t i = 0; i < blocks; ++i) {
        int trouble = 0;
        const std::uint64_t begin = TIFFGetStrileOffsetWithErr(tiff, i, &trouble);
        const std::uint64_t bytes = trouble == 0 ? TIFFGetStrileByteCountWithErr(tiff, i, &trouble) : 0;
        if (trouble != 0 || begin > file.size() || bytes > file.size() - begin)
            return true;
    }
    return false;
}

int tiffOrientation(Bytes file) noexcept {
    try {
        const TiffReader reader(file);
        if (const auto orientation = reader.field<std::uint16_t>(TIFFTAG_ORIENTATION))
            return *orientation >= 1 && *orientation <= 8 ? *orientation : 1;
        std::uint32_t bytes = 0;
        const char* xmp = nullptr;
        if (TIFFGetField(reader.get(), TIFFTAG_XMLPACKET, &bytes, &xmp) != 0 && xmp != nullptr)
            return xmpOrientation({xmp, bytes});
    } catch (...) { // whoever reads the picture hears of it
    }
    return 1;
}

} // namespace engine::decode
