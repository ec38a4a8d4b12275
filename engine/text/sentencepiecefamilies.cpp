#include "engine/models/weights/limits.h"
#include "engine/text/sentencepiecetokenizer.h"
#include "engine/text/tokenizerparts.h"
#include "engine/text/vocabularyfiles.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kT5ExtraIds = 100;

enum class Family { Plain, T5, XlmRoberta, Albert, Unknown };

struct FamilyName {
    std::string_view begins; // of tokenizer_class, or the whole of model_type
    std::string_view modelType;
    Family family;
};
constexpr std::array<FamilyName, 6> kFamilies{{{"T5Tokenizer", "t5", Family::T5},
                                               {"MT5Tokenizer", "mt5", Family::T5},
                                               {"XLMRobertaTokenizer", "xlm-roberta", Family::XlmRoberta},
                                               {"XLMRobertaTokenizer", "xlm-roberta-xl", Family::XlmRoberta},
                                               {"AlbertTokenizer", "albert", Family::Albert},
                                               {"LlamaTokenizer", "llama", Family::Plain}}};

std::optional<TokenId> ownId(const SentencePieceModel& model, std::string_view piece) {
    const auto found = std::ranges::find(model.pieces, piece, &SentencePiece::text);
    return found == model.pieces.end() ? std::nullopt
                                       : std::optional(static_cast<TokenId>(found - model.pieces.begin()));
}

Family familyOf(const SentencePieceModel& model, const TokenizerConfig& config, const std::string& file) {
    for (const FamilyName& row : kFamilies)
        if (config.tokenizerClass.starts_with(row.begins))
            return row.family;
    if (!config.tokenizerClass.empty() && config.tokenizerClass != "PreTrainedTokenizerFast")
        return Family::Unknown;
    for (const FamilyName& row : kFamilies)
        if (config.modelType == row.modelType)
            return row.family;
    if (file == "sentencepiece.bpe.model")
        return Family::XlmRoberta;
    if (ownId(model, "[CLS]") && ownId(model, "[SEP]"))
        return Family::Albert;
    return ownId(model, "<pad>") == 0 && ownId(model, "</s>") == 1 ? Family::T5 : Family::Plain;
}

AddedToken special(std::string content, TokenId id) {
    return {.content = std::move(content), .id = id, .special = true};
}

// What makes the tokenizers of a family differ.
struct Made {
    SentencePieceIds ids;
    TokenizerFacts facts;
};

void addOwnSpecials(const SentencePieceModel& model, std::span<const std::string_view> names, SentencePieceIds& ids) {
    for (const std::string_view name : names)
        if (const std::optional<TokenId> id = ownId(model, name))
            ids.added.push_back(special(std::string(name), *id));
}

void makeT5(const SentencePieceModel& model, const TokenizerConfig& config, const std::string& what, Made& made) {
    static constexpr std::array<std::string_view, 3> kNames{"</s>", "<unk>", "<pad>"};
    addOwnSpecials(model, kNames, made.ids);
    const std::optional<TokenId> end = ownId(model, "</s>");
    if (!end)
        refuseWeights(fmt::format("{} has no piece </s>, which T5 puts behind a text.", what),
                      "Choose the model of a T5.");
    made.facts.around = t5Template(*end);
    const std::size_t extra = std::min(config.extraIds.value_or(kT5ExtraIds), std::size_t{1000});
    for (std::size_t i = 0; i < extra; ++i) {
        AddedToken token =
            special(fmt::format("<extra_id_{}>", i), static_cast<TokenId>(model.pieces.size() - 1 + extra - i));
        token.takesSpaceBefore = token.takesSpaceAfter = true;
        made.ids.added.push_back(std::move(token));
    }
    made.facts.words = "SentencePiece as T5 uses it: </s> behind a text, and pieces for what is masked.";
}

void makeXlmRoberta(const SentencePieceModel& model, const std::string& what, Made& made) {
    constexpr TokenId kBegin = 0, kPad = 1, kEnd = 2, kUnknown = 3;
    if (model.pieces.size() < 3)
        refuseWeights(fmt::format("{} is no model of XLM-R: it has {} pieces.", what, model.pieces.size()),
                      "Choose the sentencepiece.bpe.model of an XLM-R.");
    made.ids.shift = 1;
    made.ids.moved = {{0, kUnknown}, {1, kBegin}, {2, kEnd}};
    AddedToken mask = special("<mask>", static_cast<TokenId>(model.pieces.size()) + 1);
    mask.takesSpaceBefore = true;
    made.ids.added = {special("<s>", kBegin), special("<pad>", kPad), special("</s>", kEnd), special("<unk>", kUnknown),
                      mask};
    made.facts.around = robertaTemplate(kBegin, kEnd);
    made.facts.words = "SentencePiece as XLM-R uses it: its ids behind those of <s>, <pad>, </s> and <unk>.";
}

