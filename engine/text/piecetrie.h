#pragma once

#include "engine/text/tokentemplate.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace engine {

// Finds the longest of many pieces with which a text goes on. Its edges stand in one table with open addressing, so
// that it is built in the time that its pieces take to be read, whatever they are.
class PieceTrie final {
public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr Node kNone = 0xffffffff;
    static constexpr std::size_t kMostEdges = std::size_t{1} << 22;

    // False where there is no room for it: the published vocabularies need a tenth of what there is.
    [[nodiscard]] bool add(std::string_view piece, TokenId id);
    [[nodiscard]] bool empty() const { return m_edges == 0; }

    // Where `bytes` lead to from a node; kNone: nowhere.
    [[nodiscard]] Node walk(Node from, std::string_view bytes) const;

    struct Match {
        TokenId id = -1; // none
        std::size_t bytes = 0;
    };
    // The longest piece, from a node on, with which `text` begins.
    [[nodiscard]] Match longest(Node from, std::string_view text) const {
        Match best;
        for (std::size_t at = 0; from != kNone;) {
            if (m_ids[from] >= 0)
                best = {m_ids[from], at};
            if (at == text.size())
                break;
            from = next(from, static_cast<unsigned char>(text[at++]));
        }
        return best;
    }

private:
    struct Edge {
        std::uint64_t key = kFree;
        Node to = 0;
    };
    static constexpr std::uint64_t kFree = ~std::uint64_t{0};

    [[nodiscard]] std::size_t slotOf(std::uint64_t key) const {
        constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15u;
        const std::size_t mask = m_table.size() - 1;
        std::size_t at = (key * kSpread >> 32) & mask;
        while (m_table[at].key != key && m_table[at].key != kFree)
            at = (at + 1) & mask;
        return at;
    }
    [[nodiscard]] Node next(Node from, unsigned char byte) const {
        if (m_table.empty())
            return kNone;
        const Edge& edge = m_table[slotOf(std::uint64_t{from} << 8 | byte)];
        return edge.key == kFree ? kNone : edge.to;
    }
    void grow();

    std::vector<Edge> m_table;
    std::vector<TokenId> m_ids = {-1}; // by node
    std::size_t m_edges = 0;
};

} // namespace engine
