#pragma once

#include "engine/device/gpuprovider.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// Where the parts of CUDA lie.
struct CudaPlaces {
    std::string driver = "libcuda.so.1";
    std::filesystem::path libraries; // folder that holds torch/ and nvidia/, as in the wheels
    std::filesystem::path module;    // thaw_cuda.so
};

// THAW_CUDA_DIR and THAW_CUDA_MODULE; else the folder that this process's torch was loaded from, and the program's own.
[[nodiscard]] CudaPlaces cudaPlaces();

// Either a provider and its GPUs, or the sentence why there is none.
struct CudaOpening {
    GpuProvider* provider = nullptr;
    std::vector<GpuInfo> gpus;
    std::string absence;
};

// Loads driver, libraries and module, in this order; takes up to a second where they are there. The libraries must be
// there before torch is first asked about CUDA, because it keeps the answer.
[[nodiscard]] CudaOpening openCuda(const CudaPlaces& places);
// openCuda(cudaPlaces()), once for the process; later callers wait for the first. Any thread.
[[nodiscard]] const CudaOpening& cuda();

} // namespace engine
