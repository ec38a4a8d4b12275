#include "engine/data/decode.h"

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include <png.h>

namespace engine::decode {
namespace {

struct Source {
    const std::uint8_t* next;
    std::size_t left;
    char message[128];
};

extern "C" void thawPngRead(png_structp png, png_bytep out, png_size_t bytes) {
    auto* source = static_cast<Source*>(png_get_io_ptr(png));
    if (bytes > source->left)
        png_error(png, "ends early");
    std::memcpy(out, source->next, bytes);
    source->next += bytes;
    source->left -= bytes;
}

extern "C" void thawPngError(png_structp png, png_const_charp message) {
    auto* source = static_cast<Source*>(png_get_error_ptr(png));
    std::strncpy(source->message, message, sizeof source->message - 1);
    png_longjmp(png, 1);
}

extern "C" void thawPngWarning(png_structp, png_const_charp) {}

// Owns libpng's two structures.
struct PngReader {
    Source source;
    png_structp png = nullptr;
    png_infop info = nullptr;

    explicit PngReader(Bytes file) : source{file.data(), file.size(), {}} {
        png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, thawPngError, thawPngWarning);
        info = png != nullptr ? png_create_info_struct(png) : nullptr;
        if (info == nullptr)
            throw std::bad_alloc();
        png_set_read_fn(png, &source, thawPngRead);
    }
    ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    [[noreturn]] void failFromJump() const {
        if (std::strcmp(source.message, "ends early") == 0)
            failEndsEarly();
        fail(std::string("is a damaged PNG (") + source.message + ")");
    }
};

bool readInfo(PngReader& reader) {
    if (setjmp(png_jmpbuf(reader.png)) != 0)
        return false;
    png_read_info(reader.png, reader.info);
    return true;
}

bool toRgb(PngReader& reader) {
    if (setjmp(png_jmpbuf(reader.png)) != 0)
        return false;
    png_set_expand(reader.png);
    png_set_strip_16(reader.png);
    png_set_strip_alpha(reader.png);
    png_set_gray_to_rgb(reader.png);
    png_set_interlace_handling(reader.png);
    png_read_update_info(reader.png, reader.info);
    return true;
}

bool readRows(PngReader& reader, png_bytepp rows) {
    if (setjmp(png_jmpbuf(reader.png)) != 0)
        return false;
    png_read_image(reader.png, rows);
    png_read_end(reader.png, nullptr);
    return true;
}

} // namespace

Size pngSize(Bytes file) {
    PngReader reader(file);
    if (!readInfo(reader))
        reader.failFromJump();
    return {static_cast<int>(png_get_image_width(reader.png, reader.info)),
            static_cast<int>(png_get_image_height(reader.png, reader.info))};
}

RgbImage png(Bytes file) {
    PngReader reader(file);
    if (!readInfo(reader) || !toRgb(reader))
        reader.failFromJump();
    RgbImage image{.width = static_cast<int>(png_get_image_width(reader.png, reader.info)),
                   .height = static_cast<int>(png_get_image_height(reader.png, reader.info)),
                   .pixels = {}};
    const std::size_t stride = png_get_rowbytes(reader.png, reader.info);
    if (stride != static_cast<std::size_t>(image.width) * 3)
        fail("is a PNG of a kind that is not known");
    image.pixels.resize(stride * static_cast<std::size_t>(image.height));
    std::vector<png_bytep> rows(static_cast<std::size_t>(image.height));
    for (std::size_t y = 0; y < rows.size(); ++y)
        rows[y] = image.pixels.data() + y * stride;
    if (!readRows(reader, rows.data()))
        reader.failFromJump();
    return image;
}

bool pngEndsEarly(Bytes file) {
    static constexpr std::uint8_t kEnd[] = {'I', 'E', 'N', 'D'};
    return std::search(file.rbegin(), file.rend(), std::rbegin(kEnd), std::rend(kEnd)) == file.rend();
}

} // namespace engine::decode
