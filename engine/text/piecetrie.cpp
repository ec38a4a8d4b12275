#include "engine/text/piecetrie.h"

#include <algorithm>

namespace engine {

void PieceTrie::grow() {
    constexpr std::size_t kFewest = 64;
    if (2 * (m_edges + 1) <= m_table.size())
        return;
    std::vector<Edge> old(std::max(kFewest, 2 * m_table.size()));
    old.swap(m_table);
    for (const Edge& edge : old)
        if (edge.key != kFree)
            m_table[slotOf(edge.key)] = edge;
}

bool PieceTrie::add(std::string_view piece, TokenId id) {
    if (m_edges + piece.size() > kMostEdges)
        return false;
    Node node = kRoot;
    for (const char c : piece) {
        grow();
        const std::uint64_t key = std::uint64_t{node} << 8 | static_cast<unsigned char>(c);
        Edge& edge = m_table[slotOf(key)];
        if (edge.key == kFree) {
            edge = {key, static_cast<Node>(m_ids.size())};
            m_ids.push_back(-1);
            ++m_edges;
        }
        node = edge.to;
    }
    m_ids[node] = id;
    return true;
}

PieceTrie::Node PieceTrie::walk(Node from, std::string_view bytes) const {
    for (const char c : bytes) {
        if (from == kNone)
            break;
        from = next(from, static_cast<unsigned char>(c));
    }
    return from;
}

} // namespace engine
