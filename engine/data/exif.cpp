#include "engine/data/exif.h"

#include <cstddef>
#include <cstring>

namespace engine {
namespace {

// The orientation in a TIFF block, which is what EXIF is.
int tiffOrientation(std::span<const std::uint8_t> tiff) noexcept {
    if (tiff.size() < 8)
        return 1;
    const bool little = tiff[0] == 'I';
    auto read = [&](std::size_t at, int bytes) -> std::uint32_t {
        std::uint32_t value = 0;
        for (int i = 0; i < bytes; ++i)
            value |= std::uint32_t{tiff[at + static_cast<std::size_t>(i)]} << 8 * (little ? i : bytes - 1 - i);
        return value;
    };
    const std::size_t directory = read(4, 4);
    if (directory > tiff.size() - 2)
        return 1;
    const std::size_t entries = read(directory, 2);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::size_t entry = directory + 2 + 12 * i;
        if (entry + 12 > tiff.size())
            return 1;
        if (read(entry, 2) == 0x0112) {
            const auto value = static_cast<int>(read(entry + 8, 2));
            return value >= 1 && value <= 8 ? value : 1;
        }
    }
    return 1;
}

} // namespace

int jpegOrientation(std::span<const std::uint8_t> file) noexcept {
    std::size_t at = 2;
    while (at + 4 <= file.size() && file[at] == 0xff) {
        const int marker = file[at + 1];
        if (marker == 0xff) { // fill byte
            ++at;
            continue;
        }
        if (marker == 0xda || marker == 0xd9)
            break;
        const std::size_t length = std::size_t{file[at + 2]} << 8 | file[at + 3];
        if (length < 2 || at + 2 + length > file.size())
            break;
        if (marker == 0xe1 && length >= 8 && std::memcmp(file.data() + at + 4, "Exif\0\0", 6) == 0)
            return tiffOrientation(file.subspan(at + 10, length - 8));
        at += 2 + length;
    }
    return 1;
}

} // namespace engine
