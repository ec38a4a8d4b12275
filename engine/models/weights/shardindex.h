#pragma once

#include "engine/models/weights/mappedfile.h"

#include <map>
#include <string>
#include <vector>

namespace engine {

// Which file holds which tensor of a model that was saved in parts ("model.safetensors.index.json", as transformers
// writes it).
struct ShardIndex {
    std::map<std::string, std::vector<std::string>> tensorsOfShard; // file name → names of tensors
};

// Throws Error(BadWeights): no such index, or a shard that is no plain file name.
[[nodiscard]] ShardIndex readShardIndex(const MappedFile& file);
[[nodiscard]] bool looksLikeShardIndex(const MappedFile& file);

} // namespace engine
