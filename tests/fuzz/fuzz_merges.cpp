// GPT-2's vocab.json and, behind the first zero byte, its merges.txt.
#include "engine/text/tokenizerparts.h"
#include "tests/fuzz/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        const std::size_t end = std::min(bytes.find('\0'), bytes.size());
        const std::string_view merges = bytes.substr(std::min(end + 1, bytes.size()));
        fuzz::cutTexts(*engine::readByteLevelFiles({bytes.substr(0, end), "vocab.json"}, {merges, "merges.txt"}, {}));
    });
}
