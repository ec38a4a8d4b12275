#include "engine/text/addedtokens.h"

#include "engine/models/weights/limits.h"
#include "engine/text/unicodeclass.h"

namespace engine {
namespace {

bool isSpace(char32_t code) { return (UnicodeClasses::ofIcu().of(code) & unicode::kSpace) != 0; }

} // namespace

void AddedTokens::add(const AddedToken& token, std::string_view content) {
    if (content.empty())
        return;
    if (!m_trie.add(content, static_cast<TokenId>(m_tokens.size())))
        refuseWeights("The added tokens of a tokenizer are longer than all that are known.",
                      "Choose another tokenizer.");
    m_tokens.push_back(token);
    m_first[static_cast<unsigned char>(content.front())] = true;
}

bool AddedTokens::standsAlone(std::string_view text, std::size_t begin, std::size_t end) {
    return (begin == 0 || !isWordCharacter(characterBefore(text, begin).code)) &&
           (end == text.size() || !isWordCharacter(characterAt(text, end).code));
}

std::size_t AddedTokens::spacesBefore(std::string_view text, std::size_t least, std::size_t end) {
    while (end > least) {
        const Utf8Character character = characterBefore(text, end);
        if (!isSpace(character.code))
            break;
        end -= character.bytes;
    }
    return std::max(least, end);
}

std::size_t AddedTokens::spacesAfter(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const Utf8Character character = characterAt(text, at);
        if (!isSpace(character.code))
            break;
        at += character.bytes;
    }
    return at;
}

} // namespace engine
