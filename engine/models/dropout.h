#pragma once

#include <ATen/core/Tensor.h>

namespace engine {

// at::dropout for networks. Outside training the input itself. In training every element becomes 0 with probability
// `p` (0..1, on a CPU to 1/65536), the others are divided by the share that stays; the gradient goes the same way. On a
// CPU the elements are drawn by all threads: at::dropout draws them one after the other, which costs a head on feature
// maps more than all else that it does. Which ones they are depends on the default generator (at::manual_seed) and the
// shape, not on the number of threads. Other devices have at::dropout. Any thread.
[[nodiscard]] at::Tensor dropoutOf(const at::Tensor& input, double p, bool training);

// In training: a 1×1 convolution (weight [K, C, 1, 1], bias [K] or undefined) of dropoutOf(maps [N, C, H, W]), with the
// same elements drawn, → [N, K, H, W]. On a CPU with few outputs (K ≤ 16, channels last) it is one pass over the maps,
// sums and result in fp32, and nothing of the maps' size is made or kept: a head on cached feature maps does little
// else in a step. Any thread.
[[nodiscard]] at::Tensor dropoutThenPointwise(const at::Tensor& maps, const at::Tensor& weight, const at::Tensor& bias,
                                              double p);

} // namespace engine
