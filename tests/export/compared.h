#pragma once

#include "engine/export/onnxexport.h"
#include "engine/export/onnxruntime.h"
#include "tests/models/filled.h"

#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace tests {

// [count, 3, size, size], each picture another one.
[[nodiscard]] inline at::Tensor severalPictures(std::int64_t count, int size) {
    const at::Tensor two = pictures(size);
    std::vector<at::Tensor> all;
    for (std::int64_t i = 0; i < count; ++i)
        all.push_back(two[i % 2] * (1 - 0.1 * static_cast<double>(i / 2)));
    return at::stack(all).contiguous();
}

// Of outputs, of the largest where that is above 1.
[[nodiscard]] inline double difference(const at::Tensor& one, const at::Tensor& other) {
    if (one.sizes() != other.sizes())
        return 1e9;
    const double worst = (one - other).abs().max().item<double>();
    return std::isfinite(worst) ? worst / std::max(1.0, other.abs().max().item<double>()) : 1e9;
}

// The sides for which a network that was traced with `size` pixels answers.
[[nodiscard]] inline std::vector<int> legalSides(engine::PictureSizes sizes, int size) {
    if (sizes == engine::PictureSizes::ThisOne)
        return {size};
    return {size, sizes == engine::PictureSizes::Any ? size + 21 : size + 32};
}

// The largest difference of `compute` from the backbone over batches of 1 and 3 and all legal sides.
template <typename Compute>
double largestDifference(engine::Backbone& backbone, engine::PictureSizes sizes, int size, Compute compute) {
    double worst = 0;
    const auto look = [&](std::int64_t count, int side) {
        const at::Tensor input = severalPictures(count, side);
        worst = std::max(worst, difference(compute(input), backbone.forward(input)));
    };
    look(3, size);
    for (const int side : legalSides(sizes, size))
        look(1, side);
    return worst;
}

[[nodiscard]] inline at::Tensor computed(torch::jit::Module& module, const at::Tensor& input) {
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    return module.forward({input}).toTensor();
}

} // namespace tests
