#include "engine/text/bertnormalizer.h"

#include "engine/text/icuforms.h"
#include "engine/text/unicodeclass.h"
#include "engine/text/utf8text.h"

#include <algorithm>
#include <array>

#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace engine {
namespace {

constexpr char32_t kReplacement = 0xfffd;

char32_t lowered(char32_t code) { return static_cast<char32_t>(u_tolower(static_cast<UChar32>(code))); }

// Takes characters in the order of the text, and writes what they decompose to in canonical order.
class Decomposer final {
public:
    Decomposer(const icu::Normalizer2& form, Details details, AlignedText& into)
        : m_form(form), m_details(details), m_into(into) {}

    // `become(code)` is what becomes of a character of the decomposition; 0: it goes.
    template <typename Become>
    void add(char32_t code, std::size_t begin, std::size_t end, const Become& become) {
        if (!m_form.getDecomposition(static_cast<UChar32>(code), m_parts)) {
            addPart(code, begin, end, become);
            return;
        }
        for (std::int32_t at = 0; at < m_parts.length(); at = m_parts.moveIndex32(at, 1))
            addPart(static_cast<char32_t>(m_parts.char32At(at)), begin, end, become);
    }
    // What decomposes to itself and changes places with nothing.
    void addPlain(std::string_view bytes, std::size_t begin, std::size_t end) {
        flush();
        put(bytes, begin, end);
    }
    void flush() {
        if (m_waiting.empty())
            return;
        std::ranges::stable_sort(m_waiting, {}, &Mark::order);
        for (const Mark& mark : m_waiting)
            put(utf8Of(mark.code), mark.begin, mark.end);
        m_waiting.clear();
    }

private:
    struct Mark {
        char32_t code = 0;
        std::uint32_t begin = 0, end = 0;
        int order = 0;
    };

    template <typename Become>
    void addPart(char32_t code, std::size_t begin, std::size_t end, const Become& become) {
        const int order = m_form.getCombiningClass(static_cast<UChar32>(code));
        const char32_t became = become(code);
        if (order != 0 && became != 0)
            m_waiting.push_back({became, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), order});
        if (order != 0)
            return;
        flush();
        if (became != 0 || code == 0)
            put(utf8Of(became), begin, end);
    }
    std::string_view utf8Of(char32_t code) {
        m_bytes.clear();
        appendCharacter(m_bytes, code);
        return m_bytes;
    }
    void put(std::string_view bytes, std::size_t begin, std::size_t end) {
        if (m_details == Details::All)
            m_into.add(bytes, begin, end);
        else
            m_into.text += bytes;
    }

    const icu::Normalizer2& m_form;
    Details m_details;
    AlignedText& m_into;
    icu::UnicodeString m_parts;
    std::string m_bytes;
    std::vector<Mark> m_waiting; // that may change places
};

// What becomes of each byte of ASCII; kSlow: it goes, or is none.
constexpr char kSlow = '\xff';
std::array<char, 256> asciiMap(const BertNormalization& steps) {
    std::array<char, 256> map{};
    map.fill(kSlow);
    const UnicodeClasses& classes = UnicodeClasses::ofIcu();
    for (unsigned char c = 0; c < 0x80; ++c) {
        const std::uint8_t flags = classes.of(c);
        if (steps.cleans && (flags & unicode::kOther) != 0)
            continue;
        const bool upper = steps.lowers && c >= 'A' && c <= 'Z';
        map[c] = steps.cleans && (flags & unicode::kSpace) != 0 ? ' ' : static_cast<char>(upper ? c - 'A' + 'a' : c);
    }
    return map;
}

// Everything that the fast way does not do.
class BertWriter final {
public:
    BertWriter(const BertNormalization& steps, Details details, AlignedText& into)
        : m_steps(steps), m_decomposer(icuForm(NormalForm::Nfd), details, into) {}

    void addAscii(char mapped, std::size_t at) { m_decomposer.addPlain({&mapped, 1}, at, at + 1); }

    void add(std::string_view text, std::size_t at, const Utf8Character& character) {
        const std::size_t end = at + character.bytes;
        const std::uint8_t flags = m_classes.of(character.code);
        if (m_steps.cleans && ((flags & unicode::kOther) != 0 || character.code == kReplacement))
            return;
        if (m_steps.cleans && (flags & unicode::kSpace) != 0) {
            m_decomposer.addPlain(" ", at, end);
            return;
        }
        const bool apart = m_steps.setsHanApart && (flags & unicode::kHan) != 0;
        if (apart)
            m_decomposer.addPlain(" ", at, end);
        letter(text.substr(at, character.bytes), at, character.code, flags);
        if (apart)
            m_decomposer.addPlain(" ", at, end);
    }
    void finish() { m_decomposer.flush(); }

private:
    void letter(std::string_view bytes, std::size_t at, char32_t code, std::uint8_t flags) {
        const std::size_t end = at + bytes.size();
        if (m_steps.stripsAccents && (flags & unicode::kVaries) == 0 && (flags & unicode::kAccent) != 0)
            return;
        if ((flags & unicode::kVaries) == 0) {
            m_decomposer.addPlain(bytes, at, end);
        } else if (m_steps.stripsAccents) {
            m_decomposer.add(code, at, end, [this](char32_t part) {
                return (m_classes.of(part) & unicode::kAccent) != 0 ? 0 : m_steps.lowers ? lowered(part) : part;
            });
        } else {
            m_lower.clear();
            m_steps.lowers ? appendLower(m_lower, code) : appendCharacter(m_lower, code);
            m_decomposer.addPlain(m_lower, at, end);
        }
    }

    const BertNormalization& m_steps;
    Decomposer m_decomposer;
    const UnicodeClasses& m_classes = UnicodeClasses::ofIcu();
    std::string m_lower;
};

void alignAsIs(AlignedText& into) {
    into.begins.resize(into.text.size());
    into.ends.resize(into.text.size());
    for (std::size_t i = 0; i < into.text.size(); ++i) {
        into.begins[i] = static_cast<std::uint32_t>(i);
        into.ends[i] = static_cast<std::uint32_t>(i + 1);
    }
}

} // namespace

void appendLower(std::string& out, char32_t code) {
    constexpr char32_t kDottedCapitalI = 0x130;
    if (code == kDottedCapitalI)
        out += "i\xcc\x87"; // the only lower case of two characters
    else
        appendCharacter(out, lowered(code));
}

void normalizeForBert(std::string_view text, const BertNormalization& steps, Details details, AlignedText& into) {
    into.clear();
    const std::array<char, 256> map = asciiMap(steps);
    into.text.resize(text.size());
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char mapped = map[static_cast<unsigned char>(text[at])];
        if (mapped == kSlow)
            break;
        into.text[at] = mapped;
    }
    if (at == text.size())
        return;
    into.text.resize(at);
    into.text.reserve(text.size() + text.size() / 8);
    if (details == Details::All)
        alignAsIs(into);
    BertWriter writer(steps, details, into);
    while (at < text.size()) {
        if (const char mapped = map[static_cast<unsigned char>(text[at])]; mapped != kSlow) {
            writer.addAscii(mapped, at++);
            continue;
        }
        const Utf8Character character = characterAt(text, at);
        writer.add(text, at, character);
        at += character.bytes;
    }
    writer.finish();
}

void decompose(std::string_view text, NormalForm form, Details details, AlignedText& into) {
    into.clear();
    Decomposer decomposer(icuForm(form), details, into);
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = characterAt(text, at);
        decomposer.add(character.code, at, at + character.bytes, [](char32_t part) { return part; });
        at += character.bytes;
    }
    decomposer.flush();
}

} // namespace engine
