#pragma once

#include <cuda_runtime_api.h>

namespace engine::cuda {

// Writes into times[place] how many milliseconds after the last call with place 0 the work queued before this was done,
// by the device's clock; times[0] keeps that moment. `times` is device memory; queued on `stream`.
void writeTime(double* times, int place, cudaStream_t stream);

} // namespace engine::cuda
