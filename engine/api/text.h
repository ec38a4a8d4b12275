#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace engine {

// What a tokenizer is, in words and numbers.
struct TokenizerInfo {
    std::string kind;                                  // "WordPiece", "byte-level BPE", "SentencePiece unigram", …
    std::string words;                                 // one sentence: what it does to a text
    std::size_t vocabularySize = 0;                    // the largest id and one
    std::size_t statedLength = 0;                      // tokens that its model takes; 0: its files say nothing
    std::vector<std::pair<std::string, int>> specials; // "pad", "unknown", "classify", … that it has, and their ids
    std::vector<std::string> notes;                    // sentences on what was taken where its files say nothing
};

// A text as its model sees it.
struct TokenizedText {
    std::string text;
    std::vector<int> ids;
    std::vector<std::string> pieces;                             // of each id, as the vocabulary writes it
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges; // bytes of the text that each stands for
    std::size_t leftOut = 0;                                     // tokens beyond the most that were asked for
};

struct TokenizeRequest {
    std::filesystem::path tokenizer;                            // folder or file
    std::vector<std::string> texts;                             // else of the file
    std::filesystem::path file;                                 // lines, or a table (CSV, TSV, JSONL)
    std::vector<std::string> columns;                           // of a table; none: the one that looks like text
    std::size_t maxTokens = 0;                                  // of a text; 0: any number
    enum class Around { Keep, LeaveOut } around = Around::Keep; // the special tokens around a text
};

struct TokenizeSummary {
    TokenizerInfo tokenizer;
    std::string encoding;             // of the file, in words; empty: there was none
    std::vector<std::string> columns; // of a table: those that were read
    std::uint64_t texts = 0, tokens = 0;
    std::size_t longest = 0;   // tokens of a text
    std::uint64_t leftOut = 0; // tokens beyond maxTokens
    std::uint64_t broken = 0;  // pieces of bytes in the file that were no characters
};

// Calls for each text, in order. Blocks; the memory that it takes does not grow with the file. Throws Error(NotFound |
// BadInput | BadWeights), Error(Stopped). Ids are those of Hugging Face's tokenizers 0.23 (tests/text).
TokenizeSummary tokenize(const TokenizeRequest& request, const std::function<void(const TokenizedText&)>& each,
                         const std::stop_token& stop = {});

// How fast a tokenizer is on a file's lines, which lie in memory before the clock runs.
struct TokenizerBench {
    std::filesystem::path tokenizer;
    std::filesystem::path file;
    std::vector<std::string> columns;
    int threads = 1; // 0: as many as there are cores
    int repeats = 5;
};
struct TokenizerBenchResult {
    std::string kind;
    int threads = 1;
    std::uint64_t texts = 0, tokens = 0, bytes = 0;
    double openSeconds = 0;      // of the tokenizer's files
    std::vector<double> seconds; // of each repeat
};
// Blocks. Throws Error as tokenize() does.
[[nodiscard]] TokenizerBenchResult benchTokenizer(const TokenizerBench& bench);

} // namespace engine
