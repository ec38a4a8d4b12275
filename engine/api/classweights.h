#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace engine {

// How much a sample of each class counts in the training's loss, by train.class_weights. `counts`: training samples of
// each class. Exclusive classes: weights whose mean over the samples is one, so that the loss keeps its size.
// "balanced": the inverse of the class's share, as scikit-learn's compute_class_weight; "effective": the inverse of its
// effective number of samples (Cui et al. 2019, beta 0.999), which spares classes of thousands the difference. With
// several labels a sample it is how much each label's yes counts beside its no ("balanced": no-samples per yes-sample,
// torch's pos_weight). "none": empty. A class without samples gets 1. Throws Error(BadInput) for another rule. Any
// thread.
struct ClassCounts {
    std::span<const std::int64_t> samples; // of each class
    std::int64_t all = 0;                  // samples; with several labels each fewer than the sum
    enum class Kind { Exclusive, SeveralLabels } kind = Kind::Exclusive;
};
[[nodiscard]] std::vector<double> classWeights(std::string_view rule, const ClassCounts& counts);

} // namespace engine
