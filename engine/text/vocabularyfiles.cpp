#include "engine/text/vocabularyfiles.h"

#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr const char* kFetchAgain = "Fetch the tokenizer's files again.";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

void refuseLarge(const MappedFile& file) {
    if (file.bytes().size() > kMostTokenizerBytes)
        refuseWeights(fmt::format("{} has {} MB; a vocabulary has at most {} MB.", file.name(),
                                  file.bytes().size() >> 20, kMostTokenizerBytes >> 20),
                      "Choose the file of a tokenizer.");
}

template <typename Line>
void forEachLine(const MappedFile& file, const Line& line) {
    std::string_view bytes = file.bytes();
    if (bytes.starts_with(kByteOrderMark))
        bytes.remove_prefix(kByteOrderMark.size());
    std::size_t number = 0;
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        std::string_view text = bytes.substr(0, end);
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        line(text, ++number);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
}

} // namespace

Vocabulary readVocabularyLines(const MappedFile& file) {
    refuseLarge(file);
    if (file.bytes().find('\0') != std::string_view::npos)
        refuseWeights(fmt::format("{} is no vocabulary: it holds bytes that are no text.", file.name()),
                      "Choose a vocab.txt with a piece on each line.");
    Vocabulary vocabulary;
    forEachLine(file,
                [&](std::string_view piece, std::size_t number) { vocabulary.add(piece, number - 1, file.name()); });
    return vocabulary;
}

Vocabulary readVocabularyJson(const MappedFile& file) {
    refuseLarge(file);
    JsonReader json(file.bytes(), file.name());
    Vocabulary vocabulary = readVocabularyObject(json, file.name());
    json.end();
    return vocabulary;
}

Vocabulary readVocabularyObject(JsonReader& json, const std::string& what) {
    Vocabulary vocabulary;
    json.beginObject();
    for (std::string piece; json.nextKey(piece);) {
        if (json.kind() != JsonReader::Kind::Number)
            refuseWeights(fmt::format("The piece “{}” of {} has no number for its id.", piece, what), kFetchAgain);
        vocabulary.add(piece, json.unsignedInteger(), what);
    }
    return vocabulary;
}

void MergeList::add(std::string_view left, std::string_view right, const std::string& what) {
    if (m_pairs.size() == ByteLevelBpe::kMostMerges)
        refuseWeights(fmt::format("{} has more than {} merges.", what, ByteLevelBpe::kMostMerges), kFetchAgain);
    m_pairs.push_back({static_cast<std::uint32_t>(m_bytes.size()), static_cast<std::uint32_t>(left.size()),
                       static_cast<std::uint32_t>(right.size())});
    m_bytes += left;
    m_bytes += right;
}

void MergeList::addLine(std::string_view both, std::size_t line, const std::string& what) {
    const std::size_t blank = both.find(' ');
    if (blank == std::string_view::npos || both.find(' ', blank + 1) != std::string_view::npos)
        refuseWeights(fmt::format("Merge {} of {} is not two pieces with a blank between them.", line, what),
                      kFetchAgain);
    add(both.substr(0, blank), both.substr(blank + 1), what);
}

std::vector<BpeMerge> MergeList::resolve(const Vocabulary& vocabulary, const std::string& what) const {
    std::vector<BpeMerge> merges;
    merges.reserve(m_pairs.size());
    const auto idOf = [&](std::string_view piece) {
        const std::optional<TokenId> id = vocabulary.find(piece);
        if (!id)
            refuseWeights(fmt::format("Merge {} of {} needs the piece “{}”, which its vocabulary has not.",
                                      merges.size() + 1, what, piece),
                          "Vocabulary and merges must be of one tokenizer; fetch both again.");
        return *id;
    };
    for (const Pair& pair : m_pairs) {
        const std::string_view both = std::string_view(m_bytes).substr(pair.begin, pair.left + pair.right);
        BpeMerge merge;
        merge.left = idOf(both.substr(0, pair.left));
        merge.right = idOf(both.substr(pair.left));
        merge.joined = idOf(both);
        merges.push_back(merge);
    }
    return merges;
}

MergeList readMerges(const MappedFile& file) {
    refuseLarge(file);
    MergeList merges;
    forEachLine(file, [&](std::string_view line, std::size_t number) {
        if (!line.empty() && !line.starts_with("#version"))
            merges.addLine(line, number, file.name());
    });
    return merges;
}

} // namespace engine
