#include "engine/api/error.h"
#include "engine/text/tokenizer.h"
#include "engine/text/tokenizerparts.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr const char* kWhatIsRead =
    "Choose a folder with tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece model.";

bool isFile(const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

// Others are read from the SentencePiece model that lies beside.
bool isReadFromJson(const std::string& model) { return model == "WordPiece" || model == "BPE"; }

// The first of these names that lies there; empty: none.
fs::path firstOf(const fs::path& folder, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (isFile(folder / name))
            return folder / name;
    return {};
}

fs::path sentencePieceIn(const fs::path& folder) {
    if (fs::path known = firstOf(folder, {"spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "spm.model"});
        !known.empty())
        return known;
    std::vector<fs::path> models;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code))
        if (entry.path().extension() == ".model" && isFile(entry.path()))
            models.push_back(entry.path());
    return models.size() == 1 ? models.front() : fs::path();
}

std::unique_ptr<const Tokenizer> openByteLevel(const fs::path& vocabulary, const fs::path& folder,
                                               const TokenizerConfig& config) {
    const fs::path merges = firstOf(folder, {"merges.txt", "vocab.bpe"});
    if (merges.empty())
        throw Error(ErrorKind::NotFound, fmt::format("{} lies without its merges.txt.", vocabulary.string()),
                    "Put both files of the tokenizer into one folder.");
    return readByteLevelFiles(MappedFile(vocabulary), MappedFile(merges), config);
}

std::unique_ptr<const Tokenizer> openFolder(const fs::path& folder) {
    const TokenizerConfig config = readTokenizerConfig(folder);
    const fs::path model = sentencePieceIn(folder);
    if (isFile(folder / "tokenizer.json")) {
        const MappedFile file(folder / "tokenizer.json");
        if (model.empty() || isReadFromJson(tokenizerJsonModel(file)))
            return readTokenizerJson(file, config);
    }
    if (isFile(folder / "vocab.txt"))
        return readBertVocabulary(MappedFile(folder / "vocab.txt"), config);
    if (const fs::path vocabulary = firstOf(folder, {"vocab.json", "encoder.json"}); !vocabulary.empty())
        return openByteLevel(vocabulary, folder, config);
    if (!model.empty())
        return readSentencePiece(MappedFile(model), config);
    if (const fs::path merges = firstOf(folder, {"merges.txt", "vocab.bpe"}); !merges.empty())
        throw Error(ErrorKind::NotFound, fmt::format("{} lies without its vocab.json.", merges.string()),
                    "Put both files of the tokenizer into one folder.");
    throw Error(ErrorKind::NotFound, fmt::format("{} holds no tokenizer.", folder.string()), kWhatIsRead);
}

std::unique_ptr<const Tokenizer> openFile(const fs::path& file) {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const std::string name = file.filename().string(), ending = file.extension().string();
    const TokenizerConfig config = readTokenizerConfig(folder);
    if (name == "merges.txt" || name == "vocab.bpe") {
        const fs::path vocabulary = firstOf(folder, {"vocab.json", "encoder.json"});
        if (vocabulary.empty())
            throw Error(ErrorKind::NotFound, fmt::format("{} lies without its vocab.json.", file.string()),
                        "Put both files of the tokenizer into one folder.");
        return openByteLevel(vocabulary, folder, config);
    }
    if (name == "vocab.json" || name == "encoder.json")
        return openByteLevel(file, folder, config);
    if (name == "tokenizer_config.json" || name == "special_tokens_map.json" || name == "added_tokens.json")
        return openFolder(folder);
    if (ending == ".json")
        return readTokenizerJson(MappedFile(file), config);
    if (ending == ".model")
        return readSentencePiece(MappedFile(file), config);
    if (ending == ".txt")
        return readBertVocabulary(MappedFile(file), config);
    throw Error(ErrorKind::BadInput, fmt::format("{} is no file of a tokenizer.", file.string()), kWhatIsRead);
}

} // namespace

std::unique_ptr<const Tokenizer> openTokenizer(const fs::path& path) {
    std::error_code code;
    if (!fs::exists(path, code))
        throw Error(ErrorKind::NotFound, fmt::format("There is no {}.", path.string()), kWhatIsRead);
    return fs::is_directory(path, code) ? openFolder(path) : openFile(path);
}

} // namespace engine
