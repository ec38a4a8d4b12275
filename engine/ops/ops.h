#pragma once

#include <ATen/core/Tensor.h>

namespace engine::ops {

// Makes the operators of the library "thaw" known to torch: call it once before the first of them is used, and before
// the CUDA module is opened. Later calls do nothing. Any thread.
void registerOps();

// Decoded pictures as a network takes them: `images` uint8 [N, H, W, 3], `mean` and `deviation` float32 [3] (of values
// 0..1, as torchvision's Normalize takes them), all on one device. Returns [N, 3, H, W] of `dtype` (float32 or
// bfloat16) in channels_last. Throws c10::Error where shapes or types differ.
[[nodiscard]] at::Tensor normalizeU8(const at::Tensor& images, const at::Tensor& mean, const at::Tensor& deviation,
                                     at::ScalarType dtype);

} // namespace engine::ops
