#include "engine/text/tokenizerjsonparts.h"

#include "engine/models/weights/limits.h"
#include "engine/text/tokenizerconfig.h"

#include <span>

#include <fmt/format.h>

namespace engine {
namespace {

using Kind = JsonReader::Kind;

constexpr std::size_t kMostParts = 100; // of a template
constexpr double kMostSegments = 255;

std::string typeOf(const JsonTree& tree) { return tree.textOf("type").value_or("?"); }

// The parts of a "Sequence", or the thing itself.
std::vector<const JsonTree*> flattened(const JsonTree& tree, const char* listName) {
    if (tree.isNull())
        return {};
    if (typeOf(tree) != "Sequence")
        return {&tree};
    std::vector<const JsonTree*> parts;
    if (const JsonTree* list = tree.member(listName))
        for (const JsonTree& item : list->items)
            for (const JsonTree* part : flattened(item, listName))
                parts.push_back(part);
    return parts;
}

} // namespace

void TokenizerJsonParts::refuse(const std::string& part, const std::string& type) const {
    refuseWeights(fmt::format("The {} of {} is “{}”, which is not known here.", part, m_what, type),
                  "Tokenizers of BERT's, GPT-2's and RoBERTa's family are read.");
}

Normalizer TokenizerJsonParts::normalizer(const JsonTree& tree) const {
    std::vector<NormalizerStep> steps;
    for (const JsonTree* part : flattened(tree, "normalizers"))
        addSteps(*part, steps);
    return Normalizer(std::move(steps));
}

void TokenizerJsonParts::addSteps(const JsonTree& tree, std::vector<NormalizerStep>& steps) const {
    using Step = NormalizerStep::Kind;
    const std::string type = typeOf(tree);
    if (type == "BertNormalizer") {
        BertNormalization bert;
        bert.cleans = tree.switchOf("clean_text").value_or(true);
        bert.setsHanApart = tree.switchOf("handle_chinese_chars").value_or(true);
        bert.lowers = tree.switchOf("lowercase").value_or(true);
        bert.stripsAccents = tree.switchOf("strip_accents").value_or(bert.lowers);
        steps.push_back({.kind = Step::Bert, .bert = bert});
    } else if (type == "NFC") {
        steps.push_back({.kind = Step::Form, .form = NormalForm::Nfc});
    } else if (type == "NFD") {
        steps.push_back({.kind = Step::Form, .form = NormalForm::Nfd});
    } else if (type == "NFKC") {
        steps.push_back({.kind = Step::Form, .form = NormalForm::Nfkc});
    } else if (type == "NFKD") {
        steps.push_back({.kind = Step::Form, .form = NormalForm::Nfkd});
    } else if (type == "Lowercase") {
        steps.push_back({.kind = Step::Lowercase});
    } else if (type == "StripAccents") {
        steps.push_back({.kind = Step::StripAccents});
    } else {
        refuse("normalizer", type);
    }
    if (steps.size() > kMostParts)
        refuse("normalizer", "a sequence of more than a hundred");
}

PreTokenization TokenizerJsonParts::preTokenization(const JsonTree& tree) const {
    PreTokenization result;
    const std::vector<const JsonTree*> parts = flattened(tree, "pretokenizers");
    if (parts.empty())
        return result;
    result.name = typeOf(*parts.front());
    if (parts.size() > 1) {
        for (const JsonTree* part : std::span(parts).subspan(1))
            result.name += " + " + typeOf(*part);
        return result;
    }
    if (result.name == "BertPreTokenizer") {
        result.kind = PreTokenization::Kind::Bert;
    } else if (result.name == "ByteLevel") {
        result.kind = PreTokenization::Kind::ByteLevel;
        result.blankBefore = parts.front()->switchOf("add_prefix_space").value_or(true);
        result.cutsIntoWords = parts.front()->switchOf("use_regex").value_or(true);
    }
    return result;
}

TokenTemplate TokenizerJsonParts::around(const JsonTree& tree) const {
    TokenTemplate result;
    for (const JsonTree* part : flattened(tree, "processors")) {
        const std::string type = typeOf(*part);
        if (type == "ByteLevel")
            continue; // trims what a token stands for, no more
        if (type == "BertProcessing") {
            result = bertTemplate(pairId(*part, "cls"), pairId(*part, "sep"));
        } else if (type == "RobertaProcessing") {
            result = robertaTemplate(pairId(*part, "cls"), pairId(*part, "sep"));
        } else if (type == "TemplateProcessing") {
            const JsonTree none;
            const JsonTree* specials = part->member("special_tokens");
            const JsonTree* single = part->member("single");
            const JsonTree* pair = part->member("pair");
            result.single = parts(single != nullptr ? *single : none, specials != nullptr ? *specials : none);
            result.pair = parts(pair != nullptr ? *pair : none, specials != nullptr ? *specials : none);
        } else {
            refuse("post_processor", type);
        }
    }
    return result;
}

// ["[SEP]", 102]
TokenId TokenizerJsonParts::pairId(const JsonTree& tree, const char* name) const {
    const JsonTree* both = tree.member(name);
    if (both == nullptr || both->items.size() != 2 || both->items[1].kind != Kind::Number)
        refuse("post_processor", fmt::format("{} without “{}”", typeOf(tree), name));
    return tokenIdOf(both->items[1].number, m_what);
}

std::vector<TemplatePart> TokenizerJsonParts::parts(const JsonTree& list, const JsonTree& specials) const {
    std::vector<TemplatePart> result;
    for (const JsonTree& item : list.items) {
        const JsonTree* sequence = item.member("Sequence");
        const JsonTree* special = item.member("SpecialToken");
        const JsonTree* part = sequence != nullptr ? sequence : special;
        if (part == nullptr || result.size() > kMostParts)
            refuse("post_processor", "a template of other things than texts and special tokens");
        const double segment = part->numberOf("type_id").value_or(0);
        const std::string id = part->textOf("id").value_or("");
        TemplatePart made{.segment = static_cast<std::uint8_t>(segment >= 0 && segment <= kMostSegments ? segment : 0)};
        if (sequence != nullptr) {
            made.kind = id == "B" ? TemplatePart::Kind::Second : TemplatePart::Kind::First;
            result.push_back(made);
            continue;
        }
        const JsonTree* named = specials.member(id);
        const JsonTree* ids = named != nullptr ? named->member("ids") : nullptr;
        if (ids == nullptr)
            refuse("post_processor", fmt::format("a template with “{}”, of which it has no ids", id));
        for (const JsonTree& one : ids->items) {
            made.id = tokenIdOf(one.kind == Kind::Number ? one.number : -1, m_what);
            result.push_back(made);
        }
    }
    return result;
}

} // namespace engine
