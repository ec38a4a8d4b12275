#pragma once

#include "engine/text/tokentemplate.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Finds the number that belongs to a few bytes: texts in one block of memory, found by open addressing.
class PieceTable final {
public:
    void reserve(std::size_t pieces, std::size_t bytes);
    // A piece that is there already gets the new number.
    void set(std::string_view piece, TokenId id);
    // -1: it is not there.
    [[nodiscard]] TokenId find(std::string_view piece) const;
    [[nodiscard]] std::size_t size() const { return m_count; }

private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t begin = 0, length = 0;
        TokenId id = -1; // none
    };
    [[nodiscard]] std::size_t slotOf(std::string_view piece, std::uint64_t hash) const;
    void grow(std::size_t slots);

    std::vector<Slot> m_slots;
    std::string m_bytes;
    std::size_t m_count = 0;
};

} // namespace engine
