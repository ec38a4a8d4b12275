#include "engine/cuda/pad.h"

#include <algorithm>

namespace engine::cuda {
namespace {

constexpr std::int64_t kWarp = 32, kThreads = 256;

// A block writes one row.
template <typename Unit>
__global__ void padKernel(const Unit* __restrict__ input, Unit* __restrict__ output, PadCall call) {
    const std::int64_t row = blockIdx.x;
    const std::int64_t y = row % call.outputHeight - call.top;
    const bool inside = y >= 0 && y < call.height;
    const Unit* from = input + (row / call.outputHeight * call.height + y) * call.row;
    Unit* to = output + row * call.outputRow;
    const int units = static_cast<int>(call.outputRow), given = static_cast<int>(call.row),
              left = static_cast<int>(call.left);
#pragma unroll 4
    for (int i = static_cast<int>(threadIdx.x); i < units; i += static_cast<int>(blockDim.x)) {
        const int at = i - left;
        to[i] = inside && at >= 0 && at < given ? from[at] : Unit{};
    }
}

template <typename Unit>
void launch(const PadCall& call, cudaStream_t stream) {
    const auto blocks = static_cast<unsigned>(call.pictures * call.outputHeight);
    const auto threads = static_cast<unsigned>(std::min(kThreads, (call.outputRow + kWarp - 1) / kWarp * kWarp));
    if (blocks > 0)
        padKernel<<<blocks, threads, 0, stream>>>(static_cast<const Unit*>(call.input), static_cast<Unit*>(call.output),
                                                  call);
}

} // namespace

int padUnit(std::int64_t pixel, std::uintptr_t start) {
    for (const int unit : {16, 8, 4, 2}) {
        if (pixel > 0 && pixel % unit == 0 && start % static_cast<unsigned>(unit) == 0)
            return unit;
    }
    return 0;
}

void padZeros(const PadCall& call, int unit, cudaStream_t stream) {
    switch (unit) {
    case 16:
        return launch<uint4>(call, stream);
    case 8:
        return launch<uint2>(call, stream);
    case 4:
        return launch<unsigned>(call, stream);
    default:
        return launch<unsigned short>(call, stream);
    }
}

} // namespace engine::cuda
