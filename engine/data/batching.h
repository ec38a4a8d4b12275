#pragma once

#include <algorithm>
#include <cstdint>

namespace engine {

// How the pictures of an epoch are cut into batches.
struct Batching {
    int size = 32;
    // What becomes of a single picture that is left over.
    enum class Single { BatchOfItsOwn, JoinsTheLast } single = Single::BatchOfItsOwn;

    [[nodiscard]] bool joins(std::int64_t pictures) const {
        return single == Single::JoinsTheLast && pictures > size && pictures % size == 1;
    }
    [[nodiscard]] std::int64_t batches(std::int64_t pictures) const {
        return (pictures + size - 1) / size - (joins(pictures) ? 1 : 0);
    }
    [[nodiscard]] std::int64_t begin(std::int64_t batch) const { return batch * size; }
    // Behind its last picture.
    [[nodiscard]] std::int64_t end(std::int64_t batch, std::int64_t pictures) const {
        return batch + 1 == batches(pictures) ? pictures : std::min(pictures, begin(batch + 1));
    }
    [[nodiscard]] int largest(std::int64_t pictures) const { return joins(pictures) ? size + 1 : size; }
};

} // namespace engine
