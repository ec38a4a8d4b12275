#pragma once

#include <cstdint>
#include <cuda_runtime_api.h>

namespace engine::cuda {

// The largest number of bytes (16 to 2) that a pixel of `pixel` bytes and the address `start` are multiples of, or 0.
[[nodiscard]] int padUnit(std::int64_t pixel, std::uintptr_t start);

// Pictures whose channels lie beside each other, rows counted in units of padUnit.
struct PadCall {
    const void* input;
    void* output;
    std::int64_t pictures;
    std::int64_t height, outputHeight;
    std::int64_t top; // rows above the input; negative: cut off
    std::int64_t row, outputRow;
    std::int64_t left; // units before the input; negative: cut off
};
// Copies what is inside and writes zeros elsewhere. All pointers are of one device; queued on `stream`.
void padZeros(const PadCall& call, int unit, cudaStream_t stream);

} // namespace engine::cuda
