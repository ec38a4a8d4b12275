#pragma once

#include "engine/text/addedtokens.h"
#include "engine/text/jsontree.h"
#include "engine/text/normalizer.h"
#include "engine/text/vocabulary.h"

#include <string>
#include <vector>

namespace engine {

// How a tokenizer.json cuts a text into words.
struct PreTokenization {
    enum class Kind { Other, Bert, ByteLevel };
    Kind kind = Kind::Other;
    std::string name = "nothing"; // as the file has it
    bool blankBefore = false;     // of ByteLevel: add_prefix_space, use_regex
    bool cutsIntoWords = true;
};

// Understands the parts of a tokenizer.json that are not its model. What it does not know it refuses by name with
// Error(BadWeights).
class TokenizerJsonParts final {
public:
    explicit TokenizerJsonParts(std::string what) : m_what(std::move(what)) {}

    [[nodiscard]] Normalizer normalizer(const JsonTree& tree) const;
    [[nodiscard]] PreTokenization preTokenization(const JsonTree& tree) const;
    [[nodiscard]] TokenTemplate around(const JsonTree& tree) const;

private:
    void addSteps(const JsonTree& tree, std::vector<NormalizerStep>& steps) const;
    [[nodiscard]] std::vector<TemplatePart> parts(const JsonTree& list, const JsonTree& specials) const;
    [[nodiscard]] TokenId pairId(const JsonTree& tree, const char* name) const;
    [[noreturn]] void refuse(const std::string& part, const std::string& type) const;

    std::string m_what;
};

} // namespace engine
