#pragma once

#include <cuda_runtime_api.h>

namespace engine::cuda {

// Writes into times[slot] how many milliseconds after the last call with slot 0 the work queued before this was done,
// by the device's clock; times[0] keeps that moment. `times` is device memory; queued on `stream`.
void recordTimestamp(double* times, int slot, cudaStream_t stream);

} // namespace engine::cuda
