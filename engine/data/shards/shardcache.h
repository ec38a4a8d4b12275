#pragma once

#include "engine/data/shards/shard.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>

// Plain copies of shards that are packed or on a server, in <cache>/shards: several processes share them, the least
// recently used go when a new one would make them more than the limit (THAW_SHARD_CACHE, such as 20G; else 64 GB).
namespace engine {

[[nodiscard]] std::filesystem::path shardCacheFolder();
// Throws Error(BadInput) where the variable is no size.
[[nodiscard]] std::uint64_t shardCacheLimit();

// By the first bytes, whatever the name says.
[[nodiscard]] Packing packingOf(const std::filesystem::path& file);
// The plain copy of a shard that is packed or on a server, which is made where it is not there; of one that was cut
// off, what there is of it. Throws Error(DataGone | NotFound | DiskFull | BadInput | Stopped). Blocks, also while
// another process makes the same; any thread.
[[nodiscard]] std::filesystem::path cachedCopy(const Shard& shard, const std::stop_token& stop = {});

} // namespace engine
