#pragma once

#include <ATen/core/Tensor.h>
#include <array>
#include <cstdint>

namespace engine::ops {

// Of [N, C, H, W].
inline constexpr std::array<std::int64_t, 3> kAllButChannels{0, 2, 3};

// [C] as it lies beside [N, C, H, W].
[[nodiscard]] inline at::Tensor perChannel(const at::Tensor& value) { return value.view({1, -1, 1, 1}); }

} // namespace engine::ops
