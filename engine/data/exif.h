#pragma once

#include <cstdint>
#include <span>

namespace engine {

// The orientation tag (1–8) of a JPEG's EXIF block; 1 where there is none or it makes no sense.
[[nodiscard]] int jpegOrientation(std::span<const std::uint8_t> file) noexcept;

} // namespace engine
