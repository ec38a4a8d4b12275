#pragma once

#include "engine/text/addedtokens.h"
#include "engine/text/bytelevelbpe.h"
#include "engine/text/normalizer.h"
#include "engine/text/tokenizer.h"
#include "engine/text/wordpiece.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace engine {

// What a tokenizer of Hugging Face's library is made of: added tokens are taken out, the rest is normalised, cut into
// words, and each word into pieces.
struct Pipeline {
    std::shared_ptr<const Vocabulary> vocabulary;
    std::vector<AddedToken> added;
    Normalizer normalizer;
    std::variant<std::shared_ptr<const WordPiece>, std::shared_ptr<const ByteLevelBpe>> model;
    bool tidies = true; // WordPiece: no blanks before full stops and the like when ids become text again
};

class PipelineTokenizer final : public Tokenizer {
public:
    PipelineTokenizer(Pipeline pipeline, TokenizerFacts facts);

    [[nodiscard]] std::string decode(std::span<const TokenId> ids, SpecialTokens specials) const override;
    [[nodiscard]] std::size_t vocabularySize() const override;
    [[nodiscard]] std::string piece(TokenId id) const override;
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view piece) const override;

private:
    void append(std::string_view utf8, Details details, Encoding& into) const override;
    void appendNormalized(std::string_view text, std::size_t base, Details details, TokenSink& sink) const;
    [[nodiscard]] const AddedToken* addedOf(TokenId id) const;

    Pipeline m_pipeline;
    AddedTokens m_asWritten, m_normalized;
    std::unordered_map<TokenId, std::size_t> m_addedById; // places in m_pipeline.added
    std::unordered_map<std::string, TokenId> m_addedByContent;
};

} // namespace engine