void makeAlbert(const SentencePieceModel& model, const TokenizerConfig& config, const std::string& what, Made& made) {
    static constexpr std::array<std::string_view, 5> kNames{"[CLS]", "[SEP]", "<unk>", "<pad>", "[MASK]"};
    addOwnSpecials(model, kNames, made.ids);
    for (AddedToken& token : made.ids.added)
        token.takesSpaceBefore = token.content == "[MASK]";
    const std::optional<TokenId> classify = ownId(model, "[CLS]"), separate = ownId(model, "[SEP]");
    if (!classify || !separate)
        refuseWeights(fmt::format("{} has no pieces [CLS] and [SEP], which ALBERT puts around a text.", what),
                      "Choose the spiece.model of an ALBERT.");
    made.facts.around = bertTemplate(*classify, *separate);
    made.ids.cleansForAlbert = true;
    made.ids.cleaning = {.lowers = config.lowers.value_or(true),
                         .removesSpace = config.removesSpace.value_or(true),
                         .keepsAccents = config.keepsAccents.value_or(false)};
    made.facts.words = made.ids.cleaning.lowers ? "SentencePiece as ALBERT uses it: lower case between [CLS] and [SEP]."
                                                : "SentencePiece as ALBERT uses it, between [CLS] and [SEP].";
}

void makePlain(const SentencePieceModel& model, const TokenizerConfig& config, Made& made) {
    static constexpr std::array<std::string_view, 3> kNames{"<unk>", "<s>", "</s>"};
    addOwnSpecials(model, kNames, made.ids);
    const std::optional<TokenId> begin = ownId(model, "<s>"), end = ownId(model, "</s>");
    const bool llama = config.tokenizerClass.starts_with("Llama") || config.modelType == "llama";
    const bool addsBegin = begin && config.addsBegin.value_or(llama), addsEnd = end && config.addsEnd.value_or(false);
    for (auto* parts : {&made.facts.around.single, &made.facts.around.pair}) {
        std::vector<TemplatePart> around;
        for (const TemplatePart& part : *parts) {
            if (addsBegin)
                around.push_back({.id = *begin, .segment = part.segment});
            around.push_back(part);
            if (addsEnd)
                around.push_back({.id = *end, .segment = part.segment});
        }
        *parts = std::move(around);
    }
    made.facts.words = "A SentencePiece model with its own ids.";
}

} // namespace

std::unique_ptr<const Tokenizer> readSentencePiece(const MappedFile& file, const TokenizerConfig& config) {
    if (file.bytes().size() > kMostTokenizerBytes)
        refuseWeights(fmt::format("{} has {} MB; a SentencePiece model has at most {} MB.", file.name(),
                                  file.bytes().size() >> 20, kMostTokenizerBytes >> 20),
                      "Choose a spiece.model or sentencepiece.bpe.model.");
    const SentencePieceModel model = checkedSentencePieceModel(file.bytes(), file.name());
    Made made;
    made.facts.kind = model.joinsPairs ? "SentencePiece BPE" : "SentencePiece unigram";
    made.facts.statedLength = config.statedLength;
    switch (familyOf(model, config, file.name())) {
    case Family::T5:
        makeT5(model, config, file.name(), made);
        break;
    case Family::XlmRoberta:
        makeXlmRoberta(model, file.name(), made);
        break;
    case Family::Albert:
        makeAlbert(model, config, file.name(), made);
        break;
    case Family::Plain:
        makePlain(model, config, made);
        break;
    case Family::Unknown:
        refuseWeights(fmt::format("{} names “{}”, whose use of SentencePiece is not known here.", config.file,
                                  config.tokenizerClass),
                      "Those of T5, XLM-R, ALBERT and Llama are read.");
    }
    made.facts.specials = specialIdsOf(config, [&](std::string_view content) -> std::optional<TokenId> {
        const auto token = std::ranges::find(made.ids.added, content, &AddedToken::content);
        return token != made.ids.added.end() ? std::optional(token->id) : std::nullopt;
    });
    return std::make_unique<const SentencePieceTokenizer>(model, std::move(made.ids), std::move(made.facts),
                                                          file.name());
}

} // namespace engine
