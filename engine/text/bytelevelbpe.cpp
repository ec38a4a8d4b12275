#include "engine/text/bytelevelbpe.h"

#include "engine/models/weights/limits.h"
#include "engine/text/bytealphabet.h"
#include "engine/text/gpt2words.h"

#include <algorithm>
#include <bit>
#include <queue>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kFew = 48; // symbols of a word that are joined without a queue

std::uint64_t pairOf(TokenId left, TokenId right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

} // namespace

ByteLevelBpe::ByteLevelBpe(std::shared_ptr<const Vocabulary> vocabulary, const std::vector<BpeMerge>& merges,
                           BpeSettings settings, const std::string& what)
    : m_vocabulary(std::move(vocabulary)), m_settings(std::move(settings)) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        std::string character;
        appendCharacter(character, characterOfByte(static_cast<unsigned char>(byte)));
        m_bytes[byte] = m_vocabulary->find(character).value_or(-1);
    }
    if (!m_settings.unknown.empty()) {
        const std::optional<TokenId> unknown = m_vocabulary->find(m_settings.unknown);
        if (!unknown)
            refuseWeights(
                fmt::format("{} names “{}” for unknown bytes, which is no piece of it.", what, m_settings.unknown),
                "Fetch the tokenizer again.");
        m_unknown = *unknown;
    }
    setMerges(merges);
    findWholeWords();
}

void ByteLevelBpe::setMerges(const std::vector<BpeMerge>& merges) {
    m_merges.resize(std::bit_ceil(2 * merges.size() + 2));
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const std::uint64_t pair = pairOf(merges[rank].left, merges[rank].right);
        m_merges[slotOf(pair)] = {pair, {static_cast<std::uint32_t>(rank), merges[rank].joined}};
    }
}

std::size_t ByteLevelBpe::slotOf(std::uint64_t pair) const {
    constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15u;
    const std::size_t mask = m_merges.size() - 1;
    std::uint64_t mixed = pair * kSpread;
    mixed ^= mixed >> 32;
    std::size_t at = mixed & mask;
    while (m_merges[at].pair != pair && m_merges[at].pair != kFree)
        at = (at + 1) & mask;
    return at;
}

ByteLevelBpe::Joined ByteLevelBpe::joined(TokenId left, TokenId right) const {
    return m_merges[slotOf(pairOf(left, right))].joined;
}

// Most words of a text are one piece; what their bytes become is found out once.
void ByteLevelBpe::findWholeWords() {
    std::vector<Symbol> symbols(Vocabulary::kMostPieceBytes);
    for (std::size_t i = 0; i < m_vocabulary->size(); ++i) {
        const auto id = static_cast<TokenId>(i);
        const std::string_view piece = m_vocabulary->piece(id);
        const std::optional<std::string> bytes = piece.empty() ? std::nullopt : bytesOfAlphabet(piece);
        if (!bytes)
            continue;
        const std::size_t count = m_settings.takesWholeWords ? 0 : symbolsOf(*bytes, symbols.data());
        if (m_settings.takesWholeWords)
            m_wholeWords.set(*bytes, *m_vocabulary->find(piece));
        else if (join(symbols.data(), count) == 1 && symbols[0].length == bytes->size())
            m_wholeWords.set(*bytes, symbols[0].id);
    }
}

std::size_t ByteLevelBpe::symbolsOf(std::string_view word, Symbol* into) const {
    std::size_t count = 0;
    bool joinable = false; // the last symbol is unknown, and of the byte before
    for (std::size_t i = 0; i < word.size(); ++i) {
        const TokenId id = m_bytes[static_cast<unsigned char>(word[i])];
        if (id < 0 && joinable && m_settings.joinsUnknown)
            ++into[count - 1].length;
        else if (id >= 0 || m_unknown >= 0)
            into[count++] = {id >= 0 ? id : m_unknown, static_cast<std::uint32_t>(i), 1};
        joinable = id < 0 && m_unknown >= 0;
    }
    return count;
}

