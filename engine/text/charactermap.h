#pragma once

#include <string_view>

namespace engine {

// Looks whether SentencePiece's compiled table of characters stays within itself on whatever text: a double array and
// the texts that it leads to. Returns what is wrong with it, as the end of a sentence; empty: nothing.
[[nodiscard]] std::string_view faultOfCharacterMap(std::string_view table);

} // namespace engine
