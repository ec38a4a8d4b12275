// SentencePiece models, which its library runs behind the checks of this one.
#include "engine/text/tokenizerparts.h"
#include "tests/fuzz/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        fuzz::cutTexts(*engine::readSentencePiece({bytes, "spiece.model"}, {}));
    });
}
