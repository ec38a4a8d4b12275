#include "engine/cuda/clock.h"

namespace engine::cuda {
namespace {

static_assert(sizeof(unsigned long long) == sizeof(double));

__global__ void clockKernel(double* times, int place) {
    unsigned long long now = 0; // nanoseconds
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    auto* begin = reinterpret_cast<unsigned long long*>(times);
    if (place == 0)
        *begin = now;
    else
        times[place] = static_cast<double>(now - *begin) * 1e-6;
}

} // namespace

void writeTime(double* times, int place, cudaStream_t stream) { clockKernel<<<1, 1, 0, stream>>>(times, place); }

} // namespace engine::cuda
