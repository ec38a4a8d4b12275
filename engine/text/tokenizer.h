#pragma once

#include "engine/text/tokentemplate.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Bytes of a text, [begin, end).
struct ByteRange {
    std::uint32_t begin = 0, end = 0;
    bool operator==(const ByteRange&) const = default;
};

enum class SpecialTokens { Keep, LeaveOut };
enum class Side { Right, Left };
enum class Details { All, IdsOnly };

struct EncodeOptions {
    std::size_t maxTokens = 0; // the special ones included; 0: any number. The longer text of two is cut first.
    Side cut = Side::Right;
    SpecialTokens specials = SpecialTokens::Keep; // those around a text; the ones that stand in it are found anyway
    Details details = Details::All;
};

// A text, or two, as a model takes them.
struct Encoding {
    std::vector<TokenId> ids;
    // Beside each id, unless only these were asked for:
    std::vector<ByteRange> offsets;     // what it stands for in its text, whole characters; empty of tokens around it
    std::vector<std::int32_t> words;    // the how manieth word of its text it belongs to, from 0; -1: none
    std::vector<std::uint8_t> segments; // 0: of the first text, 1: of the second (token_type_ids)
    std::size_t leftOut = 0;            // tokens beyond maxTokens

    void clear();
};

// What a vocabulary calls its special tokens; none: it has no such.
struct SpecialIds {
    std::optional<TokenId> pad, unknown, classify, separate, mask, begin, end;
};

struct TokenizerFacts {
    std::string kind;               // "WordPiece", "byte-level BPE", "SentencePiece unigram", "SentencePiece BPE"
    std::string words;              // one sentence: what it does to a text
    std::size_t statedLength = 0;   // tokens that the model was made for, as its files say; 0: they say nothing
    std::vector<std::string> notes; // sentences on what its files leave open and what was taken
    SpecialIds specials;
    TokenTemplate around;
};

// Turns texts into the ids of a model's vocabulary and back. Immutable: every function may be called from any thread.
class Tokenizer {
public:
    static constexpr std::size_t kMostBytes = std::size_t{1} << 24; // of one text

    virtual ~Tokenizer() = default;
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    // What is no UTF-8 counts as U+FFFD, one for each longest piece of a character, as Python's errors="replace" has
    // it. Throws Error(BadInput): a text beyond kMostBytes, or maxTokens without room for the special tokens.
    [[nodiscard]] Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;
    [[nodiscard]] Encoding encodePair(std::string_view first, std::string_view second,
                                      const EncodeOptions& options = {}) const;
    // The same into memory that is there.
    void encode(std::string_view text, const EncodeOptions& options, Encoding& into) const;

    // The text that these ids stand for, as far as the vocabulary keeps it. Ids of no piece give nothing.
    [[nodiscard]] virtual std::string decode(std::span<const TokenId> ids,
                                             SpecialTokens specials = SpecialTokens::LeaveOut) const = 0;
    // The largest id and one: how many rows an embedding needs.
    [[nodiscard]] virtual std::size_t vocabularySize() const = 0;
    // As the vocabulary writes it; empty where the id has none.
    [[nodiscard]] virtual std::string piece(TokenId id) const = 0;
    [[nodiscard]] virtual std::optional<TokenId> idOf(std::string_view piece) const = 0;

    [[nodiscard]] const TokenizerFacts& facts() const { return m_facts; }

protected:
    explicit Tokenizer(TokenizerFacts facts) : m_facts(std::move(facts)) {}
    // Appends the tokens of valid UTF-8, without those around it; words are counted from 0.
    virtual void append(std::string_view utf8, Details details, Encoding& into) const = 0;

private:
    void appendAny(std::string_view text, Details details, Encoding& into) const;
    [[nodiscard]] std::size_t roomFor(const EncodeOptions& options, const std::vector<TemplatePart>& parts) const;

    TokenizerFacts m_facts;
};

// Finds out what lies there. Of a folder: tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece
// model, together with tokenizer_config.json; or one of these files itself. Throws Error(NotFound | BadWeights |
// BadInput) that says what is missing, damaged or not known here.
[[nodiscard]] std::unique_ptr<const Tokenizer> openTokenizer(const std::filesystem::path& path);

} // namespace engine
