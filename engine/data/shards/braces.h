#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Whether the text has braces that stand for several texts.
[[nodiscard]] bool hasBraces(std::string_view text);
// What "a-{000..123}.tar" and "{x,y}/z" stand for, in their order; a text without braces is itself. Throws
// Error(BadInput) where they stand for more than a million.
[[nodiscard]] std::vector<std::string> expandBraces(const std::string& text);

} // namespace engine
