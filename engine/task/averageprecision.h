#pragma once

#include <span>
#include <vector>

namespace engine {

// One answer to a yes-or-no question.
struct ScoredAnswer {
    float score = 0; // higher: rather yes
    bool right = false;
};

// Area under precision over recall as a step function, with equal scores taken together: as scikit-learn's
// average_precision_score. NaN where no answer is yes, or none is there. Sorts `answers`.
[[nodiscard]] double averagePrecision(std::span<ScoredAnswer> answers);

struct BestThreshold {
    double threshold = 0.5; // yes from here on
    double f1 = 0;
};
// Where the F1 of "score ≥ threshold" is greatest, of several the highest threshold; halfway down to the next lower
// score. NaN as F1 where no answer is yes. Sorts `answers`.
[[nodiscard]] BestThreshold bestThreshold(std::span<ScoredAnswer> answers);

// F1 of "score ≥ threshold"; NaN where no answer is yes.
[[nodiscard]] double f1At(double threshold, std::span<const ScoredAnswer> answers);

} // namespace engine
