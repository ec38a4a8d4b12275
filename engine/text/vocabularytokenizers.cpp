#include "engine/text/tokenizerparts.h"

#include "engine/models/weights/limits.h"
#include "engine/text/vocabularyfiles.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kUpperCaseShare = 100; // one piece of so many has capitals where a vocabulary keeps case

// How the tokenizers of transformers look for a special token whose name alone is given.
AddedToken specialToken(std::string content, TokenId id) {
    AddedToken token{.content = std::move(content), .id = id, .special = true};
    token.takesSpaceBefore = token.content == "<mask>";
    return token;
}

// Those of the configuration, else those of `usual` that the vocabulary has; special ones it lacks get new ids.
std::vector<AddedToken> addedTokens(const TokenizerConfig& config, const Vocabulary& vocabulary,
                                    std::span<const std::string_view> usual) {
    std::vector<AddedToken> added = config.added;
    std::size_t next = vocabulary.size();
    for (const AddedToken& token : added)
        next = std::max(next, static_cast<std::size_t>(token.id) + 1);
    const auto known = [&](std::string_view content) {
        return std::ranges::find(added, content, &AddedToken::content) != added.end();
    };
    for (const TokenizerConfig::Role& role : config.roles) {
        if (known(role.token.content))
            continue;
        const std::optional<TokenId> id = vocabulary.find(role.token.content);
        AddedToken token = role.bare ? specialToken(role.token.content, 0) : role.token;
        token.id = id ? *id : static_cast<TokenId>(next++);
        added.push_back(std::move(token));
    }
    for (const std::string_view content : usual)
        if (const std::optional<TokenId> id = vocabulary.find(content); id && !known(content))
            added.push_back(specialToken(std::string(content), *id));
    return added;
}

std::optional<TokenId> idIn(const std::vector<AddedToken>& added, const Vocabulary& vocabulary,
                            std::string_view content) {
    const auto token = std::ranges::find(added, content, &AddedToken::content);
    return token != added.end() ? std::optional(token->id) : vocabulary.find(content);
}

bool keepsCase(const Vocabulary& vocabulary) {
    std::size_t count = 0;
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        const std::string_view piece = vocabulary.piece(static_cast<TokenId>(id));
        count += !piece.starts_with('[') && std::ranges::any_of(piece, [](char c) { return c >= 'A' && c <= 'Z'; });
    }
    return count * kUpperCaseShare > vocabulary.count();
}

} // namespace

SpecialIds specialIdsOf(const TokenizerConfig& config,
                        const std::function<std::optional<TokenId>(std::string_view)>& idOf) {
    const auto find = [&](std::string_view role,
                          std::initializer_list<std::string_view> names) -> std::optional<TokenId> {
        if (const TokenizerConfig::Role* given = config.role(role))
            if (const std::optional<TokenId> id = idOf(given->token.content))
                return id;
        for (const std::string_view name : names)
            if (const std::optional<TokenId> id = idOf(name))
                return id;
        return std::nullopt;
    };
    return {.pad = find("pad_token", {"[PAD]", "<pad>"}),
            .unknown = find("unk_token", {"[UNK]", "<unk>"}),
            .classify = find("cls_token", {"[CLS]", "<s>"}),
            .separate = find("sep_token", {"[SEP]", "</s>"}),
            .mask = find("mask_token", {"[MASK]", "<mask>"}),
            .begin = find("bos_token", {"<s>", "<|endoftext|>"}),
            .end = find("eos_token", {"</s>", "<|endoftext|>"})};
}

std::unique_ptr<const Tokenizer> readBertVocabulary(const MappedFile& file, const TokenizerConfig& config) {
    static constexpr std::array<std::string_view, 5> kUsual{"[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};
    const auto vocabulary = std::make_shared<const Vocabulary>(readVocabularyLines(file));
    TokenizerFacts facts{.kind = "WordPiece", .statedLength = config.statedLength};
    Pipeline pipeline{.vocabulary = vocabulary, .added = addedTokens(config, *vocabulary, kUsual)};
    WordPieceSettings settings;
    if (const TokenizerConfig::Role* unknown = config.role("unk_token"))
        settings.unknown = unknown->token.content;
    pipeline.model = std::make_shared<const WordPiece>(vocabulary, settings, file.name());

    const bool lowers = config.lowers.value_or(!keepsCase(*vocabulary));
    if (!config.lowers)
        facts.notes.push_back(fmt::format("Nothing beside {} says whether case is kept; its pieces say that it is{}.",
                                          file.name(), lowers ? " not" : ""));
    const BertNormalization bert{.setsHanApart = config.setsHanApart.value_or(true),
                                 .stripsAccents = config.stripsAccents.value_or(lowers),
                                 .lowers = lowers};
    pipeline.normalizer = Normalizer({NormalizerStep{.kind = NormalizerStep::Kind::Bert, .bert = bert}});
    facts.words = lowers ? "Lower case without accents, cut at blanks and marks, then into pieces."
                         : "Cut at blanks and marks, then into pieces; case is kept.";
    facts.specials =
        specialIdsOf(config, [&](std::string_view content) { return idIn(pipeline.added, *vocabulary, content); });
    if (facts.specials.classify && facts.specials.separate)
        facts.around = bertTemplate(*facts.specials.classify, *facts.specials.separate);
    else
        facts.notes.push_back(fmt::format("{} has no [CLS] and [SEP]: texts get no special tokens.", file.name()));
    return std::make_unique<const PipelineTokenizer>(std::move(pipeline), std::move(facts));
}

std::unique_ptr<const Tokenizer> readByteLevelFiles(const MappedFile& vocabularyFile, const MappedFile& mergesFile,
                                                    const TokenizerConfig& config) {
    static constexpr std::array<std::string_view, 6> kUsual{"<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"};
    const auto vocabulary = std::make_shared<const Vocabulary>(readVocabularyJson(vocabularyFile));
    const std::vector<BpeMerge> merges = readMerges(mergesFile).resolve(*vocabulary, mergesFile.name());
    TokenizerFacts facts{.kind = "byte-level BPE",
                         .words = "Cut into words by GPT-2's pattern, their bytes joined to pieces.",
                         .statedLength = config.statedLength};
    Pipeline pipeline{.vocabulary = vocabulary, .added = addedTokens(config, *vocabulary, kUsual)};
    pipeline.model = std::make_shared<const ByteLevelBpe>(
        vocabulary, merges, BpeSettings{.blankBefore = config.blankBefore.value_or(false)}, vocabularyFile.name());
    const auto idOf = [&](std::string_view content) { return idIn(pipeline.added, *vocabulary, content); };
    facts.specials = specialIdsOf(config, idOf);
    const bool gpt2 = config.tokenizerClass.starts_with("GPT2") || config.modelType == "gpt2";
    const std::optional<TokenId> begin = idOf("<s>"), end = idOf("</s>");
    if (!gpt2 && begin && end && facts.specials.classify && facts.specials.separate) {
        facts.around = robertaTemplate(*facts.specials.classify, *facts.specials.separate);
        facts.words += " Texts stand between <s> and </s>, as for RoBERTa.";
    }
    return std::make_unique<const PipelineTokenizer>(std::move(pipeline), std::move(facts));
}

} // namespace engine
