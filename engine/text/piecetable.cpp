#include "engine/text/piecetable.h"

#include <bit>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace engine {
namespace {

constexpr std::size_t kFewest = 16;

std::uint64_t hashOf(std::string_view piece) { return XXH3_64bits(piece.data(), piece.size()); }

} // namespace

void PieceTable::reserve(std::size_t pieces, std::size_t bytes) {
    m_bytes.reserve(bytes);
    grow(std::bit_ceil(2 * pieces + kFewest));
}

void PieceTable::grow(std::size_t slots) {
    if (slots <= m_slots.size())
        return;
    std::vector<Slot> old(slots);
    old.swap(m_slots);
    for (const Slot& slot : old) {
        if (slot.id < 0)
            continue;
        std::size_t at = slot.hash & (slots - 1);
        while (m_slots[at].id >= 0)
            at = (at + 1) & (slots - 1);
        m_slots[at] = slot;
    }
}

std::size_t PieceTable::slotOf(std::string_view piece, std::uint64_t hash) const {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = hash & mask;
    while (m_slots[at].id >= 0) {
        const Slot& slot = m_slots[at];
        if (slot.hash == hash && std::string_view(m_bytes.data() + slot.begin, slot.length) == piece)
            break;
        at = (at + 1) & mask;
    }
    return at;
}

void PieceTable::set(std::string_view piece, TokenId id) {
    if (2 * (m_count + 1) > m_slots.size())
        grow(std::bit_ceil(4 * m_count + kFewest));
    const std::uint64_t hash = hashOf(piece);
    Slot& slot = m_slots[slotOf(piece, hash)];
    if (slot.id < 0) {
        slot = {.hash = hash,
                .begin = static_cast<std::uint32_t>(m_bytes.size()),
                .length = static_cast<std::uint32_t>(piece.size())};
        m_bytes += piece;
        ++m_count;
    }
    slot.id = id;
}

TokenId PieceTable::find(std::string_view piece) const {
    return m_slots.empty() ? -1 : m_slots[slotOf(piece, hashOf(piece))].id;
}

} // namespace engine
