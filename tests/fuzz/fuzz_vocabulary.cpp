// BERT's vocab.txt.
#include "engine/text/tokenizerparts.h"
#include "tests/fuzz/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        fuzz::cutTexts(*engine::readBertVocabulary({bytes, "vocab.txt"}, {}));
    });
}
