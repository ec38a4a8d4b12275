#pragma once

#include "engine/data/imagefile.h"

#include <cstdint>
#include <span>

// One pair of functions a format; all throw Error(BadInput) whose message begins with a verb: "ends early …".
namespace engine::decode {

struct Size {
    int width = 0, height = 0;
};

[[nodiscard]] Size jpegSize(std::span<const std::uint8_t> file);
[[nodiscard]] RgbImage jpeg(std::span<const std::uint8_t> file);
// `crop` in stored (unturned) pixels; `eighths` of the full size: 1, 2, 4 or 8.
[[nodiscard]] ImagePart jpegPart(std::span<const std::uint8_t> file, Rectangle crop, int eighths);

[[nodiscard]] Size pngSize(std::span<const std::uint8_t> file);
[[nodiscard]] RgbImage png(std::span<const std::uint8_t> file);

[[nodiscard]] Size webpSize(std::span<const std::uint8_t> file);
[[nodiscard]] RgbImage webp(std::span<const std::uint8_t> file);

[[nodiscard]] Size stbSize(std::span<const std::uint8_t> file); // BMP and GIF
[[nodiscard]] RgbImage stb(std::span<const std::uint8_t> file);
[[nodiscard]] bool stbEndsEarly(std::span<const std::uint8_t> file);

[[noreturn]] void fail(const std::string& message);

} // namespace engine::decode
