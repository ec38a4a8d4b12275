#include "engine/text/albertcleaning.h"

#include "engine/text/bertnormalizer.h"
#include "engine/text/utf8text.h"

#include <unicode/uchar.h>

namespace engine {
namespace {

constexpr char32_t kCapitalSigma = 0x3a3, kFinalSigma = 0x3c2;

// White space as Python's str.split() has it.
bool isPythonSpace(char32_t code) {
    return u_isUWhiteSpace(static_cast<UChar32>(code)) != 0 || (code >= 0x1c && code <= 0x1f);
}

bool is(char32_t code, UProperty property) { return u_hasBinaryProperty(static_cast<UChar32>(code), property) != 0; }

// A sigma behind a letter of a word and before none is a final one.
bool endsWord(std::string_view text, std::size_t begin, std::size_t end) {
    bool letterBefore = false, letterBehind = false;
    for (std::size_t at = begin; at > 0 && !letterBefore;) {
        const Utf8Character before = characterBefore(text, at);
        if (!is(before.code, UCHAR_CASE_IGNORABLE)) {
            letterBefore = is(before.code, UCHAR_CASED);
            break;
        }
        at -= before.bytes;
    }
    for (std::size_t at = end; at < text.size();) {
        const Utf8Character behind = characterAt(text, at);
        if (!is(behind.code, UCHAR_CASE_IGNORABLE)) {
            letterBehind = is(behind.code, UCHAR_CASED);
            break;
        }
        at += behind.bytes;
    }
    return letterBefore && !letterBehind;
}

// Appends to a text, and says of what its bytes were made.
class Writer final {
public:
    explicit Writer(const AlignedText& from) : m_from(from) {}

    void add(std::string_view bytes, std::size_t begin, std::size_t end) { // bytes of the text before
        m_to.add(bytes, m_from.beginOf(begin), m_from.endOf(end - 1));
    }
    AlignedText take() { return std::move(m_to); }

private:
    const AlignedText& m_from;
    AlignedText m_to;
};

template <typename Write>
AlignedText eachCharacter(const AlignedText& from, const Write& write) {
    Writer writer(from);
    for (std::size_t at = 0; at < from.text.size();) {
        const Utf8Character character = characterAt(from.text, at);
        write(writer, character, at);
        at += character.bytes;
    }
    return writer.take();
}

AlignedText withoutExtraSpace(const AlignedText& from) {
    bool blank = false, begun = false;
    return eachCharacter(from, [&](Writer& writer, const Utf8Character& character, std::size_t at) {
        if (isPythonSpace(character.code)) {
            blank = begun;
            return;
        }
        if (blank)
            writer.add(" ", at - 1, at);
        writer.add(std::string_view(from.text).substr(at, character.bytes), at, at + character.bytes);
        blank = false;
        begun = true;
    });
}

AlignedText withStraightQuotes(const AlignedText& from) {
    Writer writer(from);
    const std::string_view text = from.text;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view two = text.substr(at, 2);
        const bool quotes = two == "``" || two == "''";
        const std::size_t end = at + (quotes ? 2 : characterAt(text, at).bytes);
        writer.add(quotes ? "\"" : text.substr(at, end - at), at, end);
        at = end;
    }
    return writer.take();
}

AlignedText withoutAccents(const AlignedText& from) {
    AlignedText decomposed;
    decompose(from.text, NormalForm::Nfkd, Details::All, decomposed);
    Writer writer(from);
    for (std::size_t at = 0; at < decomposed.text.size();) {
        const Utf8Character character = characterAt(decomposed.text, at);
        if (u_getCombiningClass(static_cast<UChar32>(character.code)) == 0)
            writer.add(std::string_view(decomposed.text).substr(at, character.bytes), decomposed.begins[at],
                       decomposed.ends[at]);
        at += character.bytes;
    }
    return writer.take();
}

AlignedText lowered(const AlignedText& from) {
    std::string bytes;
    return eachCharacter(from, [&](Writer& writer, const Utf8Character& character, std::size_t at) {
        bytes.clear();
        if (character.code == kCapitalSigma && endsWord(from.text, at, at + character.bytes))
            appendCharacter(bytes, kFinalSigma);
        else
            appendLower(bytes, character.code);
        writer.add(bytes, at, at + character.bytes);
    });
}

} // namespace

AlignedText cleanedForAlbert(std::string_view text, const AlbertCleaning& steps) {
    AlignedText result;
    result.text = text;
    if (steps.lowers) // once before all else, which changes what accents do
        result = lowered(result);
    if (steps.removesSpace)
        result = withoutExtraSpace(result);
    result = withStraightQuotes(result);
    if (!steps.keepsAccents)
        result = withoutAccents(result);
    return steps.lowers ? lowered(result) : result;
}

} // namespace engine
