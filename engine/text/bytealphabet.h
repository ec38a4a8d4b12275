#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace engine {

// GPT-2's alphabet: a visible character for each byte, so that a vocabulary of bytes can be written as text.
[[nodiscard]] char32_t characterOfByte(unsigned char byte);
// None for text that has a character outside of the alphabet, or that is no UTF-8.
[[nodiscard]] std::optional<std::string> bytesOfAlphabet(std::string_view text);

} // namespace engine
