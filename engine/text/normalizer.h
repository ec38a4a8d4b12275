#pragma once

#include "engine/text/alignedtext.h"
#include "engine/text/tokenizer.h"

#include <string_view>
#include <vector>

namespace engine {

// What BERT's basic tokenizer does to a text before it is cut into words.
struct BertNormalization {
    bool cleans = true;       // control characters and U+FFFD go, white space becomes a blank
    bool setsHanApart = true; // blanks around Chinese characters
    bool stripsAccents = true;
    bool lowers = true;
};

enum class NormalForm { Nfc, Nfd, Nfkc, Nfkd };

// One step of what is done to a text first.
struct NormalizerStep {
    enum class Kind { Bert, Form, Lowercase, StripAccents };
    Kind kind = Kind::Bert;
    BertNormalization bert;
    NormalForm form = NormalForm::Nfc;
};

// Makes a text ready to be cut, and remembers what each byte was made of.
class Normalizer final {
public:
    Normalizer() = default; // changes nothing
    explicit Normalizer(std::vector<NormalizerStep> steps) : m_steps(std::move(steps)) {}

    [[nodiscard]] bool changesNothing() const { return m_steps.empty(); }
    // Of valid UTF-8. The result may lie in `into`, or be the text itself, where `into` then is empty.
    [[nodiscard]] std::string_view apply(std::string_view text, Details details, AlignedText& into) const;

private:
    std::vector<NormalizerStep> m_steps;
};

} // namespace engine
