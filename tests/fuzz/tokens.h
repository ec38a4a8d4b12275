#pragma once

#include "engine/text/tokenizer.h"
#include "engine/text/utf8text.h"
#include "tests/fuzz/fuzz.h"

namespace fuzz {

// Cuts a text of many kinds with whatever was opened: no id may lie outside of its vocabulary, no range outside the
// text.
inline void cutTexts(const engine::Tokenizer& tokenizer) {
    static constexpr std::string_view kTexts[] = {
        "", "The quick brown fox's caf\xc3\xa9, 3.14 [CLS] <mask> \xe6\x9d\xb1\xe4\xba\xac",
        "  a\xcc\x81\xe3\x80\xae <s> \xf0\x9f\x98\x80 ##ing \xff \xef\xac\x81 1,000, ''``"};
    for (const std::string_view text : kTexts) {
        const engine::Encoding encoding = tokenizer.encode(text);
        for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
            const auto [begin, end] = encoding.offsets[i];
            if (encoding.ids[i] < 0 || static_cast<std::size_t>(encoding.ids[i]) >= tokenizer.vocabularySize() ||
                begin > end || end > text.size())
                std::abort();
        }
        static_cast<void>(tokenizer.decode(encoding.ids));
        static_cast<void>(tokenizer.encodePair(text, kTexts[1]));
    }
}

} // namespace fuzz
