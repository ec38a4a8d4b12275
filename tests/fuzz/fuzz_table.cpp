// Tables of pictures: the first byte says which kind.
#include "engine/data/tablefile.h"
#include "tests/fuzz/fuzz.h"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array kNames{"t.csv", "t.tsv", "t.jsonl", "t"};
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        if (bytes.empty())
            return;
        const char* name = kNames.at(static_cast<unsigned char>(bytes.front()) % kNames.size());
        const engine::TableFile table(name, std::string(bytes.substr(1)));
        std::int64_t before = 0;
        table.forEachRow([&](std::span<const std::string> cells, std::int64_t line) {
            if (cells.size() != table.columns().size() || line < before)
                std::abort();
            before = line;
            return true;
        });
    });
}
