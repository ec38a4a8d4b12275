// tokenizer_config.json beside a vocabulary.
#include "engine/text/tokenizerparts.h"
#include "tests/fuzz/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        static constexpr std::string_view kPieces =
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nfox\n##s\nca\n##fe\n.\n,\n";
        engine::TokenizerConfig config;
        engine::addTokenizerConfig({bytes, "tokenizer_config.json"}, config);
        fuzz::cutTexts(*engine::readBertVocabulary({kPieces, "vocab.txt"}, config));
    });
}
