#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace engine {

// The orientation tag in an EXIF block, of either byte order, with or without “Exif\0\0” before it; 1 where it makes no
// sense, nothing where there is none.
[[nodiscard]] std::optional<int> exifOrientation(std::span<const std::uint8_t> exif) noexcept;
// Where the values under `tag` of a TIFF's first directory end, if they stand outside of it; not of a BigTIFF's.
[[nodiscard]] std::optional<std::uint64_t> endOfTiffValues(std::span<const std::uint8_t> tiff,
                                                           std::uint32_t tag) noexcept;
// Likewise of an XMP packet, which counts where EXIF has none; 1 where there is none.
[[nodiscard]] int xmpOrientation(std::string_view xmp) noexcept;

} // namespace engine
