#pragma once

#include "engine/base/world.h"

#include <algorithm>
#include <cstdint>

namespace engine {

// How the samples of an epoch are cut into batches, and which part of each a rank takes. Places count the samples of
// all ranks, so that the order does not depend on how many there are.
struct Batching {
    int size = 32; // of one rank
    // What becomes of a single picture that is left over.
    enum class Single { BatchOfItsOwn, JoinsTheLast } single = Single::BatchOfItsOwn;
    World world;

    // Samples [begin, end) of an order.
    struct Range {
        std::int64_t begin = 0, end = 0;
        [[nodiscard]] std::int64_t count() const { return end - begin; }
    };

    [[nodiscard]] std::int64_t sizeOfAll() const { return std::int64_t{size} * world.size; }
    [[nodiscard]] bool joins(std::int64_t samples) const {
        return single == Single::JoinsTheLast && samples > sizeOfAll() && samples % sizeOfAll() == 1;
    }
    [[nodiscard]] std::int64_t batches(std::int64_t samples) const {
        return (samples + sizeOfAll() - 1) / sizeOfAll() - (joins(samples) ? 1 : 0);
    }
    // Of all ranks.
    [[nodiscard]] std::int64_t begin(std::int64_t batch) const { return batch * sizeOfAll(); }
    [[nodiscard]] std::int64_t end(std::int64_t batch, std::int64_t samples) const {
        return batch + 1 == batches(samples) ? samples : std::min(samples, begin(batch + 1));
    }
    // This rank's part: the ranks' parts lie one behind the other and differ by one sample at most. Where a single one
    // is too few and some rank would have it, they are pairs instead, and other ranks go without.
    [[nodiscard]] Range part(std::int64_t batch, std::int64_t samples) const {
        const std::int64_t first = begin(batch), count = end(batch, samples) - first;
        const bool pairs = single == Single::JoinsTheLast && count > 1 && count < 2 * world.size;
        const auto until = [&](std::int64_t ranks) {
            if (!pairs)
                return count * ranks / world.size;
            return ranks == world.size ? count : count / 2 * ranks / world.size * 2;
        };
        return {first + until(world.rank), first + until(world.rank + 1)};
    }
    // Of this rank.
    [[nodiscard]] std::int64_t largest(std::int64_t samples) const {
        constexpr std::int64_t kPairAndOne = 3;
        if (world.size > 1 && single == Single::JoinsTheLast)
            return std::max<std::int64_t>(size + 1, kPairAndOne);
        return joins(samples) ? size + 1 : size;
    }
};

} // namespace engine
