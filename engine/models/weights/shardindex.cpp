#include "engine/models/weights/shardindex.h"

#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"

#include <fmt/format.h>

namespace engine {
namespace {

constexpr const char* kFetchAgain = "Fetch the file again.";

// A shard lies beside its index: a name that leads elsewhere is refused.
void checkShardName(const std::string& shard, const MappedFile& file) {
    const bool plain = !shard.empty() && shard.size() <= limits::kNameBytes && shard != "." && shard != ".." &&
                       shard.find('/') == std::string::npos && shard.find('\0') == std::string::npos;
    if (!plain)
        refuseWeights(fmt::format("{} names the shard “{}”, which is not a file beside it.", file.name(),
                                  shard.substr(0, limits::kNameBytes)),
                      kFetchAgain);
}

void readMap(JsonReader& json, ShardIndex& index, const MappedFile& file) {
    std::size_t tensors = 0, nameBytes = 0;
    std::string name;
    json.beginObject();
    while (json.nextKey(name)) {
        const std::string shard = json.text();
        checkShardName(shard, file);
        nameBytes += name.size() + shard.size();
        if (++tensors > limits::kTensors || name.size() > limits::kNameBytes || nameBytes > 2 * limits::kAllNameBytes)
            refuseWeights(fmt::format("{} has too many or too long names of tensors.", file.name()), kFetchAgain);
        index.tensorsOfShard[shard].push_back(name);
        if (index.tensorsOfShard.size() > limits::kShards)
            refuseWeights(fmt::format("{} names more than {} shards.", file.name(), limits::kShards), kFetchAgain);
    }
}

} // namespace

bool looksLikeShardIndex(const MappedFile& file) { return file.name().ends_with(".index.json"); }

ShardIndex readShardIndex(const MappedFile& file) {
    ShardIndex index;
    JsonReader json(file.bytes(), file.name());
    std::string key;
    json.beginObject();
    while (json.nextKey(key)) {
        if (key == "weight_map")
            readMap(json, index, file);
        else
            json.skipValue();
    }
    json.end();
    if (index.tensorsOfShard.empty())
        refuseWeights(
            fmt::format("{} does not say which file holds which tensor: its weight_map is missing.", file.name()),
            kFetchAgain);
    return index;
}

} // namespace engine
