#pragma once

#include "engine/text/piecetrie.h"
#include "engine/text/tokensink.h"
#include "engine/text/vocabulary.h"

#include <memory>
#include <string>

namespace engine {

struct WordPieceSettings {
    std::string unknown = "[UNK]";
    std::string goesOn = "##";        // before the pieces that do not begin a word
    std::size_t mostCharacters = 100; // of a word; longer ones are unknown
};

// BERT's model: a word is the longest piece with which it begins, then the longest one with which it goes on.
class WordPiece final {
public:
    // `what` is the file in sentences. Throws Error(BadWeights): the unknown piece is not in the vocabulary, or
    // its pieces are longer than there is room for.
    WordPiece(std::shared_ptr<const Vocabulary> vocabulary, WordPieceSettings settings, const std::string& what);

    // Cuts a text at white space and around each mark, and each word into pieces.
    void append(std::string_view text, TokenSink& sink) const;

    [[nodiscard]] const WordPieceSettings& settings() const { return m_settings; }

private:
    void appendWord(std::string_view text, std::size_t begin, std::size_t end, TokenSink& sink) const;

    std::shared_ptr<const Vocabulary> m_vocabulary;
    WordPieceSettings m_settings;
    TokenId m_unknown = 0;
    PieceTrie m_begins, m_goesOn;
};

} // namespace engine
