#include "engine/api/error.h"
#include "engine/api/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

#include <algorithm>

namespace engine::cli {
namespace {

struct TokenizeOptions {
    TokenizeRequest request;
    bool idsOnly = false;
    bool bare = false;
};

nlohmann::json tokenizerJson(const TokenizerInfo& info) {
    nlohmann::json specials = nlohmann::json::object();
    for (const auto& [name, id] : info.specials)
        specials[name] = id;
    return {{"kind", info.kind},
            {"words", info.words},
            {"vocabulary_size", info.vocabularySize},
            {"max_tokens", info.statedLength},
            {"specials", specials},
            {"notes", info.notes}};
}

nlohmann::json textJson(const TokenizedText& text, const TokenizeOptions& options) {
    nlohmann::json row = {{"ids", text.ids}, {"left_out", text.leftOut}};
    if (options.idsOnly)
        return row;
    row["text"] = text.text;
    row["pieces"] = text.pieces;
    row["bytes"] = text.ranges;
    return row;
}

nlohmann::json summaryOf(const TokenizeSummary& summary, nlohmann::json texts) {
    nlohmann::json answer = {{"tokenizer", tokenizerJson(summary.tokenizer)},
                             {"texts", std::move(texts)},
                             {"count", summary.texts},
                             {"tokens", summary.tokens},
                             {"longest", summary.longest},
                             {"left_out", summary.leftOut}};
    if (!summary.encoding.empty())
        answer["file"] = {{"encoding", summary.encoding}, {"columns", summary.columns}, {"broken", summary.broken}};
    return answer;
}

void tell(const TokenizedText& text, const TokenizeOptions& options) {
    fmt::print("{}\n", fmt::join(text.ids, " "));
    if (!options.idsOnly)
        fmt::print("{}\n", fmt::join(text.pieces, " "));
}

void tellSummary(const TokenizeSummary& summary) {
    const TokenizerInfo& info = summary.tokenizer;
    say("{} of {} pieces. {}", info.kind, info.vocabularySize, info.words);
    for (const std::string& note : info.notes)
        say("Note: {}", note);
    if (!summary.encoding.empty())
        say("The file is {}{}.", summary.encoding,
            summary.columns.empty() ? "" : fmt::format("; read: {}", fmt::join(summary.columns, ", ")));
    if (summary.broken > 0)
        say("Note: {} places in it are no characters; each counts as U+FFFD.", summary.broken);
    say("{} {}, {} tokens, at most {} in one{}.", summary.texts, summary.texts == 1 ? "text" : "texts", summary.tokens,
        summary.longest, summary.leftOut > 0 ? fmt::format("; {} were left out", summary.leftOut) : "");
    if (info.statedLength > 0 && summary.longest > info.statedLength)
        say("Note: the model was made for {} tokens.", info.statedLength);
}

} // namespace

void addTokenize(CLI::App& app, Context& context) {
    auto options = std::make_shared<TokenizeOptions>();
    CLI::App* command = app.add_subcommand("tokenize", "Cut texts into the tokens of a model");
    TokenizeRequest& request = options->request;
    command
        ->add_option("tokenizer", request.tokenizer,
                     "Folder with tokenizer.json, vocab.txt, vocab.json and merges.txt, or a SentencePiece model; or "
                     "one of these files")
        ->required();
    command->add_option("text", request.texts, "Texts");
    command->add_option("--file", request.file, "Texts of a file: its lines, or columns of a CSV, TSV or JSONL");
    command->add_option("--column", request.columns, "Column of a table, by name or number; several are joined");
    command->add_option("--max-tokens", request.maxTokens, "At most so many tokens a text; 0: any number");
    command->add_flag("--bare", options->bare, "Without the special tokens around each text");
    command->add_flag("--ids-only", options->idsOnly, "Ids without pieces");
    command->callback([options, &context] {
        TokenizeRequest& asked = options->request;
        if (asked.texts.empty() && asked.file.empty())
            throw Error(ErrorKind::BadInput, "There is no text to cut.", "Give texts, or a file of them with --file.");
        if (!asked.columns.empty() && asked.file.empty())
            throw Error(ErrorKind::BadInput, "--column is for the tables of --file.", "Give a file, or leave it out.");
        if (options->bare)
            asked.around = TokenizeRequest::Around::LeaveOut;
        nlohmann::json texts = nlohmann::json::array();
        const TokenizeSummary summary = tokenize(asked, [&](const TokenizedText& text) {
            if (context.json)
                texts.push_back(textJson(text, *options));
            else
                tell(text, *options);
        });
        if (context.json)
            printJson(summaryOf(summary, std::move(texts)));
        else
            tellSummary(summary);
    });
}

void addBenchTokenizer(CLI::App& bench, Context& context) {
    auto options = std::make_shared<TokenizerBench>();
    CLI::App* command = bench.add_subcommand("tokenizer", "How fast a tokenizer cuts the texts of a file");
    command->add_option("file", options->file, "File of texts: its lines, or a table")->required();
    command->add_option("--tokenizer", options->tokenizer, "Folder or file of the tokenizer")->required();
    command->add_option("--column", options->columns, "Column of a table, by name or number");
    command->add_option("--threads", options->threads, "Threads; 0: as many as there are cores")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--repeats", options->repeats, "Repeats, of which the median counts")
        ->check(CLI::PositiveNumber);
    command->callback([options, &context] {
        const TokenizerBenchResult result = benchTokenizer(*options);
        std::vector<double> sorted = result.seconds;
        std::ranges::sort(sorted);
        const double seconds = sorted[sorted.size() / 2];
        if (context.json) {
            printJson({{"kind", result.kind},
                       {"threads", result.threads},
                       {"texts", result.texts},
                       {"tokens", result.tokens},
                       {"bytes", result.bytes},
                       {"open_s", result.openSeconds},
                       {"seconds", result.seconds},
                       {"mb_per_s", static_cast<double>(result.bytes) / 1e6 / seconds},
                       {"tokens_per_s", static_cast<double>(result.tokens) / seconds}});
            return;
        }
        fmt::print("{} with {} {}: {} texts, {} tokens in {:.4f} s, {:.1f} MB/s; opened in {:.3f} s\n", result.kind,
                   result.threads, result.threads == 1 ? "thread" : "threads", result.texts, result.tokens, seconds,
                   static_cast<double>(result.bytes) / 1e6 / seconds, result.openSeconds);
    });
}

} // namespace engine::cli
