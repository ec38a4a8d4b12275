#include "engine/data/encode.h"

#include "engine/api/error.h"

#include <fmt/format.h>
#include <memory>
#include <new>
#include <png.h>
#include <turbojpeg.h>

namespace engine {

std::string encodedJpeg(const RgbImage& image, int quality) {
    const std::unique_ptr<void, int (*)(tjhandle)> encoder(tjInitCompress(), tjDestroy);
    if (!encoder)
        throw std::bad_alloc();
    unsigned char* data = nullptr;
    unsigned long bytes = 0;
    const int failed = tjCompress2(encoder.get(), image.pixels.data(), image.width, 0, image.height, TJPF_RGB, &data,
                                   &bytes, TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(data, tjFree);
    if (failed != 0)
        throw Error(ErrorKind::BadInput, fmt::format("cannot be written as a JPEG ({})", tjGetErrorStr2(encoder.get())),
                    "Leave it out.");
    return {reinterpret_cast<const char*>(data), bytes};
}

std::string encodedPng(const RgbImage& image) {
    png_image header{};
    header.version = PNG_IMAGE_VERSION;
    header.width = static_cast<png_uint_32>(image.width);
    header.height = static_cast<png_uint_32>(image.height);
    header.format = PNG_FORMAT_RGB;
    std::string result(PNG_IMAGE_PNG_SIZE_MAX(header), '\0');
    png_alloc_size_t bytes = result.size();
    if (png_image_write_to_memory(&header, result.data(), &bytes, 0, image.pixels.data(), 0, nullptr) == 0)
        throw Error(ErrorKind::BadInput, fmt::format("cannot be written as a PNG ({})", header.message),
                    "Leave it out.");
    result.resize(bytes);
    return result;
}

} // namespace engine
