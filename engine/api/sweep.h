#pragma once

#include "engine/api/experiment.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// A setting that a sweep varies, and its values as setParameterValue() takes them.
struct SweepAxis {
    std::string key;
    std::vector<std::string> values;
};

// "train.learning_rate=1e-3,3e-3": values apart by commas, ranges of whole numbers as "7..9". Throws Error(BadInput).
[[nodiscard]] SweepAxis parseSweepAxis(std::string_view text);
// "1e-3, 3e-3" or "7..9" of this setting; likewise.
[[nodiscard]] SweepAxis parseSweepAxis(const std::string& key, std::string_view values);
// How many runs these axes make.
[[nodiscard]] std::size_t sweepSize(const std::vector<SweepAxis>& axes);

inline constexpr std::size_t kMostSweptRuns = 1000;

// An experiment for each combination, named after what differs. With several seeds every combination comes with its
// first seed before any comes with its second, so that all can be judged early. Throws Error(BadInput) that names the
// setting and the value, or where there are more than kMostSweptRuns. Any thread.
[[nodiscard]] std::vector<Experiment> sweep(const Experiment& experiment, std::vector<SweepAxis> axes);

} // namespace engine
