// What the engine finds in this module: the GPUs that CUDA can use.
#include "engine/cuda/cudadevice.h"
#include "engine/cuda/ncclgroup.h"
#include "engine/device/gpuprovider.h"

#include <ATen/Context.h>
#include <array>
#include <c10/cuda/CUDACachingAllocator.h>
#include <cuda_runtime_api.h>

namespace engine::cuda {
namespace {

class CudaProvider final : public GpuProvider {
public:
    [[nodiscard]] std::vector<GpuInfo> list(std::string& problem) override {
        int count = 0;
        const cudaError_t error = cudaGetDeviceCount(&count);
        if (error != cudaSuccess || count == 0) {
            problem = error != cudaSuccess ? cudaGetErrorString(error) : "it lists none";
            (void)cudaGetLastError();
            return {};
        }
        at::globalContext().lazyInitDevice(at::kCUDA);
        for (int index = 0; index < count; ++index)
            m_gpus.push_back(look(index));
        return m_gpus;
    }
    [[nodiscard]] std::unique_ptr<ComputeDevice> open(int index) override {
        return openGpu(m_gpus.at(static_cast<std::size_t>(index)).device, index);
    }
    [[nodiscard]] std::uint64_t processBytes(int index) const override {
        const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(index));
        constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        return static_cast<std::uint64_t>(stats.reserved_bytes[kAll].current);
    }
    [[nodiscard]] std::uint64_t freeBytes(int index) const override {
        int current = 0;
        (void)cudaGetDevice(&current);
        std::size_t free = 0, total = 0;
        const bool told = cudaSetDevice(index) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess;
        (void)cudaSetDevice(current);
        return told ? free : 0;
    }
    [[nodiscard]] c10::intrusive_ptr<c10d::Backend> joinGroup(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                                              int size) override {
        return joinNccl(store, rank, size);
    }

private:
    static GpuInfo look(int index) {
        cudaDeviceProp properties{};
        (void)cudaGetDeviceProperties(&properties, index);
        std::array<char, 32> address{};
        (void)cudaDeviceGetPCIBusId(address.data(), static_cast<int>(address.size()), index);
        GpuInfo gpu{.device = {.id = "cuda:" + std::to_string(index), .name = properties.name},
                    .pciAddress = address.data()};
        gpu.device.cores = properties.multiProcessorCount;
        gpu.device.totalBytes = properties.totalGlobalMem;
        gpu.device.bf16 = properties.major >= 8;
        return gpu;
    }

    std::vector<GpuInfo> m_gpus;
};

} // namespace
} // namespace engine::cuda

extern "C" engine::GpuProvider* thaw_gpu_provider(int interfaceNumber);

engine::GpuProvider* thaw_gpu_provider(int interfaceNumber) {
    static engine::cuda::CudaProvider provider;
    return interfaceNumber == engine::kGpuInterface ? &provider : nullptr;
}
