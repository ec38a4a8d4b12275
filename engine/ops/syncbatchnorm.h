#pragma once

#include "engine/ops/batchnorm.h"

#include <functional>

namespace engine::ops {

// Replaces a tensor by its sum over the ranks; all of them call it in the same order.
using SumOverRanks = std::function<void(at::Tensor&)>;

// BatchNorm layers in training that are computed on this thread while it lives take the statistics of all ranks'
// samples (SyncBatchNorm), and so do their gradients, on whatever thread: it outlives them. An empty function: each
// rank's own, as without it.
class BatchNormOfAll final {
public:
    explicit BatchNormOfAll(SumOverRanks sum);
    ~BatchNormOfAll();
    BatchNormOfAll(const BatchNormOfAll&) = delete;
    BatchNormOfAll& operator=(const BatchNormOfAll&) = delete;

    [[nodiscard]] static bool applies(); // on this thread

private:
    SumOverRanks m_sum;
    const SumOverRanks* m_outer;
};

// BatchNorm in training over the samples of all ranks, of which this one has `input` [N, C, H, W], N ≥ 0, float32 or
// bfloat16; one value a channel over all of them is enough. Statistics are summed in float64. Gradients of weight and
// bias are those of this rank's samples. Within a BatchNormOfAll that applies.
[[nodiscard]] at::Tensor syncBatchNorm(const at::Tensor& input, const BatchNormState& state);

} // namespace engine::ops
