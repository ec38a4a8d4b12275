#pragma once

#include "engine/data/imagefile.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// One pair of functions a format; all throw Error(BadInput) whose message begins with a verb: "ends early …". None
// takes more memory than a few times what the picture needs as RGB, and that is asked for only after the size was held
// against kLargestPicture.
namespace engine::decode {

using Bytes = std::span<const std::uint8_t>;

constexpr std::int64_t kLargestPicture = 200'000'000; // pixels; more is taken for an attack or a mistake

struct Size {
    int width = 0, height = 0;
};

[[nodiscard]] Size jpegSize(Bytes file);
[[nodiscard]] RgbImage jpeg(Bytes file);
// `crop` in stored (unturned) pixels; `eighths` of the full size: 1, 2, 4 or 8.
[[nodiscard]] ImagePart jpegPart(Bytes file, Rectangle crop, int eighths);
[[nodiscard]] bool jpegEndsEarly(Bytes file);

[[nodiscard]] Size pngSize(Bytes file);
[[nodiscard]] RgbImage png(Bytes file);
[[nodiscard]] bool pngEndsEarly(Bytes file);

[[nodiscard]] Size webpSize(Bytes file);
[[nodiscard]] RgbImage webp(Bytes file); // of an animation the first frame
[[nodiscard]] bool webpEndsEarly(Bytes file);

[[nodiscard]] Size bmpSize(Bytes file);
[[nodiscard]] RgbImage bmp(Bytes file);
[[nodiscard]] bool bmpEndsEarly(Bytes file);

[[nodiscard]] Size gifSize(Bytes file);
[[nodiscard]] RgbImage gif(Bytes file); // the first frame
[[nodiscard]] bool gifEndsEarly(Bytes file);

[[nodiscard]] Size tiffSize(Bytes file);
[[nodiscard]] RgbImage tiff(Bytes file); // the first page
[[nodiscard]] bool tiffEndsEarly(Bytes file);

[[nodiscard]] Size pnmSize(Bytes file);
[[nodiscard]] RgbImage pnm(Bytes file);
[[nodiscard]] bool pnmEndsEarly(Bytes file);

// HEIC and AVIF; size and pixels are those after the file's own turning and cropping.
[[nodiscard]] Size heifSize(Bytes file);
[[nodiscard]] RgbImage heif(Bytes file);
[[nodiscard]] bool heifEndsEarly(Bytes file);

// EXIF's orientation (1–8); 1 where there is none or it makes no sense.
[[nodiscard]] int jpegOrientation(Bytes file) noexcept;
[[nodiscard]] int pngOrientation(Bytes file) noexcept;
[[nodiscard]] int webpOrientation(Bytes file) noexcept;
[[nodiscard]] int tiffOrientation(Bytes file) noexcept;

[[noreturn]] void fail(const std::string& message);
[[noreturn]] void failEndsEarly(); // in the same words for every format
// Throws unless the picture has pixels, and no more than kLargestPicture.
void requireSize(std::int64_t width, std::int64_t height);
[[nodiscard]] RgbImage blank(Size size); // black

// Adobe writes CMYK inverted and everybody follows: `rgb` of one pixel by Pillow's formula, 255 being no ink.
inline void invertedCmykToRgb(const std::uint8_t* cmyk, std::uint8_t* rgb) {
    for (int channel = 0; channel < 3; ++channel) {
        const unsigned ink = 255u - cmyk[channel];
        unsigned product = ink * cmyk[3] + 128u;
        product = (product + (product >> 8)) >> 8;
        rgb[channel] = static_cast<std::uint8_t>(cmyk[3] - product);
    }
}

} // namespace engine::decode
