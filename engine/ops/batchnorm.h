#pragma once

#include "engine/ops/activation.h"

#include <ATen/core/Tensor.h>

namespace engine::ops {

// What a BatchNorm layer of C channels knows, all on one device. Training updates the last three.
struct BatchNormState {
    at::Tensor weight, bias;            // float32 [C]
    at::Tensor runningMean, runningVar; // float32 [C]
    at::Tensor batches;                 // int64 []
    double momentum = 0.1;
    double epsilon = 1e-5;
};

// BatchNorm in training (Ioffe and Szegedy 2015), then a shortcut, then an activation, as one operator with one
// gradient: activation(normalized(input) + added). `input` and `added` [N, C, H, W] of one type (float32 or bfloat16)
// in channels_last, with more than one value a channel; `added` may be undefined, and else only None and Relu follow
// it. Computes in float32 and rounds once. Runs on the caller's stream. Throws c10::Error where shapes or types differ.
[[nodiscard]] at::Tensor batchNormActivate(const at::Tensor& input, const at::Tensor& added,
                                           const BatchNormState& state, Activation activation);

// Whether the operator takes these, on a device that has a kernel of its own for it; elsewhere torch's parts are faster
// than its reference.
[[nodiscard]] bool fusesBatchNorm(const at::Tensor& input, const at::Tensor& added, const BatchNormState& state,
                                  Activation activation);

} // namespace engine::ops
