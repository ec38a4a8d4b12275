#include "engine/models/weights/limits.h"
#include "engine/text/jsontree.h"
#include "engine/text/tokenizerjsonparts.h"
#include "engine/text/tokenizerparts.h"
#include "engine/text/vocabularyfiles.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

using Kind = JsonReader::Kind;

constexpr const char* kFetchAgain = "Fetch the tokenizer's files again.";

// Of a model: what is looked at beside its pieces, and how often at most.
constexpr std::array<std::string_view, 9> kModelSettings{"type",
                                                         "unk_token",
                                                         "continuing_subword_prefix",
                                                         "max_input_chars_per_word",
                                                         "end_of_word_suffix",
                                                         "byte_fallback",
                                                         "dropout",
                                                         "ignore_merges",
                                                         "fuse_unk"};
constexpr std::size_t kMostSettings = 32;

// What "model" says, as far as it is not its pieces.
struct ModelPart {
    JsonTree settings;
    Vocabulary vocabulary;
    MergeList merges;
    bool hasVocabulary = false, hasMerges = false;
};

class Reader final {
public:
    explicit Reader(const MappedFile& file) : m_what(file.name()), m_json(file.bytes(), file.name()) {}

    std::unique_ptr<const Tokenizer> read(const TokenizerConfig& config) {
        m_json.beginObject();
        for (std::string key; m_json.nextKey(key);)
            part(key);
        m_json.end();
        if (!m_model.hasVocabulary)
            refuseWeights(fmt::format("{} has no model with a vocabulary.", m_what),
                          "Choose the tokenizer.json of a language model.");
        return make(config);
    }

private:
    void part(const std::string& key) {
        if (m_json.kind() == Kind::Null)
            m_json.skipValue();
        else if (key == "model")
            model();
        else if (key == "normalizer")
            m_normalizer = readJsonTree(m_json, m_what);
        else if (key == "pre_tokenizer")
            m_preTokenizer = readJsonTree(m_json, m_what);
        else if (key == "post_processor")
            m_postProcessor = readJsonTree(m_json, m_what);
        else if (key == "decoder")
            m_decoder = readJsonTree(m_json, m_what);
        else if (key == "truncation")
            m_truncation = readJsonTree(m_json, m_what);
        else if (key == "added_tokens")
            addedTokens();
        else
            m_json.skipValue();
    }

    void addedTokens() {
        m_json.beginArray();
        while (m_json.nextElement()) {
            const JsonTree tree = readJsonTree(m_json, m_what);
            if (m_added.size() == AddedTokens::kMost)
                refuseWeights(fmt::format("{} has more than {} added tokens.", m_what, AddedTokens::kMost),
                              kFetchAgain);
            AddedToken token = addedTokenOf(tree, m_what);
            token.id = tokenIdOf(tree.numberOf("id").value_or(-1), m_what);
            m_added.push_back(std::move(token));
        }
    }

    void model() {
        m_json.beginObject();
        for (std::string key; m_json.nextKey(key);) {
            const Kind kind = m_json.kind();
            if (key == "vocab" && kind == Kind::Object) {
                m_model.vocabulary = readVocabularyObject(m_json, m_what);
                m_model.hasVocabulary = true;
            } else if (key == "merges" && kind == Kind::Array) {
                merges();
            } else if (key == "vocab") { // a list: Unigram's
                m_json.skipValue();
                m_model.hasVocabulary = true;
            } else if (std::ranges::find(kModelSettings, key) == kModelSettings.end() ||
                       m_model.settings.names.size() == kMostSettings) {
                m_json.skipValue();
            } else {
                m_model.settings.names.push_back(key);
                m_model.settings.items.push_back(readJsonTree(m_json, m_what));
            }
        }
    }

    void merges() {
        m_model.hasMerges = true;
        m_json.beginArray();
        for (std::size_t line = 1; m_json.nextElement(); ++line) {
            if (m_json.kind() == Kind::Text) {
                m_model.merges.addLine(m_json.text(), line, m_what);
                continue;
            }
            m_json.beginArray();
            std::vector<std::string> both;
            while (m_json.nextElement()) {
                both.push_back(m_json.text());
                if (both.size() > 2)
                    break;
            }
            if (both.size() != 2)
                refuseWeights(fmt::format("Merge {} of {} is not of two pieces.", line, m_what), kFetchAgain);
            m_model.merges.add(both[0], both[1], m_what);
        }
    }

    std::unique_ptr<const Tokenizer> make(const TokenizerConfig& config) {
        const std::string type = m_model.settings.textOf("type").value_or(m_model.hasMerges ? "BPE" : "WordPiece");
        if (type != "WordPiece" && type != "BPE")
            refuseWeights(fmt::format("{} holds a model of the type “{}”; WordPiece and byte-level BPE are read here.",
                                      m_what, type),
                          type == "Unigram" ? "Put its SentencePiece model (spiece.model) beside it."
                                            : "Choose another tokenizer.");
        const TokenizerJsonParts parts(m_what);
        const PreTokenization words = parts.preTokenization(m_preTokenizer);
        const auto vocabulary = std::make_shared<const Vocabulary>(std::move(m_model.vocabulary));
        Pipeline pipeline{.vocabulary = vocabulary, .normalizer = parts.normalizer(m_normalizer)};
        TokenizerFacts facts;
        if (type == "WordPiece")
            wordPiece(words, pipeline, facts);
        else
            byteLevel(words, pipeline, facts);
        addTokens(pipeline);
        facts.around = parts.around(m_postProcessor);
        refuseStrangers(pipeline, facts.around);
        facts.statedLength = config.statedLength > 0 ? config.statedLength : statedLength();
        facts.specials = specialIdsOf(config, [&](std::string_view content) -> std::optional<TokenId> {
            const auto token = std::ranges::find(pipeline.added, content, &AddedToken::content);
            return token != pipeline.added.end() ? std::optional(token->id) : vocabulary->find(content);
        });
        return std::make_unique<const PipelineTokenizer>(std::move(pipeline), std::move(facts));
    }

