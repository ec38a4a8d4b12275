#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// A text that was made of another one, and what each of its bytes was made of.
struct AlignedText {
    std::string text;
    std::vector<std::uint32_t> begins, ends; // bytes of the other text; both empty: each byte is its own

    void clear() {
        text.clear();
        begins.clear();
        ends.clear();
    }
    void add(std::string_view bytes, std::size_t begin, std::size_t end) {
        text += bytes;
        begins.insert(begins.end(), bytes.size(), static_cast<std::uint32_t>(begin));
        ends.insert(ends.end(), bytes.size(), static_cast<std::uint32_t>(end));
    }
    [[nodiscard]] std::size_t beginOf(std::size_t byte) const { return begins.empty() ? byte : begins[byte]; }
    [[nodiscard]] std::size_t endOf(std::size_t byte) const { return ends.empty() ? byte + 1 : ends[byte]; }
};

} // namespace engine
