#include "engine/base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace engine {

std::uint64_t hashBytes(const void* data, std::size_t bytes, std::uint64_t seed) noexcept {
    return XXH3_64bits_withSeed(data, bytes, seed);
}

} // namespace engine
