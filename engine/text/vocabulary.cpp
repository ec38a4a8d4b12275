#include "engine/text/vocabulary.h"

#include "engine/models/weights/limits.h"

#include <fmt/format.h>

namespace engine {

void Vocabulary::add(std::string_view piece, std::uint64_t id, const std::string& what) {
    if (id >= kMostPieces)
        refuseWeights(fmt::format("{} gives a piece the id {}; at most {} pieces are read.", what, id, kMostPieces),
                      "Choose the vocabulary of a language model.");
    if (piece.size() > kMostPieceBytes)
        refuseWeights(fmt::format("{} holds a piece of {} bytes.", what, piece.size()),
                      "Choose the vocabulary of a language model.");
    const auto index = static_cast<std::size_t>(id);
    if (index >= m_pieces.size())
        m_pieces.resize(index + 1);
    m_pieces[index] = {static_cast<std::uint32_t>(m_bytes.size()), static_cast<std::uint32_t>(piece.size())};
    m_bytes += piece;
    m_table.set(piece, static_cast<TokenId>(id));
}

std::string_view Vocabulary::piece(TokenId id) const {
    if (id < 0 || static_cast<std::size_t>(id) >= m_pieces.size())
        return {};
    const Place& place = m_pieces[static_cast<std::size_t>(id)];
    return std::string_view(m_bytes).substr(place.begin, place.length);
}

} // namespace engine
