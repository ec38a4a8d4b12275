#include "engine/text/tokenizer.h"

#include "engine/api/error.h"
#include "engine/text/utf8text.h"

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::int32_t kNoWord = -1;

void add(const TemplatePart& part, Details details, Encoding& into) {
    into.ids.push_back(part.id);
    if (details == Details::IdsOnly)
        return;
    into.offsets.push_back({});
    into.words.push_back(kNoWord);
    into.segments.push_back(part.segment);
}

// Keeps `most` of the tokens from `from` on.
void cut(std::size_t from, std::size_t most, Side side, Encoding& encoding) {
    const std::size_t count = encoding.ids.size() - from;
    if (count <= most)
        return;
    const auto erase = [&](auto& values) {
        if (values.size() <= from)
            return; // these were not asked for
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(side == Side::Right ? from + most : from);
        values.erase(begin, begin + static_cast<std::ptrdiff_t>(count - most));
    };
    erase(encoding.ids);
    erase(encoding.offsets);
    erase(encoding.words);
    erase(encoding.segments);
    encoding.leftOut += count - most;
}

template <typename Value>
void append(std::vector<Value>& to, const std::vector<Value>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

const std::vector<TemplatePart>& bareSingle() {
    static const std::vector<TemplatePart> parts = {{.kind = TemplatePart::Kind::First}};
    return parts;
}

const std::vector<TemplatePart>& barePair() {
    static const std::vector<TemplatePart> parts = {{.kind = TemplatePart::Kind::First},
                                                    {.kind = TemplatePart::Kind::Second, .segment = 1}};
    return parts;
}

} // namespace

void Encoding::clear() {
    ids.clear();
    offsets.clear();
    words.clear();
    segments.clear();
    leftOut = 0;
}

void Tokenizer::appendAny(std::string_view text, Details details, Encoding& into) const {
    if (text.size() > kMostBytes)
        throw Error(ErrorKind::BadInput,
                    fmt::format("A text of {} MB is too long for a tokenizer: {} MB are read at once.",
                                text.size() >> 20, kMostBytes >> 20),
                    "Divide it, for instance into its lines.");
    if (validUtf8Bytes(text) == text.size()) {
        append(text, details, into);
        return;
    }
    const AlignedText repaired = repairedUtf8(text);
    const std::size_t before = into.offsets.size();
    append(repaired.text, details, into);
    for (std::size_t i = before; i < into.offsets.size(); ++i) {
        const auto [begin, end] = into.offsets[i];
        if (end > begin)
            into.offsets[i] = {repaired.begins[begin], repaired.ends[end - 1]};
        else
            into.offsets[i].begin = into.offsets[i].end =
                begin < repaired.begins.size() ? repaired.begins[begin] : static_cast<std::uint32_t>(text.size());
    }
}

std::size_t Tokenizer::roomFor(const EncodeOptions& options, const std::vector<TemplatePart>& parts) const {
    if (options.maxTokens == 0)
        return static_cast<std::size_t>(-1);
    const std::size_t special = tokensIn(parts);
    if (options.maxTokens <= special)
        throw Error(ErrorKind::BadInput,
                    fmt::format("At most {} tokens leave no room for a text beside the {} special ones.",
                                options.maxTokens, special),
                    fmt::format("Allow {} tokens or more.", special + 1));
    return options.maxTokens - special;
}

void Tokenizer::encode(std::string_view text, const EncodeOptions& options, Encoding& into) const {
    into.clear();
    const bool around = options.specials == SpecialTokens::Keep;
    const std::vector<TemplatePart>& parts = around ? m_facts.around.single : bareSingle();
    const std::size_t room = roomFor(options, parts);
    for (const TemplatePart& part : parts) {
        if (part.kind == TemplatePart::Kind::Token) {
            add(part, options.details, into);
        } else if (part.kind == TemplatePart::Kind::First) {
            const std::size_t before = into.ids.size();
            appendAny(text, options.details, into);
            if (options.details == Details::All)
                into.segments.resize(into.ids.size(), part.segment);
            cut(before, room, options.cut, into);
        }
    }
}

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
    Encoding encoding;
    encode(text, options, encoding);
    return encoding;
}

Encoding Tokenizer::encodePair(std::string_view first, std::string_view second, const EncodeOptions& options) const {
    const bool around = options.specials == SpecialTokens::Keep;
    const std::vector<TemplatePart>& parts = around ? m_facts.around.pair : barePair();
    const std::size_t room = roomFor(options, parts);
    Encoding texts[2], result;
    appendAny(first, options.details, texts[0]);
    appendAny(second, options.details, texts[1]);
    const PairLengths kept = cutToRoom({texts[0].ids.size(), texts[1].ids.size()}, room);
    cut(0, kept.first, options.cut, texts[0]);
    cut(0, kept.second, options.cut, texts[1]);
    for (const TemplatePart& part : parts) {
        if (part.kind == TemplatePart::Kind::Token) {
            add(part, options.details, result);
            continue;
        }
        const Encoding& text = texts[part.kind == TemplatePart::Kind::Second ? 1 : 0];
        engine::append(result.ids, text.ids);
        engine::append(result.offsets, text.offsets);
        engine::append(result.words, text.words);
        if (options.details == Details::All)
            result.segments.resize(result.ids.size(), part.segment);
    }
    result.leftOut = texts[0].leftOut + texts[1].leftOut;
    return result;
}

} // namespace engine
