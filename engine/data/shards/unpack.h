#pragma once

#include "engine/data/shards/shard.h"

#include <functional>
#include <string_view>

namespace engine {

// Hands out the plain bytes of a packed file piece by piece, of several packed pieces one behind the other all; where
// it was cut off or is damaged, those before. Throws Error(DataGone) where it cannot be read, and what `take` throws.
void unpack(const std::filesystem::path& file, Packing packing, const std::function<void(std::string_view)>& take);

} // namespace engine
