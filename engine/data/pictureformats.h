#pragma once

#include <filesystem>
#include <string>

namespace engine {

// OtherPicture: a picture of a format that is not read. Clutter: what systems leave in folders.
enum class FileKind { Picture, OtherPicture, Text, Other, Clutter };
// By the name alone.
[[nodiscard]] FileKind fileKind(const std::filesystem::path& file);
// What files of this name are counted as where they are passed over: ".tif", "text", "without ending".
[[nodiscard]] std::string passedOverAs(const std::filesystem::path& file);

} // namespace engine
