#include "engine/cuda/normalize.h"

#include <cuda_bf16.h>

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kPerThread = 4; // neighbouring threads then read and write neighbouring words

template <typename Output>
struct alignas(sizeof(Output) * kPerThread) Pack {
    Output values[kPerThread];
};

// Pictures and output start at addresses that fit a whole pack.
template <typename Output>
__global__ void normalizeKernel(const std::uint8_t* __restrict__ images, const float* __restrict__ mean,
                                const float* __restrict__ deviation, std::int64_t count, Output* __restrict__ output) {
    const std::int64_t first = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) * kPerThread;
    if (first >= count)
        return;
    float scale[3], offset[3];
    for (int c = 0; c < 3; ++c) {
        const float inverse = 1.0F / deviation[c];
        scale[c] = inverse / 255.0F;
        offset[c] = mean[c] * inverse;
    }
    const int channel = static_cast<int>(first % 3);
    const auto normalized = [&](std::uint8_t value, int i) {
        const int c = (channel + i) % 3;
        const float s = c == 0 ? scale[0] : c == 1 ? scale[1] : scale[2];
        const float o = c == 0 ? offset[0] : c == 1 ? offset[1] : offset[2];
        return static_cast<Output>(static_cast<float>(value) * s - o);
    };
    if (first + kPerThread <= count) {
        const auto in = *reinterpret_cast<const Pack<std::uint8_t>*>(images + first);
        Pack<Output> out;
        for (int i = 0; i < kPerThread; ++i)
            out.values[i] = normalized(in.values[i], i);
        *reinterpret_cast<Pack<Output>*>(output + first) = out;
    } else {
        for (int i = 0; first + i < count; ++i)
            output[first + i] = normalized(images[first + i], i);
    }
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
