#include "engine/data/order.h"

#include "engine/base/hash.h"

#include <algorithm>
#include <numeric>

namespace engine {
namespace {

constexpr std::uint64_t kShuffleStream = 0x5f1e, kGroupStream = 0x6709, kWindowStream = 0x81d0;
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

// A Feistel network (Luby and Rackoff 1988): a permutation of the numbers of twice `halfBits` bits.
std::uint64_t exchanged(std::uint64_t place, int halfBits, std::uint64_t seed) {
    const std::uint64_t mask = (std::uint64_t{1} << halfBits) - 1;
    std::uint64_t left = place >> halfBits, right = place & mask;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
        const std::uint64_t next = left ^ (deriveSeed(seed, round, right) & mask);
        left = right;
        right = next;
    }
    return left << halfBits | right;
}

// Where a permutation of 0 … count − 1 takes a place. Numbers behind the count are walked through: the cycle comes back
// into it, on average after less than four.
std::int64_t permuted(std::int64_t place, std::int64_t count, std::uint64_t seed) {
    int halfBits = 0;
    while ((std::int64_t{1} << (2 * halfBits)) < count)
        ++halfBits;
    auto number = static_cast<std::uint64_t>(place);
    do
        number = exchanged(number, halfBits, seed);
    while (number >= static_cast<std::uint64_t>(count));
    return static_cast<std::int64_t>(number);
}

// Of parts in ascending order the one that the place lies in.
template <typename Part>
const Part& partAt(const std::vector<Part>& parts, std::int64_t place) {
    return *std::prev(std::ranges::upper_bound(parts, place, {}, &Part::place));
}

} // namespace

EpochOrder::EpochOrder(std::int64_t count, std::uint64_t seed, int epoch)
    : m_count(count), m_shuffled(true), m_seed(deriveSeed(seed, kShuffleStream, static_cast<std::uint64_t>(epoch))) {
    if (count <= kLargestTable)
        m_table = shuffledTable(count, m_seed);
}

EpochOrder::EpochOrder(const SampleList& samples, std::uint64_t seed, int epoch)
    : EpochOrder(static_cast<std::int64_t>(samples.size()), seed, epoch) {
    const ShuffleGroups groups = samples.groups();
    if (groups.ends.size() > 1 && groups.window > 0 && groups.window < m_count)
        makeWindows(groups);
}

void EpochOrder::makeWindows(const ShuffleGroups& groups) {
    m_table = {};
    const auto begin = [&groups](std::int32_t group) {
        return group == 0 ? 0 : groups.ends[static_cast<std::size_t>(group) - 1];
    };
    std::int64_t place = 0;
    for (const std::int32_t group :
         shuffledTable(static_cast<std::int64_t>(groups.ends.size()), deriveSeed(m_seed, kGroupStream))) {
        const std::int64_t samples = groups.ends[static_cast<std::size_t>(group)] - begin(group);
        if (samples == 0)
            continue;
        m_pieces.push_back({place, begin(group)});
        if (m_windows.empty() || m_windows.back().count >= groups.window)
            m_windows.push_back({place, 0, deriveSeed(m_seed, kWindowStream, m_windows.size())});
        m_windows.back().count += samples;
        place += samples;
    }
    // A small rest would be hardly shuffled: it joins the window before it.
    if (const Window last = m_windows.back(); m_windows.size() > 1 && last.count < groups.window / 2) {
        m_windows.pop_back();
        m_windows.back().count += last.count;
    }
}

std::int64_t EpochOrder::inWindow(std::int64_t place) const {
    const Window& window = partAt(m_windows, place);
    const std::int64_t taken = window.place + permuted(place - window.place, window.count, window.seed);
    const Piece& piece = partAt(m_pieces, taken);
    return piece.sample + (taken - piece.place);
}

std::int64_t EpochOrder::at(std::int64_t place) const {
    if (!m_shuffled)
        return place;
    if (!m_pieces.empty())
        return inWindow(place);
    return m_table.empty() ? permuted(place, m_count, m_seed) : m_table[static_cast<std::size_t>(place)];
}

std::vector<std::int64_t> EpochOrder::all() const {
    std::vector<std::int64_t> order(static_cast<std::size_t>(m_count));
    for (std::size_t place = 0; place < order.size(); ++place)
        order[place] = at(static_cast<std::int64_t>(place));
    return order;
}

} // namespace engine
