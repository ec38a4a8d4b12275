#pragma once

#include "engine/data/decode.h"

#include <span>
#include <string>
#include <string_view>

namespace engine {

// One row of the table of picture formats.
struct ImageFormat {
    ImageFile::Format format;
    const char* name;
    std::span<const std::string_view> endings; // lower case, with their dot
    bool (*begins)(decode::Bytes file);        // by its first bytes
    decode::Size (*size)(decode::Bytes file);
    RgbImage (*decode)(decode::Bytes file);
    bool (*endsEarly)(decode::Bytes file);
    int (*orientation)(decode::Bytes file) noexcept = nullptr; // null: the format has none, or its decoder follows it
};

// The row of the format that the bytes are of. Throws Error(BadInput) whose message says what else they are: “is a
// camera raw file (CR2)”.
[[nodiscard]] const ImageFormat& formatOf(decode::Bytes file);
[[nodiscard]] const ImageFormat& rowOf(ImageFile::Format format);

// What a file that is no picture of the table is, by its first bytes: “a PDF document”; empty where that is not known.
[[nodiscard]] std::string nameOfOther(decode::Bytes file);

} // namespace engine
