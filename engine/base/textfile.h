#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace engine {

// A file that people write, as UTF-8 without a byte-order mark; with one, it may be UTF-16 as well. Throws
// Error(NotFound | BadInput).
[[nodiscard]] std::string readTextFile(const std::filesystem::path& file);

// What cells of a table are separated by: the comma, tab or semicolon that stands most often in the line, outside of
// quotes.
[[nodiscard]] char delimiterOf(std::string_view line);

} // namespace engine
