// Tars of shards: every member must lie within the file.
#include "engine/data/shards/shardentry.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        engine::TarReader tar(
            [bytes](std::uint64_t place, std::span<char> room) {
                const std::string_view rest = bytes.substr(std::min<std::size_t>(place, bytes.size()), room.size());
                std::memcpy(room.data(), rest.data(), rest.size());
                return rest.size();
            },
            bytes.size());
        engine::ShardEntries entries({}, [bytes](const engine::ShardEntry& entry) {
            if (entry.offset > bytes.size() || entry.bytes > bytes.size() - entry.offset || entry.file.empty())
                std::abort();
            fuzz::touch(reinterpret_cast<const std::byte*>(bytes.data()) + entry.offset,
                        static_cast<std::size_t>(entry.bytes));
        });
        entries.read(tar);
    });
}
