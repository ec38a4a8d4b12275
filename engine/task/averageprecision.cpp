#include "engine/task/averageprecision.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace engine {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Calls `at(end, hits)` behind each group of equal scores, from the highest on: `end` answers so far, `hits` of them
// yes.
template <typename At>
std::int64_t forEachScore(std::span<ScoredAnswer> answers, At at) {
    std::ranges::sort(answers, std::ranges::greater{}, &ScoredAnswer::score);
    std::int64_t hits = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        hits += answers[i].right ? 1 : 0;
        if (i + 1 == answers.size() || answers[i + 1].score < answers[i].score)
            at(i + 1, hits);
    }
    return hits;
}

} // namespace

double averagePrecision(std::span<ScoredAnswer> answers) {
    double area = 0;
    std::int64_t before = 0;
    const std::int64_t yes = forEachScore(answers, [&](std::size_t end, std::int64_t hits) {
        area += double(hits - before) * double(hits) / double(end);
        before = hits;
    });
    return yes > 0 ? area / double(yes) : kNone;
}

BestThreshold bestThreshold(std::span<ScoredAnswer> answers) {
    const std::int64_t yes = std::ranges::count(answers, true, &ScoredAnswer::right);
    BestThreshold best{.threshold = 0.5, .f1 = yes > 0 ? 0.0 : kNone};
    if (yes == 0)
        return best;
    (void)forEachScore(answers, [&](std::size_t end, std::int64_t hits) {
        const double f1 = 2.0 * double(hits) / (double(end) + double(yes));
        if (f1 <= best.f1)
            return;
        const double lower = end < answers.size() ? double(answers[end].score) : 0.0;
        best = {.threshold = (double(answers[end - 1].score) + lower) / 2, .f1 = f1};
    });
    return best;
}

double f1At(double threshold, std::span<const ScoredAnswer> answers) {
    std::int64_t yes = 0, taken = 0, hits = 0;
    for (const ScoredAnswer& answer : answers) {
        const bool above = answer.score >= threshold;
        yes += answer.right ? 1 : 0;
        taken += above ? 1 : 0;
        hits += above && answer.right ? 1 : 0;
    }
    return yes > 0 ? 2.0 * double(hits) / double(yes + taken) : kNone;
}

} // namespace engine
