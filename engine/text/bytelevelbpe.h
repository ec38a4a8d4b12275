#pragma once

#include "engine/text/piecetable.h"
#include "engine/text/tokensink.h"
#include "engine/text/vocabulary.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine {

struct BpeSettings {
    bool blankBefore = false;     // add_prefix_space
    bool cutsIntoWords = true;    // use_regex: by GPT-2's pattern
    bool takesWholeWords = false; // ignore_merges: a word that is a piece is it
    bool joinsUnknown = false;    // fuse_unk
    std::string unknown;          // for bytes without a piece; empty: they go
};

// Two pieces that become one; the earlier ones of a list go first.
struct BpeMerge {
    TokenId left = 0, right = 0, joined = 0;
};

// GPT-2's model: a word's bytes, of which neighbours are joined in the order of a list of pairs.
class ByteLevelBpe final {
public:
    static constexpr std::size_t kMostMerges = 1'000'000;

    // `what` is the file in sentences. Throws Error(BadWeights): the unknown piece is not there.
    ByteLevelBpe(std::shared_ptr<const Vocabulary> vocabulary, const std::vector<BpeMerge>& merges,
                 BpeSettings settings, const std::string& what);

    void append(std::string_view text, TokenSink& sink) const;

    [[nodiscard]] const BpeSettings& settings() const { return m_settings; }

private:
    struct Joined {
        std::uint32_t rank = kNoRank;
        TokenId id = 0;
    };
    struct Slot {
        std::uint64_t pair = kFree;
        Joined joined;
    };
    struct Symbol {
        TokenId id = 0;
        std::uint32_t begin = 0, length = 0; // bytes of the word
    };
    static constexpr std::uint32_t kNoRank = 0xffffffff;
    static constexpr std::uint64_t kFree = ~std::uint64_t{0};

    [[nodiscard]] std::size_t slotOf(std::uint64_t pair) const;
    [[nodiscard]] Joined joined(TokenId left, TokenId right) const;
    void setMerges(const std::vector<BpeMerge>& merges);
    void findWholeWords();
    // The word's bytes as symbols; joins them, and returns how many are left.
    [[nodiscard]] std::size_t symbolsOf(std::string_view word, Symbol* into) const;
    [[nodiscard]] std::size_t join(Symbol* symbols, std::size_t count) const;
    [[nodiscard]] std::size_t joinMany(Symbol* symbols, std::size_t count) const;

    std::shared_ptr<const Vocabulary> m_vocabulary;
    BpeSettings m_settings;
    std::array<TokenId, 256> m_bytes{}; // -1: no piece
    TokenId m_unknown = -1;
    std::vector<Slot> m_merges;
    PieceTable m_wholeWords; // words that become one piece
};

} // namespace engine
