#pragma once

#include "engine/base/torchheader.h"

namespace engine {

// How a grid of position embeddings takes another size: as timm (bicubic with antialiasing) or as torchvision (bicubic,
// corners kept) does it.
enum class Resampling { Antialiased, CornersKept };

// positions: [1, 1 + g·g, C], the class token's first. Returns [1, 1 + rows·columns, C], the same tensor where that is
// its size already.
[[nodiscard]] at::Tensor resamplePositions(const at::Tensor& positions, std::int64_t rows, std::int64_t columns,
                                           Resampling how);

} // namespace engine
