#include "engine/data/order.h"

#include "engine/base/hash.h"

#include <numeric>

namespace engine {
namespace {

constexpr std::uint64_t kShuffleStream = 0x5f1e;
constexpr std::uint64_t kRounds = 6;

// Fisher–Yates.
std::vector<std::int32_t> shuffledTable(std::int64_t count, std::uint64_t seed) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    Random random(seed);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

} // namespace

EpochOrder::EpochOrder(std::int64_t count, std::uint64_t seed, int epoch)
    : m_count(count), m_shuffled(true), m_seed(deriveSeed(seed, kShuffleStream, static_cast<std::uint64_t>(epoch))) {
    if (count <= kLargestTable) {
        m_table = shuffledTable(count, m_seed);
        return;
    }
    while ((std::int64_t{1} << (2 * m_halfBits)) < count)
        ++m_halfBits;
}

// A Feistel network (Luby and Rackoff 1988): a permutation of the numbers of twice m_halfBits bits.
std::uint64_t EpochOrder::exchanged(std::uint64_t place) const {
    const std::uint64_t mask = (std::uint64_t{1} << m_halfBits) - 1;
    std::uint64_t left = place >> m_halfBits, right = place & mask;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
        const std::uint64_t next = left ^ (deriveSeed(m_seed, round, right) & mask);
        left = right;
        right = next;
    }
    return left << m_halfBits | right;
}

std::int64_t EpochOrder::at(std::int64_t place) const {
    if (!m_shuffled)
        return place;
    if (m_count <= kLargestTable)
        return m_table[static_cast<std::size_t>(place)];
    // Numbers behind the count are walked through: the cycle comes back into it, on average after less than four.
    auto number = static_cast<std::uint64_t>(place);
    do
        number = exchanged(number);
    while (number >= static_cast<std::uint64_t>(m_count));
    return static_cast<std::int64_t>(number);
}

std::vector<std::int64_t> EpochOrder::all() const {
    std::vector<std::int64_t> order(static_cast<std::size_t>(m_count));
    for (std::size_t place = 0; place < order.size(); ++place)
        order[place] = at(static_cast<std::int64_t>(place));
    return order;
}

} // namespace engine
