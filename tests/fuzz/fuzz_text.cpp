// Bytes of a file of texts: in pieces they decode as they do at once, and what comes out is UTF-8 that comes back from
// the tokens of a byte-level vocabulary. The first byte says where the bytes are divided.
#include "engine/text/bytealphabet.h"
#include "engine/text/pipelinetokenizer.h"
#include "engine/text/textencoding.h"
#include "tests/fuzz/tokens.h"

namespace {

std::string decoded(engine::TextEncoding encoding, std::string_view first, std::string_view second) {
    engine::TextDecoder decoder(encoding);
    std::string text;
    decoder.decode(first, text);
    decoder.decode(second, text);
    decoder.finish(text);
    return text;
}

std::unique_ptr<const engine::Tokenizer> bytesAndPairs() {
    auto vocabulary = std::make_shared<engine::Vocabulary>();
    std::string all[256];
    for (unsigned byte = 0; byte < 256; ++byte) {
        engine::appendCharacter(all[byte], engine::characterOfByte(static_cast<unsigned char>(byte)));
        vocabulary->add(all[byte], byte, "vocab.json");
    }
    std::vector<engine::BpeMerge> merges;
    for (engine::TokenId id = 256; id < 512; ++id) {
        const engine::BpeMerge merge{.left = id - 256, .right = 'a' + id % 5, .joined = id};
        vocabulary->add(all[merge.left] + all[merge.right], static_cast<std::uint64_t>(id), "vocab.json");
        merges.push_back(merge);
    }
    engine::Pipeline pipeline{.vocabulary = vocabulary};
    pipeline.model =
        std::make_shared<const engine::ByteLevelBpe>(vocabulary, merges, engine::BpeSettings{}, "vocab.json");
    return std::make_unique<const engine::PipelineTokenizer>(std::move(pipeline), engine::TokenizerFacts{});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::unique_ptr<const engine::Tokenizer> tokenizer = bytesAndPairs();
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        if (bytes.empty())
            return;
        const std::size_t at = static_cast<unsigned char>(bytes.front()) % bytes.size();
        bytes.remove_prefix(1);
        engine::EncodingGuess whole, parts;
        whole.add(bytes);
        parts.add(bytes.substr(0, at));
        parts.add(bytes.substr(at));
        if (whole.encoding() != parts.encoding())
            std::abort();
        for (const auto encoding : {engine::TextEncoding::Utf8, engine::TextEncoding::Utf16LittleEndian,
                                    engine::TextEncoding::Utf16BigEndian, engine::TextEncoding::Windows1252}) {
            const std::string text = decoded(encoding, bytes, {});
            if (text != decoded(encoding, bytes.substr(0, at), bytes.substr(at)) ||
                engine::validUtf8Bytes(text) != text.size() || tokenizer->decode(tokenizer->encode(text).ids) != text)
                std::abort();
        }
    });
}
