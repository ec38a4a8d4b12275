#include "engine/models/vision/positions.h"

#include <cmath>

namespace engine {

at::Tensor resamplePositions(const at::Tensor& positions, std::int64_t rows, std::int64_t columns, Resampling how) {
    const std::int64_t side = std::llround(std::sqrt(static_cast<double>(positions.size(1) - 1)));
    if (side == rows && side == columns)
        return positions;
    const at::Tensor grid =
        positions.narrow(1, 1, side * side).to(at::kFloat).reshape({1, side, side, -1}).permute({0, 3, 1, 2});
    const at::Tensor resized = how == Resampling::Antialiased ? at::_upsample_bicubic2d_aa(grid, {rows, columns}, false)
                                                              : at::upsample_bicubic2d(grid, {rows, columns}, true);
    const at::Tensor tokens = resized.permute({0, 2, 3, 1}).reshape({1, rows * columns, -1});
    return at::cat({positions.narrow(1, 0, 1), tokens.to(positions.scalar_type())}, 1);
}

} // namespace engine
