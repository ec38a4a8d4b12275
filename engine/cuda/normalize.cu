#include "engine/cuda/normalize.h"

#include <cuda_bf16.h>

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;
// Twelve values are four whole pixels: each thread reads three aligned words and needs no division to know the channel.
constexpr int kPerThread = 12;

template <typename Output>
__global__ void normalizeKernel(const std::uint8_t* __restrict__ images, const float* __restrict__ mean,
                                const float* __restrict__ deviation, std::int64_t count, Output* __restrict__ output) {
    const std::int64_t first = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) * kPerThread;
    if (first >= count)
        return;
    float scale[3], offset[3];
    for (int c = 0; c < 3; ++c) {
        scale[c] = 1.0F / (255.0F * deviation[c]);
        offset[c] = mean[c] / deviation[c];
    }
    alignas(4) std::uint8_t values[kPerThread];
    const bool whole = first + kPerThread <= count && reinterpret_cast<std::uintptr_t>(images) % 4 == 0;
    if (whole) {
        const auto* words = reinterpret_cast<const std::uint32_t*>(images + first);
        for (int w = 0; w < 3; ++w)
            reinterpret_cast<std::uint32_t*>(values)[w] = words[w];
    } else {
        for (int i = 0; i < kPerThread && first + i < count; ++i)
            values[i] = images[first + i];
    }
    for (int i = 0; i < kPerThread && first + i < count; ++i)
        output[first + i] = static_cast<Output>(static_cast<float>(values[i]) * scale[i % 3] - offset[i % 3]);
}

template <typename Output>
void launch(const std::uint8_t* images, const float* mean, const float* deviation, std::int64_t count, Output* output,
            cudaStream_t stream) {
    if (count == 0)
        return;
    const auto threads = (count + kPerThread - 1) / kPerThread;
    normalizeKernel<<<static_cast<unsigned>((threads + kThreads - 1) / kThreads), kThreads, 0, stream>>>(
        images, mean, deviation, count, output);
}

} // namespace

void normalizeU8(const std::uint8_t* images, const float* mean, const float* deviation, std::int64_t count,
                 float* output, cudaStream_t stream) {
    launch(images, mean, deviation, count, output, stream);
}

void normalizeU8ToBfloat16(const std::uint8_t* images, const float* mean, const float* deviation, std::int64_t count,
                           void* output, cudaStream_t stream) {
    launch(images, mean, deviation, count, static_cast<__nv_bfloat16*>(output), stream);
}

} // namespace engine::cuda
