#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace engine::cuda {

// `count` values of uint8 pictures with three interleaved channels → table[channel][value], in the same order. `table`
// holds 3 × 256 floats. All pointers are device memory, `images` aligned to 4 bytes and `output` to 4 values. Returns
// at once; the work is queued on `stream`.
void normalizeU8(const std::uint8_t* images, const float* table, std::int64_t count, float* output,
                 cudaStream_t stream);
void normalizeU8ToBfloat16(const std::uint8_t* images, const float* table, std::int64_t count, void* output,
                           cudaStream_t stream);

} // namespace engine::cuda
