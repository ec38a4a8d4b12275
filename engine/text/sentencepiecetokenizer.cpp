#include "engine/text/sentencepiecetokenizer.h"

#include "engine/api/error.h"
#include "engine/models/weights/limits.h"

#include <algorithm>

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <unicode/uchar.h>

namespace engine {
namespace {

constexpr std::string_view kBlank = "\xe2\x96\x81"; // stands for a blank in a piece

std::size_t sizeFor(const SentencePieceModel& model, const SentencePieceIds& ids) {
    std::size_t size = 0;
    for (std::size_t own = 0; own < model.pieces.size(); ++own) {
        const auto moved = ids.moved.find(static_cast<TokenId>(own));
        const TokenId id = moved != ids.moved.end() ? moved->second : static_cast<TokenId>(own) + ids.shift;
        size = std::max(size, static_cast<std::size_t>(id) + 1);
    }
    for (const AddedToken& token : ids.added)
        size = std::max(size, static_cast<std::size_t>(token.id) + 1);
    return size;
}

// Where bytes of a text that was made of another one lie in that.
ByteRange originOf(ByteRange range, const AlignedText& made) {
    if (made.begins.empty())
        return {};
    if (range.end > range.begin)
        return {static_cast<std::uint32_t>(made.beginOf(range.begin)),
                static_cast<std::uint32_t>(made.endOf(range.end - 1))};
    const std::uint32_t at = range.begin < made.begins.size() ? made.begins[range.begin] : made.ends.back();
    return {at, at};
}

bool isNumberWithComma(std::string_view piece) {
    if (piece.size() < 2 || piece.back() != ',')
        return false;
    const Utf8Character before = characterBefore(piece, piece.size() - 1);
    return u_isdigit(static_cast<UChar32>(before.code)) != 0;
}

} // namespace

// Where the tokens of a text go.
class SentencePieceTokenizer::Output final {
public:
    Output(Details details, Encoding& into) : m_details(details), m_into(into) {}

