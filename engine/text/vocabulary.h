#pragma once

#include "engine/text/piecetable.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// The pieces of a tokenizer and their ids, both ways.
class Vocabulary final {
public:
    static constexpr std::size_t kMostPieces = 1'000'000;
    static constexpr std::size_t kMostPieceBytes = 4096;

    // `what` is the file in sentences. The piece's last id counts, as in a dictionary of Python. Throws
    // Error(BadWeights) beyond the bounds above.
    void add(std::string_view piece, std::uint64_t id, const std::string& what);

    [[nodiscard]] std::optional<TokenId> find(std::string_view piece) const {
        const TokenId id = m_table.find(piece);
        return id < 0 ? std::nullopt : std::optional(id);
    }
    [[nodiscard]] std::string_view piece(TokenId id) const;            // empty: none
    [[nodiscard]] std::size_t size() const { return m_pieces.size(); } // the largest id and one
    [[nodiscard]] std::size_t count() const { return m_table.size(); } // of pieces

private:
    struct Place {
        std::uint32_t begin = 0, length = 0;
    };
    PieceTable m_table;
    std::string m_bytes;
    std::vector<Place> m_pieces; // by id
};

} // namespace engine
