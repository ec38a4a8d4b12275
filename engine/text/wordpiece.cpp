#include "engine/text/wordpiece.h"

#include "engine/models/weights/limits.h"
#include "engine/text/unicodeclass.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::uint8_t kEnds = unicode::kSpace | unicode::kMark;

} // namespace

WordPiece::WordPiece(std::shared_ptr<const Vocabulary> vocabulary, WordPieceSettings settings, const std::string& what)
    : m_vocabulary(std::move(vocabulary)), m_settings(std::move(settings)) {
    const std::optional<TokenId> unknown = m_vocabulary->find(m_settings.unknown);
    if (!unknown)
        refuseWeights(fmt::format("{} has no piece “{}” for unknown words.", what, m_settings.unknown),
                      "Choose the vocabulary of a BERT model: a piece on each line, or a tokenizer.json.");
    m_unknown = *unknown;
    for (std::size_t id = 0; id < m_vocabulary->size(); ++id) {
        const std::string_view piece = m_vocabulary->piece(static_cast<TokenId>(id));
        if (piece.empty())
            continue;
        const TokenId counts = *m_vocabulary->find(piece); // where it stands there twice
        const bool goesOn = piece.size() > m_settings.goesOn.size() && piece.starts_with(m_settings.goesOn);
        if (!m_begins.add(piece, counts) || (goesOn && !m_goesOn.add(piece.substr(m_settings.goesOn.size()), counts)))
            refuseWeights(fmt::format("The pieces of {} are longer than those of any vocabulary that is known.", what),
                          "Choose the vocabulary of a BERT model: a piece on each line, or a tokenizer.json.");
    }
}

void WordPiece::append(std::string_view text, TokenSink& sink) const {
    const UnicodeClasses& classes = UnicodeClasses::ofIcu();
    std::size_t begin = 0; // of the word that is being read
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = characterAt(text, at);
        const std::size_t next = at + character.bytes;
        const std::uint8_t flags = classes.of(character.code);
        if ((flags & kEnds) != 0) {
            if (begin < at)
                appendWord(text, begin, at, sink);
            if ((flags & unicode::kSpace) == 0)
                appendWord(text, at, next, sink);
            begin = next;
        }
        at = next;
    }
    if (begin < text.size())
        appendWord(text, begin, text.size(), sink);
}

void WordPiece::appendWord(std::string_view text, std::size_t begin, std::size_t end, TokenSink& sink) const {
    sink.beginWord();
    const std::string_view word = text.substr(begin, end - begin);
    const auto characters = [&] {
        return static_cast<std::size_t>(std::ranges::count_if(word, [](char c) { return !isContinuation(c); }));
    };
    if (word.size() > m_settings.mostCharacters && characters() > m_settings.mostCharacters) {
        sink.add(m_unknown, begin, end);
        return;
    }
    if (const std::optional<TokenId> whole = m_vocabulary->find(word)) {
        sink.add(*whole, begin, end);
        return;
    }
    const std::size_t before = sink.count();
    for (std::size_t at = 0; at < word.size();) {
        const PieceTrie::Match match = (at == 0 ? m_begins : m_goesOn).longest(PieceTrie::kRoot, word.substr(at));
        if (match.id < 0 || match.bytes == 0) {
            sink.takeBack(before);
            sink.add(m_unknown, begin, end);
            return;
        }
        sink.add(match.id, begin + at, begin + at + match.bytes);
        at += match.bytes;
    }
}

} // namespace engine
