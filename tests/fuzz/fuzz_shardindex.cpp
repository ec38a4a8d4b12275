#include "engine/models/weights/shardindex.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        for (const auto& [shard, names] :
             engine::readShardIndex({bytes, "model.safetensors.index.json"}).tensorsOfShard) {
            if (shard.find('/') != std::string::npos || names.empty())
                std::abort(); // a shard lies beside its index
        }
    });
}
