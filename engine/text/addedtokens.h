#pragma once

#include "engine/text/piecetrie.h"
#include "engine/text/utf8text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// A token that is taken out of a text before all else, as "added_tokens" of a tokenizer.json describe it.
struct AddedToken {
    std::string content;
    TokenId id = 0;
    bool special = false;          // left out when ids become text again
    bool normalized = false;       // looked for in what normalisation makes of a text
    bool singleWord = false;       // not within words
    bool takesSpaceBefore = false; // lstrip
    bool takesSpaceAfter = false;  // rstrip
};

// Finds added tokens in a text: at each place the longest.
class AddedTokens final {
public:
    static constexpr std::size_t kMost = 100'000;
    static constexpr std::size_t kMostBytes = 1024; // of one: bounds the time that a text takes

    // `content`: as it is looked for. Throws Error(BadWeights): there is no room for so many bytes.
    void add(const AddedToken& token, std::string_view content);
    [[nodiscard]] bool empty() const { return m_tokens.empty(); }

    // Calls `between(begin, end)` for what is no token, where it is not empty, and `found(token, begin, end)`.
    template <typename Between, typename Found>
    void split(std::string_view text, Between&& between, Found&& found) const {
        std::size_t done = 0;
        for (std::size_t at = 0; !empty() && at < text.size();) {
            at = nextFirst(text, at);
            const PieceTrie::Match match =
                at < text.size() ? m_trie.longest(PieceTrie::kRoot, text.substr(at)) : PieceTrie::Match{};
            if (match.id < 0) {
                ++at;
                continue;
            }
            const AddedToken& token = m_tokens[static_cast<std::size_t>(match.id)];
            const std::size_t end = at + match.bytes;
            if (token.singleWord && !standsAlone(text, at, end)) {
                at = end;
                continue;
            }
            const std::size_t from = token.takesSpaceBefore ? spacesBefore(text, done, at) : std::max(at, done);
            const std::size_t to = token.takesSpaceAfter ? spacesAfter(text, end) : end;
            if (done < from)
                between(done, from);
            found(token, std::min(from, to), to);
            done = std::max(done, to);
            at = end;
        }
        if (done < text.size())
            between(done, text.size());
    }

private:
    [[nodiscard]] std::size_t nextFirst(std::string_view text, std::size_t at) const {
        while (at < text.size() && !m_first[static_cast<unsigned char>(text[at])])
            ++at;
        return at;
    }
    [[nodiscard]] static bool standsAlone(std::string_view text, std::size_t begin, std::size_t end);
    [[nodiscard]] static std::size_t spacesBefore(std::string_view text, std::size_t least, std::size_t end);
    [[nodiscard]] static std::size_t spacesAfter(std::string_view text, std::size_t at);

    std::vector<AddedToken> m_tokens;
    PieceTrie m_trie;                // its ids are places in m_tokens
    std::array<bool, 256> m_first{}; // bytes with which a token begins
};

} // namespace engine