    // A token that is a piece of the model has the piece's id.
    void addTokens(Pipeline& pipeline) {
        for (AddedToken& token : m_added) {
            if (token.content.empty())
                continue;
            token.id = pipeline.vocabulary->find(token.content).value_or(token.id);
            pipeline.added.push_back(std::move(token));
        }
    }

    // What stands around a text must be rows of the embedding.
    void refuseStrangers(const Pipeline& pipeline, const TokenTemplate& around) const {
        for (const auto* parts : {&around.single, &around.pair})
            for (const TemplatePart& part : *parts)
                if (part.kind == TemplatePart::Kind::Token && pipeline.vocabulary->piece(part.id).empty() &&
                    std::ranges::find(pipeline.added, part.id, &AddedToken::id) == pipeline.added.end())
                    refuseWeights(fmt::format("{} puts the token {} around texts, which its vocabulary has not.",
                                              m_what, part.id),
                                  kFetchAgain);
    }

    std::size_t statedLength() const {
        const double length = m_truncation.numberOf("max_length").value_or(0);
        return length >= 1 && length < 1e9 ? static_cast<std::size_t>(length) : 0;
    }

    void wordPiece(const PreTokenization& words, Pipeline& pipeline, TokenizerFacts& facts) {
        if (words.kind != PreTokenization::Kind::Bert)
            refuseWeights(fmt::format("{} cuts texts into words with “{}”, which is not known here for WordPiece.",
                                      m_what, words.name),
                          "Tokenizers of BERT's family are read.");
        WordPieceSettings settings;
        settings.unknown = m_model.settings.textOf("unk_token").value_or(settings.unknown);
        settings.goesOn = m_model.settings.textOf("continuing_subword_prefix").value_or(settings.goesOn);
        if (const std::optional<double> most = m_model.settings.numberOf("max_input_chars_per_word");
            most && *most >= 0 && *most < 1e9)
            settings.mostCharacters = static_cast<std::size_t>(*most);
        pipeline.tidies = m_decoder.switchOf("cleanup").value_or(true);
        pipeline.model = std::make_shared<const WordPiece>(pipeline.vocabulary, std::move(settings), m_what);
        facts.kind = "WordPiece";
        facts.words = "Cut at blanks and marks, then into pieces.";
    }

    void byteLevel(const PreTokenization& words, Pipeline& pipeline, TokenizerFacts& facts) {
        if (words.kind != PreTokenization::Kind::ByteLevel)
            refuseWeights(
                fmt::format("{} holds a BPE that is not of bytes: it cuts texts with “{}”.", m_what, words.name),
                "Tokenizers of GPT-2's and RoBERTa's family are read.");
        for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"})
            if (!m_model.settings.textOf(affix).value_or("").empty())
                refuseWeights(
                    fmt::format("The model of {} has a {}, which is not known here for bytes.", m_what, affix),
                    "Tokenizers of GPT-2's and RoBERTa's family are read.");
        if (m_model.settings.switchOf("byte_fallback").value_or(false) ||
            m_model.settings.numberOf("dropout").value_or(0) > 0)
            refuseWeights(fmt::format("The model of {} has byte_fallback or dropout, which is not known here.", m_what),
                          "Tokenizers of GPT-2's and RoBERTa's family are read.");
        BpeSettings settings{.blankBefore = words.blankBefore,
                             .cutsIntoWords = words.cutsIntoWords,
                             .takesWholeWords = m_model.settings.switchOf("ignore_merges").value_or(false),
                             .joinsUnknown = m_model.settings.switchOf("fuse_unk").value_or(false),
                             .unknown = m_model.settings.textOf("unk_token").value_or("")};
        if (!settings.unknown.empty() && !pipeline.vocabulary->find(settings.unknown))
            settings.unknown.clear(); // no byte may ever need it
        pipeline.model = std::make_shared<const ByteLevelBpe>(
            pipeline.vocabulary, m_model.merges.resolve(*pipeline.vocabulary, m_what), std::move(settings), m_what);
        facts.kind = "byte-level BPE";
        facts.words = words.cutsIntoWords ? "Cut into words by GPT-2's pattern, their bytes joined to pieces."
                                          : "A text's bytes, joined to pieces.";
    }

    std::string m_what;
    JsonReader m_json;
    ModelPart m_model;
    std::vector<AddedToken> m_added;
    JsonTree m_normalizer, m_preTokenizer, m_postProcessor, m_decoder, m_truncation;
};

} // namespace

std::string tokenizerJsonModel(const MappedFile& file) {
    std::string type;
    JsonReader json(file.bytes(), file.name());
    json.beginObject();
    for (std::string key; json.nextKey(key);) {
        if (key != "model" || json.kind() != Kind::Object) {
            json.skipValue();
            continue;
        }
        json.beginObject();
        for (std::string member; json.nextKey(member);) {
            if (member == "type" && json.kind() == Kind::Text)
                type = json.text();
            else
                json.skipValue();
        }
    }
    return type;
}

std::unique_ptr<const Tokenizer> readTokenizerJson(const MappedFile& file, const TokenizerConfig& config) {
    if (file.bytes().size() > kMostTokenizerBytes)
        refuseWeights(fmt::format("{} has {} MB; a tokenizer has at most {} MB.", file.name(),
                                  file.bytes().size() >> 20, kMostTokenizerBytes >> 20),
                      "Choose the file of a tokenizer.");
    return Reader(file).read(config);
}

} // namespace engine
