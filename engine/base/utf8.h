#pragma once

#include <string>
#include <string_view>

namespace engine {

// Names of files may hold any bytes, JSON only valid UTF-8. A byte that is none becomes a character of plane 16's
// private use area, which names in practice never hold, so that the way back gives the bytes again.
[[nodiscard]] std::string utf8FromBytes(std::string_view bytes);
[[nodiscard]] std::string bytesFromUtf8(std::string_view text);
// A to Z become small; all other bytes stay.
[[nodiscard]] std::string asciiLower(std::string text);

} // namespace engine
