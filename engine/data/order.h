#pragma once

#include <cstdint>
#include <vector>

namespace engine {

// The order in which an epoch visits the samples of a set: a pure function of count, seed and epoch. Small sets keep a
// table; of larger ones every place is computed when it is asked for, so that their order needs no memory. Any thread.
class EpochOrder final {
public:
    // As they lie.
    explicit EpochOrder(std::int64_t count) : m_count(count) {}
    // Shuffled.
    EpochOrder(std::int64_t count, std::uint64_t seed, int epoch);

    [[nodiscard]] std::int64_t count() const { return m_count; }
    // The sample at a place, 0 ≤ place < count.
    [[nodiscard]] std::int64_t at(std::int64_t place) const;
    [[nodiscard]] std::vector<std::int64_t> all() const;

    static constexpr std::int64_t kLargestTable = 1'000'000;

private:
    [[nodiscard]] std::uint64_t exchanged(std::uint64_t place) const;

    std::int64_t m_count;
    bool m_shuffled = false;
    std::vector<std::int32_t> m_table;
    std::uint64_t m_seed = 0;
    int m_halfBits = 0; // of the numbers that the network exchanges
};

} // namespace engine
