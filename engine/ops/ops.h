#pragma once

#include <ATen/core/Tensor.h>

namespace engine::ops {

// Makes the operators of the library "thaw" known to torch: call it once before the first of them is used, and before
// the CUDA module is opened. Later calls do nothing. Any thread.
void registerOps();

// Decoded pictures as a network takes them: `images` uint8 [N, H, W, 3] and `table` float32 [3, 256], what each byte of
// each channel becomes, on one device. Returns [N, 3, H, W] of `dtype` (float32 or bfloat16) in channels_last: the
// table's own values on every device, rounded where they have to be. Throws c10::Error where shapes or types differ.
[[nodiscard]] at::Tensor normalizeU8(const at::Tensor& images, const at::Tensor& table, at::ScalarType dtype);

} // namespace engine::ops
