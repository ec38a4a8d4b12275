#pragma once

#include "engine/text/addedtokens.h"
#include "engine/text/albertcleaning.h"
#include "engine/text/sentencepiececheck.h"
#include "engine/text/tokenizer.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace engine {

// How the ids of a model follow from those of its SentencePiece model.
struct SentencePieceIds {
    TokenId shift = 0;                          // XLM-R: its own come first
    std::unordered_map<TokenId, TokenId> moved; // from SentencePiece's, before the shift
    std::vector<AddedToken> added;              // found in a text before all else
    bool cleansForAlbert = false;
    AlbertCleaning cleaning;
};

// A SentencePiece model, which its own library runs.
class SentencePieceTokenizer final : public Tokenizer {
public:
    // Throws Error(BadWeights): the library refuses the model. `what` is the file in sentences.
    SentencePieceTokenizer(const SentencePieceModel& model, SentencePieceIds ids, TokenizerFacts facts,
                           const std::string& what);
    ~SentencePieceTokenizer() override;

    [[nodiscard]] std::string decode(std::span<const TokenId> ids, SpecialTokens specials) const override;
    [[nodiscard]] std::size_t vocabularySize() const override { return m_pieces.size(); }
    [[nodiscard]] std::string piece(TokenId id) const override;
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view piece) const override;

private:
    class Output;

    void append(std::string_view utf8, Details details, Encoding& into) const override;
    void appendPart(std::string_view text, std::size_t base, Output& output) const;
    // ALBERT takes the comma off a number that SentencePiece left it in.
    void appendNumber(const std::string& piece, ByteRange range, Output& output) const;
    [[nodiscard]] TokenId idOfOwn(TokenId own) const;

    std::unique_ptr<sentencepiece::SentencePieceProcessor> m_processor;
    SentencePieceIds m_ids;
    AddedTokens m_added;
    std::vector<std::string> m_pieces; // by id; empty: none
    std::vector<TokenId> m_own;        // SentencePiece's id by id; -1: none
    std::vector<bool> m_special;       // by id
    std::unordered_map<std::string, TokenId> m_byPiece;
};

} // namespace engine
