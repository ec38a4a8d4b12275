#include "engine/text/normalizer.h"

#include "engine/text/bertnormalizer.h"
#include "engine/text/icuforms.h"
#include "engine/text/utf8text.h"

#include <new>

#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/uchar.h>

namespace engine {
namespace {

icu::StringPiece pieceOf(std::string_view text) { return {text.data(), static_cast<std::int32_t>(text.size())}; }

void addEdits(icu::Edits& edits, std::string_view composed, AlignedText& into) {
    UErrorCode code = U_ZERO_ERROR;
    icu::Edits::Iterator edit = edits.getFineIterator();
    while (edit.next(code)) {
        const auto from = static_cast<std::size_t>(edit.sourceIndex()),
                   to = static_cast<std::size_t>(edit.destinationIndex());
        const auto old = static_cast<std::size_t>(edit.oldLength()), made = static_cast<std::size_t>(edit.newLength());
        if (edit.hasChange()) {
            into.add(composed.substr(to, made), from, from + old);
            continue;
        }
        for (std::size_t i = 0; i < made; ++i)
            into.add(composed.substr(to + i, 1), from + i, from + i + 1);
    }
    if (U_FAILURE(code))
        throw std::bad_alloc();
}

// False where the text is in that form already.
bool compose(std::string_view text, NormalForm form, Details details, AlignedText& into) {
    UErrorCode code = U_ZERO_ERROR;
    const icu::Normalizer2& composing = icuForm(form);
    if (composing.isNormalizedUTF8(pieceOf(text), code) != 0)
        return false;
    std::string composed;
    icu::StringByteSink<std::string> sink(&composed);
    icu::Edits edits;
    if (U_SUCCESS(code))
        composing.normalizeUTF8(0, pieceOf(text), sink, details == Details::All ? &edits : nullptr, code);
    if (U_FAILURE(code))
        throw std::bad_alloc();
    if (details == Details::All)
        addEdits(edits, composed, into);
    else
        into.text = std::move(composed);
    return true;
}

template <typename Write>
void eachCharacter(std::string_view text, Details details, AlignedText& into, const Write& write) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = characterAt(text, at);
        bytes.clear();
        write(bytes, character.code);
        if (details == Details::All)
            into.add(bytes, at, at + character.bytes);
        else
            into.text += bytes;
        at += character.bytes;
    }
}

bool applyStep(const NormalizerStep& step, std::string_view text, Details details, AlignedText& into) {
    using Kind = NormalizerStep::Kind;
    switch (step.kind) {
    case Kind::Bert:
        normalizeForBert(text, step.bert, details, into);
        return true;
    case Kind::Form:
        if (step.form == NormalForm::Nfc || step.form == NormalForm::Nfkc)
            return compose(text, step.form, details, into);
        decompose(text, step.form, details, into);
        return true;
    case Kind::Lowercase:
        eachCharacter(text, details, into, [](std::string& out, char32_t code) { appendLower(out, code); });
        return true;
    case Kind::StripAccents:
        eachCharacter(text, details, into, [](std::string& out, char32_t code) {
            if ((U_GET_GC_MASK(static_cast<UChar32>(code)) & U_GC_M_MASK) == 0)
                appendCharacter(out, code);
        });
        return true;
    }
    return false;
}

// `outer` was made of `inner`, which was made of the text: makes `outer` a thing made of the text.
void follow(AlignedText& outer, const AlignedText& inner) {
    if (inner.begins.empty())
        return;
    if (outer.begins.empty()) {
        outer.begins = inner.begins;
        outer.ends = inner.ends;
        return;
    }
    for (std::size_t i = 0; i < outer.begins.size(); ++i) {
        outer.begins[i] = inner.begins[outer.begins[i]];
        outer.ends[i] = inner.ends[outer.ends[i] - 1];
    }
}

const icu::Normalizer2& instanceOf(const icu::Normalizer2* (*get)(UErrorCode&)) {
    UErrorCode code = U_ZERO_ERROR;
    const icu::Normalizer2* instance = get(code);
    if (U_FAILURE(code) || instance == nullptr)
        throw std::bad_alloc();
    return *instance;
}

} // namespace

const icu::Normalizer2& icuForm(NormalForm form) {
    static const icu::Normalizer2& canonical = instanceOf(&icu::Normalizer2::getNFCInstance);
    static const icu::Normalizer2& compatible = instanceOf(&icu::Normalizer2::getNFKCInstance);
    return form == NormalForm::Nfkc || form == NormalForm::Nfkd ? compatible : canonical;
}

std::string_view Normalizer::apply(std::string_view text, Details details, AlignedText& into) const {
    into.clear();
    std::string_view now = text;
    AlignedText next;
    for (const NormalizerStep& step : m_steps) {
        AlignedText& to = now.data() == text.data() ? into : next;
        if (&to == &next)
            next.clear();
        if (!applyStep(step, now, details, to))
            continue;
        if (&to == &next) {
            follow(next, into);
            std::swap(next, into);
        }
        now = into.text;
    }
    return now;
}

} // namespace engine
