#include "engine/api/error.h"
#include "engine/api/text.h"
#include "engine/text/batch.h"
#include "engine/text/textfile.h"
#include "engine/text/tokenizer.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace engine {
namespace {

TokenizerInfo infoOf(const Tokenizer& tokenizer) {
    const TokenizerFacts& facts = tokenizer.facts();
    TokenizerInfo info{.kind = facts.kind,
                       .words = facts.words,
                       .vocabularySize = tokenizer.vocabularySize(),
                       .statedLength = facts.statedLength,
                       .notes = facts.notes};
    const SpecialIds& ids = facts.specials;
    for (const auto& [name, id] :
         {std::pair("pad", ids.pad), std::pair("unknown", ids.unknown), std::pair("classify", ids.classify),
          std::pair("separate", ids.separate), std::pair("mask", ids.mask), std::pair("begin", ids.begin),
          std::pair("end", ids.end)})
        if (id)
            info.specials.emplace_back(name, *id);
    return info;
}

// Encodes text after text, and counts.
class Teller final {
public:
    Teller(const Tokenizer& tokenizer, const TokenizeRequest& request,
           const std::function<void(const TokenizedText&)>& each, TokenizeSummary& summary)
        : m_tokenizer(tokenizer), m_each(each), m_summary(summary) {
        m_options.maxTokens = request.maxTokens;
        if (request.around == TokenizeRequest::Around::LeaveOut)
            m_options.specials = SpecialTokens::LeaveOut;
    }

    void tell(std::string_view text) {
        m_tokenizer.encode(text, m_options, m_encoding);
        m_told.text = text;
        m_told.ids.assign(m_encoding.ids.begin(), m_encoding.ids.end());
        m_told.pieces.clear();
        m_told.ranges.clear();
        for (std::size_t i = 0; i < m_encoding.ids.size(); ++i) {
            m_told.pieces.push_back(m_tokenizer.piece(m_encoding.ids[i]));
            m_told.ranges.emplace_back(m_encoding.offsets[i].begin, m_encoding.offsets[i].end);
        }
        m_told.leftOut = m_encoding.leftOut;
        ++m_summary.texts;
        m_summary.tokens += m_told.ids.size();
        m_summary.leftOut += m_told.leftOut;
        m_summary.longest = std::max(m_summary.longest, m_told.ids.size());
        m_each(m_told);
    }

private:
    const Tokenizer& m_tokenizer;
    const std::function<void(const TokenizedText&)>& m_each;
    TokenizeSummary& m_summary;
    EncodeOptions m_options;
    Encoding m_encoding;
    TokenizedText m_told;
};

} // namespace

TokenizeSummary tokenize(const TokenizeRequest& request, const std::function<void(const TokenizedText&)>& each,
                         const std::stop_token& stop) {
    const std::unique_ptr<const Tokenizer> tokenizer = openTokenizer(request.tokenizer);
    TokenizeSummary summary{.tokenizer = infoOf(*tokenizer)};
    Teller teller(*tokenizer, request, each, summary);
    for (const std::string& text : request.texts)
        teller.tell(text);
    if (request.file.empty())
        return summary;
    const TextFile file(request.file, request.columns);
    summary.encoding = file.encodingWords();
    for (const std::size_t column : file.chosen())
        summary.columns.push_back(file.columns()[column]);
    summary.broken = file.forEach([&](std::string_view text, std::int64_t) {
        if (stop.stop_requested())
            throw Error(ErrorKind::Stopped, "Cutting texts into tokens was stopped.");
        teller.tell(text);
        return true;
    });
    return summary;
}

TokenizerBenchResult benchTokenizer(const TokenizerBench& bench) {
    using Clock = std::chrono::steady_clock;
    const auto secondsSince = [](Clock::time_point begin) {
        return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    TokenizerBenchResult result{.threads = bench.threads > 0
                                               ? bench.threads
                                               : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
    const Clock::time_point begin = Clock::now();
    const std::unique_ptr<const Tokenizer> tokenizer = openTokenizer(bench.tokenizer);
    result.openSeconds = secondsSince(begin);
    result.kind = tokenizer->facts().kind;
    std::vector<std::string> texts;
    TextFile(bench.file, bench.columns).forEach([&](std::string_view text, std::int64_t) {
        texts.emplace_back(text);
        result.bytes += text.size();
        return true;
    });
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    result.texts = views.size();
    for (int repeat = 0; repeat < bench.repeats; ++repeat) {
        const Clock::time_point start = Clock::now();
        const std::vector<Encoding> encodings = encodeBatch(*tokenizer, views, {}, result.threads);
        result.seconds.push_back(secondsSince(start));
        result.tokens = 0;
        for (const Encoding& encoding : encodings)
            result.tokens += encoding.ids.size();
    }
    return result;
}

} // namespace engine
