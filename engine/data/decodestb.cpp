#include "engine/data/decode.h"

#include <memory>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace engine::decode {

Size stbSize(std::span<const std::uint8_t> file) {
    Size size;
    int channels = 0;
    if (stbi_info_from_memory(file.data(), static_cast<int>(file.size()), &size.width, &size.height, &channels) == 0)
        fail(std::string("is damaged (") + stbi_failure_reason() + ")");
    return size;
}

RgbImage stb(std::span<const std::uint8_t> file) {
    RgbImage image;
    int channels = 0;
    const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
        stbi_load_from_memory(file.data(), static_cast<int>(file.size()), &image.width, &image.height, &channels, 3),
        stbi_image_free);
    if (!pixels)
        fail(std::string("is damaged (") + stbi_failure_reason() + ")");
    image.pixels.assign(pixels.get(), pixels.get() + std::size_t(image.width) * std::size_t(image.height) * 3);
    return image;
}

} // namespace engine::decode