std::size_t ByteLevelBpe::join(Symbol* symbols, std::size_t count) const {
    if (count > kFew)
        return joinMany(symbols, count);
    std::array<Joined, kFew> next; // of each symbol with the one behind it
    for (std::size_t i = 0; i + 1 < count; ++i)
        next[i] = joined(symbols[i].id, symbols[i + 1].id);
    while (count > 1) {
        std::size_t best = 0;
        for (std::size_t i = 1; i + 1 < count; ++i)
            if (next[i].rank < next[best].rank)
                best = i;
        if (next[best].rank == kNoRank)
            break;
        symbols[best] = {next[best].id, symbols[best].begin, symbols[best].length + symbols[best + 1].length};
        std::copy(symbols + best + 2, symbols + count, symbols + best + 1);
        if (best + 2 < count)
            std::copy(next.begin() + static_cast<std::ptrdiff_t>(best) + 1,
                      next.begin() + static_cast<std::ptrdiff_t>(count) - 1,
                      next.begin() + static_cast<std::ptrdiff_t>(best));
        --count;
        if (best + 1 < count)
            next[best] = joined(symbols[best].id, symbols[best + 1].id);
        if (best > 0)
            next[best - 1] = joined(symbols[best - 1].id, symbols[best].id);
    }
    return count;
}

// The same in the time of a sort: a word may be a text of a million characters.
std::size_t ByteLevelBpe::joinMany(Symbol* symbols, std::size_t count) const {
    struct Candidate {
        std::uint32_t rank = 0, at = 0;
        TokenId left = 0, right = 0;
        bool operator<(const Candidate& other) const { // the first of a queue is the largest
            return rank != other.rank ? rank > other.rank : at > other.at;
        }
    };
    constexpr std::uint32_t kNone = 0xffffffff;
    std::vector<std::uint32_t> before(count), behind(count);
    for (std::size_t i = 0; i < count; ++i) {
        before[i] = i > 0 ? static_cast<std::uint32_t>(i - 1) : kNone;
        behind[i] = i + 1 < count ? static_cast<std::uint32_t>(i + 1) : kNone;
    }
    std::priority_queue<Candidate> queue;
    const auto consider = [&](std::uint32_t at) {
        if (at == kNone || behind[at] == kNone)
            return;
        const TokenId left = symbols[at].id, right = symbols[behind[at]].id;
        if (const Joined found = joined(left, right); found.rank != kNoRank)
            queue.push({found.rank, at, left, right});
    };
    for (std::size_t i = 0; i + 1 < count; ++i)
        consider(static_cast<std::uint32_t>(i));
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        Symbol& left = symbols[top.at];
        const std::uint32_t other = behind[top.at];
        if (left.length == 0 || other == kNone || left.id != top.left || symbols[other].id != top.right)
            continue; // one of the two has been joined since
        left.id = joined(top.left, top.right).id;
        left.length += symbols[other].length;
        symbols[other].length = 0;
        behind[top.at] = behind[other];
        if (behind[other] != kNone)
            before[behind[other]] = top.at;
        consider(before[top.at]);
        consider(top.at);
    }
    return static_cast<std::size_t>(
        std::remove_if(symbols, symbols + count, [](const Symbol& symbol) { return symbol.length == 0; }) - symbols);
}

void ByteLevelBpe::append(std::string_view given, TokenSink& sink) const {
    const bool blank = m_settings.blankBefore && !given.starts_with(' ');
    std::string copy;
    if (blank) {
        copy = ' ';
        copy += given;
    }
    const std::string_view text = blank ? std::string_view(copy) : given;
    const auto put = [&](TokenId id, std::size_t begin, std::size_t end) {
        blank ? sink.addBehindBlank(id, begin, end) : sink.add(id, begin, end);
    };
    const Gpt2Words words(text);
    std::array<Symbol, kFew> few;
    std::vector<Symbol> many;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = m_settings.cutsIntoWords ? words.endOf(begin) : text.size();
        const std::string_view word = text.substr(begin, end - begin);
        sink.beginWord();
        if (const TokenId whole = m_wholeWords.find(word); whole >= 0) {
            put(whole, begin, end);
        } else {
            if (word.size() > kFew)
                many.resize(word.size());
            Symbol* symbols = word.size() > kFew ? many.data() : few.data();
            const std::size_t count = join(symbols, symbolsOf(word, symbols));
            for (std::size_t i = 0; i < count; ++i)
                put(symbols[i].id, begin + symbols[i].begin, begin + symbols[i].begin + symbols[i].length);
        }
        begin = end;
    }
}

} // namespace engine
