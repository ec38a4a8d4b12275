#include "engine/base/nearest.h"

#include <algorithm>
#include <numeric>

namespace engine {
namespace {

// Levenshtein's distance.
std::size_t editDistance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

} // namespace

std::vector<std::string> nearestNames(std::string_view name, std::vector<std::string> candidates, std::size_t count) {
    std::stable_sort(candidates.begin(), candidates.end(), [name](const std::string& a, const std::string& b) {
        return editDistance(name, a) < editDistance(name, b);
    });
    candidates.resize(std::min(candidates.size(), count));
    return candidates;
}

} // namespace engine
