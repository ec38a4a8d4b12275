#pragma once

#include "engine/models/weights/mappedfile.h"
#include "engine/text/bytelevelbpe.h"
#include "engine/text/vocabulary.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine {

class JsonReader;

inline constexpr std::size_t kMostTokenizerBytes = std::size_t{64} << 20; // of one file

// BERT's vocab.txt: a piece on each line. Throws Error(BadWeights).
[[nodiscard]] Vocabulary readVocabularyLines(const MappedFile& file);
// GPT-2's vocab.json: an object of ids. Throws Error(BadWeights).
[[nodiscard]] Vocabulary readVocabularyJson(const MappedFile& file);
// The object that comes next in `json`.
[[nodiscard]] Vocabulary readVocabularyObject(JsonReader& json, const std::string& what);

// Pairs of pieces, in the order in which they are joined; kept as text until the vocabulary is there.
class MergeList final {
public:
    // Throws Error(BadWeights) beyond ByteLevelBpe::kMostMerges.
    void add(std::string_view left, std::string_view right, const std::string& what);
    // "left right", as merges.txt and older tokenizer.json have it. `line` is its number in sentences.
    void addLine(std::string_view both, std::size_t line, const std::string& what);
    // Throws Error(BadWeights): one of the pieces is not in the vocabulary.
    [[nodiscard]] std::vector<BpeMerge> resolve(const Vocabulary& vocabulary, const std::string& what) const;

private:
    struct Pair {
        std::uint32_t begin = 0, left = 0, right = 0; // bytes
    };
    std::string m_bytes;
    std::vector<Pair> m_pairs;
};

// GPT-2's merges.txt. Throws Error(BadWeights) that names the line.
[[nodiscard]] MergeList readMerges(const MappedFile& file);

} // namespace engine
