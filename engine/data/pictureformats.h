#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace engine {

// Endings under which files are listed as pictures, in lower case: each is of a format that ImageFile reads.
[[nodiscard]] std::span<const std::string_view> pictureEndings();
// The formats that ImageFile reads, for sentences: "JPEG, PNG, WebP, BMP and GIF".
[[nodiscard]] std::string_view pictureFormats();

// OtherPicture: a picture of a format that is not read. Clutter: what systems leave in folders.
enum class FileKind { Picture, OtherPicture, Text, Other, Clutter };
// By the name alone.
[[nodiscard]] FileKind fileKind(const std::filesystem::path& file);
// What files of this name are counted as where they are passed over: ".tif", "text", "without ending".
[[nodiscard]] std::string passedOverAs(const std::filesystem::path& file);

} // namespace engine
