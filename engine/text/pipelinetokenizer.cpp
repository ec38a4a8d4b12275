#include "engine/text/pipelinetokenizer.h"

#include "engine/text/bytealphabet.h"

#include <algorithm>
#include <array>
#include <utility>

namespace engine {
namespace {

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// As Hugging Face's decoder tidies each piece.
void tidy(std::string& piece) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kRules{{{" .", "."},
                                                                                           {" ?", "?"},
                                                                                           {" !", "!"},
                                                                                           {" ,", ","},
                                                                                           {" ' ", "'"},
                                                                                           {" n't", "n't"},
                                                                                           {" 'm", "'m"},
                                                                                           {" do not", " don't"},
                                                                                           {" 's", "'s"},
                                                                                           {" 've", "'ve"},
                                                                                           {" 're", "'re"}}};
    for (const auto& [from, to] : kRules)
        replaceAll(piece, from, to);
}

} // namespace

PipelineTokenizer::PipelineTokenizer(Pipeline pipeline, TokenizerFacts facts)
    : Tokenizer(std::move(facts)), m_pipeline(std::move(pipeline)) {
    for (std::size_t i = 0; i < m_pipeline.added.size(); ++i) {
        const AddedToken& token = m_pipeline.added[i];
        m_addedById[token.id] = i;
        m_addedByContent[token.content] = token.id;
        if (validUtf8Bytes(token.content) != token.content.size())
            continue; // stands in no text
        AlignedText normalized;
        if (token.normalized)
            m_normalized.add(token, m_pipeline.normalizer.apply(token.content, Details::IdsOnly, normalized));
        else
            m_asWritten.add(token, token.content);
    }
}

void PipelineTokenizer::append(std::string_view utf8, Details details, Encoding& into) const {
    TokenSink sink(details, into);
    m_asWritten.split(
        utf8,
        [&](std::size_t begin, std::size_t end) {
            appendNormalized(utf8.substr(begin, end - begin), begin, details, sink);
        },
        [&](const AddedToken& token, std::size_t begin, std::size_t end) { sink.addWhole(token.id, begin, end); });
}

void PipelineTokenizer::appendNormalized(std::string_view text, std::size_t base, Details details,
                                         TokenSink& sink) const {
    AlignedText aligned;
    const std::string_view normalized = m_pipeline.normalizer.apply(text, details, aligned);
    m_normalized.split(
        normalized,
        [&](std::size_t begin, std::size_t end) {
            const std::string_view part = normalized.substr(begin, end - begin);
            sink.enter(aligned, part, begin, base);
            std::visit([&](const auto& model) { model->append(part, sink); }, m_pipeline.model);
        },
        [&](const AddedToken& token, std::size_t begin, std::size_t end) {
            sink.enter(aligned, normalized, 0, base);
            sink.beginWord();
            sink.add(token.id, begin, end);
        });
}

const AddedToken* PipelineTokenizer::addedOf(TokenId id) const {
    const auto found = m_addedById.find(id);
    return found == m_addedById.end() ? nullptr : &m_pipeline.added[found->second];
}

std::string PipelineTokenizer::piece(TokenId id) const {
    const AddedToken* added = addedOf(id);
    return added != nullptr ? added->content : std::string(m_pipeline.vocabulary->piece(id));
}

std::optional<TokenId> PipelineTokenizer::idOf(std::string_view piece) const {
    const auto found = m_addedByContent.find(std::string(piece));
    return found != m_addedByContent.end() ? std::optional(found->second) : m_pipeline.vocabulary->find(piece);
}

std::size_t PipelineTokenizer::vocabularySize() const {
    std::size_t size = m_pipeline.vocabulary->size();
    for (const AddedToken& token : m_pipeline.added)
        size = std::max(size, static_cast<std::size_t>(token.id) + 1);
    return size;
}

std::string PipelineTokenizer::decode(std::span<const TokenId> ids, SpecialTokens specials) const {
    const auto* wordPiece = std::get_if<std::shared_ptr<const WordPiece>>(&m_pipeline.model);
    std::string text;
    bool first = true;
    for (const TokenId id : ids) {
        const AddedToken* added = addedOf(id);
        if (added != nullptr && added->special && specials == SpecialTokens::LeaveOut)
            continue;
        std::string shown = piece(id);
        if (shown.empty())
            continue;
        if (wordPiece == nullptr) {
            text += bytesOfAlphabet(shown).value_or(shown);
            continue;
        }
        const std::string& goesOn = (*wordPiece)->settings().goesOn;
        if (!std::exchange(first, false))
            shown = shown.starts_with(goesOn) ? shown.substr(goesOn.size()) : " " + shown;
        if (m_pipeline.tidies)
            tidy(shown);
        text += shown;
    }
    return text;
}

} // namespace engine
