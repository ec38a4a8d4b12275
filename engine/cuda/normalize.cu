#include "engine/cuda/normalize.h"

#include <cuda_bf16.h>

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kPacks = 8;     // of a thread, so that the table is copied seldom
constexpr int kPerThread = 4; // neighbouring threads then read and write neighbouring words

template <typename Output>
struct alignas(sizeof(Output) * kPerThread) Pack {
    Output values[kPerThread];
};

// Pictures and output start at addresses that fit a whole pack. A block copies the table once and does several packs
// a thread.
template <typename Output>
__global__ void normalizeKernel(const std::uint8_t* __restrict__ images, const float* __restrict__ table,
                                std::int64_t count, Output* __restrict__ output) {
    __shared__ Output values[3 * 256];
    for (int i = static_cast<int>(threadIdx.x); i < 3 * 256; i += kThreads)
        values[i] = static_cast<Output>(table[i]);
    __syncthreads();
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * kThreads * kPerThread;
    for (std::int64_t first = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) * kPerThread;
         first < count; first += stride) {
        int channel = static_cast<int>(first % 3);
        const auto next = [&](std::uint8_t byte) {
            const Output value = values[channel * 256 + byte];
            channel = channel == 2 ? 0 : channel + 1;
            return value;
        };
        if (first + kPerThread <= count) {
            const auto in = *reinterpret_cast<const Pack<std::uint8_t>*>(images + first);
            Pack<Output> out;
            for (int i = 0; i < kPerThread; ++i)
                out.values[i] = next(in.values[i]);
            *reinterpret_cast<Pack<Output>*>(output + first) = out;
        } else {
            for (std::int64_t i = first; i < count; ++i)
                output[i] = next(images[i]);
        }
    }
}

template <typename Output>
void launch(const std::uint8_t* images, const float* table, std::int64_t count, Output* output, cudaStream_t stream) {
    if (count == 0)
        return;
    constexpr std::int64_t kPerBlock = std::int64_t{kThreads} * kPerThread * kPacks;
    const auto blocks = static_cast<unsigned>((count + kPerBlock - 1) / kPerBlock);
    normalizeKernel<<<blocks, kThreads, 0, stream>>>(images, table, count, output);
}

} // namespace

void normalizeU8(const std::uint8_t* images, const float* table, std::int64_t count, float* output,
                 cudaStream_t stream) {
    launch(images, table, count, output, stream);
}

void normalizeU8ToBfloat16(const std::uint8_t* images, const float* table, std::int64_t count, void* output,
                           cudaStream_t stream) {
    launch(images, table, count, static_cast<__nv_bfloat16*>(output), stream);
}

} // namespace engine::cuda
