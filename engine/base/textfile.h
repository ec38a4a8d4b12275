#pragma once

#include <filesystem>
#include <string>

namespace engine {

// A file that people write, as UTF-8 without a byte-order mark; with one, it may be UTF-16 as well. Throws
// Error(NotFound | BadInput).
[[nodiscard]] std::string readTextFile(const std::filesystem::path& file);

} // namespace engine
