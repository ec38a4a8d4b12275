#include "engine/data/decode.h"

#include <memory>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace engine::decode {
namespace {

// Walks a GIF's blocks to the end of its first frame and calls onControl with the place of each graphic control block's
// flags. False where the file ends before.
template <typename OnControl>
bool walkFirstFrame(Bytes file, OnControl onControl) {
    auto byte = [&](std::size_t at) -> std::size_t { return at < file.size() ? file[at] : 0; };
    auto colours = [&](std::size_t flags) { return (flags & 0x80) != 0 ? std::size_t{3} << ((flags & 7) + 1) : 0; };
    std::size_t at = 13 + colours(byte(10));
    while (at < file.size()) {
        const bool frame = byte(at) == 0x2c;
        if (!frame && byte(at) != 0x21)
            return true; // the end, or damage that the decoder names
        if (!frame && byte(at + 1) == 0xf9 && at + 3 < file.size())
            onControl(at + 3);
        at += frame ? 11 + colours(byte(at + 9)) : 2;
        while (at < file.size() && byte(at) != 0)
            at += byte(at) + 1;
        if (frame)
            return at < file.size();
        ++at;
    }
    return false;
}

// Transparent pixels keep their palette's colour, as in all other formats; the library would leave them out.
std::vector<std::uint8_t> opaqueGif(Bytes file) {
    std::vector<std::uint8_t> result(file.begin(), file.end());
    walkFirstFrame(file, [&](std::size_t flags) { result[flags] &= 0xfe; });
    return result;
}

} // namespace

bool gifEndsEarly(Bytes file) {
    return !walkFirstFrame(file, [](std::size_t) {});
}

Size gifSize(Bytes file) {
    Size size;
    int channels = 0;
    if (stbi_info_from_memory(file.data(), static_cast<int>(file.size()), &size.width, &size.height, &channels) == 0)
        fail(std::string("is a damaged GIF (") + stbi_failure_reason() + ")");
    return size;
}

RgbImage gif(Bytes file) {
    if (gifEndsEarly(file)) // the library would fill up with black
        failEndsEarly();
    const std::vector<std::uint8_t> opaque = opaqueGif(file);
    RgbImage image;
    int channels = 0;
    const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
        stbi_load_from_memory(opaque.data(), static_cast<int>(opaque.size()), &image.width, &image.height, &channels,
                              3),
        stbi_image_free);
    if (!pixels)
        fail(std::string("is a damaged GIF (") + stbi_failure_reason() + ")");
    image.pixels.assign(pixels.get(), pixels.get() + std::size_t(image.width) * std::size_t(image.height) * 3);
    return image;
}

} // namespace engine::decode
