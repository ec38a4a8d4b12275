#pragma once

#include "engine/data/samplelist.h"

#include <cstdint>
#include <vector>

namespace engine {

// The order in which an epoch visits the samples of a set: a pure function of the set, seed and epoch. Small sets keep
// a table; of larger ones every place is computed when it is asked for, so that their order needs no memory. Samples
// that lie in groups (shards) are shuffled within windows: the groups change places, those that then follow each other
// up to a window's size are shuffled together, so that reading stays near. Any thread.
class EpochOrder final {
public:
    // As they lie.
    explicit EpochOrder(std::int64_t count) : m_count(count) {}
    // Shuffled.
    EpochOrder(std::int64_t count, std::uint64_t seed, int epoch);
    EpochOrder(const SampleList& samples, std::uint64_t seed, int epoch);

    [[nodiscard]] std::int64_t count() const { return m_count; }
    // The sample at a place, 0 ≤ place < count.
    [[nodiscard]] std::int64_t at(std::int64_t place) const;
    [[nodiscard]] std::vector<std::int64_t> all() const;

    static constexpr std::int64_t kLargestTable = 1'000'000;

private:
    // A group where the shuffle put it.
    struct Piece {
        std::int64_t place = 0, sample = 0; // its first ones
    };
    struct Window {
        std::int64_t place = 0, count = 0;
        std::uint64_t seed = 0;
    };
    void makeWindows(const ShuffleGroups& groups);
    [[nodiscard]] std::int64_t inWindow(std::int64_t place) const;

    std::int64_t m_count;
    bool m_shuffled = false;
    std::vector<std::int32_t> m_table;
    std::uint64_t m_seed = 0;
    std::vector<Piece> m_pieces; // empty: without windows
    std::vector<Window> m_windows;
};

} // namespace engine
