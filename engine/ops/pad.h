#pragma once

#include <ATen/core/Tensor.h>

namespace engine::ops {

// Pixels that a picture gains on each side; negative: loses.
struct Padding2d {
    std::int64_t left = 0, right = 0, top = 0, bottom = 0;
};

// Zeros around pictures [N, C, H, W] of any type, or pixels cut off, in the memory format of `input`. Has a gradient.
// Runs on the caller's stream. Throws c10::Error where `input` has other dimensions or nothing is left of it.
[[nodiscard]] at::Tensor padZeros(const at::Tensor& input, const Padding2d& padding);

} // namespace engine::ops
