#pragma once

#include "engine/text/alignedtext.h"
#include "engine/text/tokenizer.h"
#include "engine/text/utf8text.h"

#include <cstddef>
#include <string_view>

namespace engine {

// Where a model puts its tokens: it knows from which bytes of the text that was given each of them comes.
class TokenSink final {
public:
    TokenSink(Details details, Encoding& into) : m_into(into), m_details(details) {}

    // What the model sees from now on: `text` is a part of `whole`, which was made of the bytes from `base` on.
    void enter(const AlignedText& whole, std::string_view text, std::size_t at, std::size_t base) {
        m_whole = &whole;
        m_text = text;
        m_at = at;
        m_base = base;
    }
    void beginWord() { ++m_word; }

    // Bytes [begin, end) of the part; characters of which a token has some bytes only count wholly.
    void add(TokenId id, std::size_t begin, std::size_t end) {
        m_into.ids.push_back(id);
        if (m_details == Details::IdsOnly)
            return;
        while (begin > 0 && begin < m_text.size() && isContinuation(m_text[begin]))
            --begin;
        while (end < m_text.size() && isContinuation(m_text[end]))
            ++end;
        addOrigin(begin, end);
    }
    // The same with one blank before the part that is not in the text; alone it stands for the first character.
    void addBehindBlank(TokenId id, std::size_t begin, std::size_t end) {
        add(id, begin > 0 ? begin - 1 : 0, end > 1 ? end - 1 : 1);
    }
    void addWhole(TokenId id, std::size_t begin, std::size_t end) { // of the text that was given
        beginWord();
        m_into.ids.push_back(id);
        if (m_details == Details::All)
            put(begin, end);
    }

    [[nodiscard]] std::size_t count() const { return m_into.ids.size(); }
    void takeBack(std::size_t count) {
        m_into.ids.resize(count);
        if (m_details == Details::IdsOnly)
            return;
        m_into.offsets.resize(count);
        m_into.words.resize(count);
    }

private:
    void addOrigin(std::size_t begin, std::size_t end) {
        if (end > begin)
            put(m_base + m_whole->beginOf(m_at + begin), m_base + m_whole->endOf(m_at + end - 1));
        else
            put(m_base + m_at + begin, m_base + m_at + begin);
    }
    void put(std::size_t begin, std::size_t end) {
        m_into.offsets.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
        m_into.words.push_back(m_word);
    }

    Encoding& m_into;
    Details m_details;
    const AlignedText* m_whole = nullptr;
    std::string_view m_text;
    std::size_t m_at = 0, m_base = 0;
    std::int32_t m_word = -1;
};

} // namespace engine