    // `begins`: a piece that begins a word.
    void add(TokenId id, ByteRange range, bool begins) {
        m_into.ids.push_back(id);
        if (m_details == Details::IdsOnly)
            return;
        if (begins || m_word < 0)
            ++m_word;
        m_into.offsets.push_back(range);
        m_into.words.push_back(m_word);
    }

private:
    Details m_details;
    Encoding& m_into;
    std::int32_t m_word = -1;
};

SentencePieceTokenizer::SentencePieceTokenizer(const SentencePieceModel& model, SentencePieceIds ids,
                                               TokenizerFacts facts, const std::string& what)
    : Tokenizer(std::move(facts)),
      m_processor(std::make_unique<sentencepiece::SentencePieceProcessor>()),
      m_ids(std::move(ids)) {
    const sentencepiece::util::Status status = m_processor->LoadFromSerializedProto(model.bytes);
    if (!status.ok())
        refuseWeights(fmt::format("SentencePiece does not read {}: {}.", what, status.message()),
                      "Choose a spiece.model or sentencepiece.bpe.model, or fetch it again.");
    const std::size_t size = sizeFor(model, m_ids);
    m_pieces.resize(size);
    m_own.resize(size, -1);
    m_special.resize(size);
    for (std::size_t own = 0; own < model.pieces.size(); ++own) {
        const auto id = static_cast<std::size_t>(idOfOwn(static_cast<TokenId>(own)));
        const SentencePiece& piece = model.pieces[own];
        m_pieces[id] = piece.text;
        m_own[id] = static_cast<TokenId>(own);
        m_special[id] = piece.type == SentencePiece::Type::Control || piece.type == SentencePiece::Type::Unknown;
    }
    for (const AddedToken& token : m_ids.added) {
        const auto id = static_cast<std::size_t>(token.id);
        m_pieces[id] = token.content;
        m_special[id] = token.special;
        m_added.add(token, token.content);
    }
    for (std::size_t id = 0; id < size; ++id)
        if (!m_pieces[id].empty())
            m_byPiece.emplace(m_pieces[id], static_cast<TokenId>(id));
}

SentencePieceTokenizer::~SentencePieceTokenizer() = default;

TokenId SentencePieceTokenizer::idOfOwn(TokenId own) const {
    const auto moved = m_ids.moved.find(own);
    return moved != m_ids.moved.end() ? moved->second : own + m_ids.shift;
}

void SentencePieceTokenizer::append(std::string_view utf8, Details details, Encoding& into) const {
    Output output(details, into);
    m_added.split(
        utf8, [&](std::size_t begin, std::size_t end) { appendPart(utf8.substr(begin, end - begin), begin, output); },
        [&](const AddedToken& token, std::size_t begin, std::size_t end) {
            output.add(token.id, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, true);
        });
}

void SentencePieceTokenizer::appendPart(std::string_view text, std::size_t base, Output& output) const {
    AlignedText cleaned;
    if (m_ids.cleansForAlbert)
        cleaned = cleanedForAlbert(text, m_ids.cleaning);
    const std::string_view seen = m_ids.cleansForAlbert ? std::string_view(cleaned.text) : text;
    sentencepiece::ImmutableSentencePieceText pieces;
    const sentencepiece::util::Status status = m_processor->Encode(seen, pieces.mutable_proto());
    if (!status.ok())
        throw Error(ErrorKind::BadInput, fmt::format("SentencePiece cannot cut a text: {}.", status.message()),
                    "Choose another tokenizer.");
    const auto count = static_cast<int>(pieces.pieces_size());
    for (int i = 0; i < count; ++i) {
        const auto piece = pieces.pieces(i);
        const std::size_t begin = piece.begin(), end = piece.end();
        const ByteRange own{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
        ByteRange range = m_ids.cleansForAlbert ? originOf(own, cleaned) : own;
        range.begin += static_cast<std::uint32_t>(base);
        range.end += static_cast<std::uint32_t>(base);
        if (m_ids.cleansForAlbert && isNumberWithComma(piece.piece()))
            appendNumber(piece.piece(), range, output);
        else
            output.add(idOfOwn(static_cast<TokenId>(piece.id())), range, piece.piece().starts_with(kBlank));
    }
}

void SentencePieceTokenizer::appendNumber(const std::string& piece, ByteRange range, Output& output) const {
    std::string number = piece.substr(0, piece.size() - 1);
    for (std::size_t at = number.find(kBlank); at != std::string::npos; at = number.find(kBlank, at))
        number.erase(at, kBlank.size());
    std::vector<std::string> parts = m_processor->EncodeAsPieces(number);
    if (!piece.starts_with(kBlank) && !parts.empty() && parts.front().starts_with(kBlank)) {
        parts.front().erase(0, kBlank.size());
        if (parts.front().empty())
            parts.erase(parts.begin());
    }
    parts.emplace_back(",");
    for (const std::string& part : parts)
        output.add(idOfOwn(static_cast<TokenId>(m_processor->PieceToId(part))), range, part.starts_with(kBlank));
}

std::string SentencePieceTokenizer::piece(TokenId id) const {
    return id >= 0 && static_cast<std::size_t>(id) < m_pieces.size() ? m_pieces[static_cast<std::size_t>(id)]
                                                                     : std::string();
}

std::optional<TokenId> SentencePieceTokenizer::idOf(std::string_view piece) const {
    const auto found = m_byPiece.find(std::string(piece));
    return found == m_byPiece.end() ? std::nullopt : std::optional(found->second);
}

std::string SentencePieceTokenizer::decode(std::span<const TokenId> ids, SpecialTokens specials) const {
    std::string text;
    std::vector<int> run;
    const auto flush = [&] {
        std::string part;
        if (!run.empty() && m_processor->Decode(run, &part).ok())
            text += part;
        run.clear();
    };
    for (const TokenId id : ids) {
        if (id < 0 || static_cast<std::size_t>(id) >= m_pieces.size())
            continue;
        const auto index = static_cast<std::size_t>(id);
        if (!m_special[index] && m_own[index] >= 0) {
            run.push_back(m_own[index]);
        } else if (!m_special[index] || specials == SpecialTokens::Keep) {
            flush();
            text += m_pieces[index];
        }
    }
    flush();
    return text;
}

} // namespace engine
