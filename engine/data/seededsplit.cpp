#include "engine/data/seededsplit.h"

#include "engine/base/hash.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace engine {

std::vector<char> heldBack(const std::vector<std::string>& files, double share, std::uint64_t seed) {
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (std::size_t i = 0; i < files.size(); ++i)
        order.emplace_back(hashText(files[i], seed), i);
    std::ranges::sort(order, [&](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : files[a.second] < files[b.second];
    });
    auto held = static_cast<std::size_t>(std::lround(share * double(files.size())));
    held = files.size() >= 2 ? std::clamp<std::size_t>(held, 1, files.size() - 1) : 0;
    std::vector<char> result(files.size(), 0);
    for (std::size_t i = 0; i < held; ++i)
        result[order[i].second] = 1;
    return result;
}

} // namespace engine
