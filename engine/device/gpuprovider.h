#pragma once

#include "engine/device/computedevice.h"

#include <memory>
#include <string>
#include <vector>

namespace c10d {
class Backend;
class Store;
} // namespace c10d

namespace engine {

struct GpuInfo {
    DeviceInfo device;
    std::string pciAddress; // "00000000:07:00.0", by which sensors find it
};

// What the CUDA module gives to the engine. Any thread.
class GpuProvider {
public:
    virtual ~GpuProvider() = default;
    // Empty where the driver offers none; `problem` then says why, as half a sentence.
    [[nodiscard]] virtual std::vector<GpuInfo> list(std::string& problem) = 0;
    [[nodiscard]] virtual std::unique_ptr<ComputeDevice> open(int index) = 0;
    [[nodiscard]] virtual std::uint64_t processBytes(int index) const = 0;
    // As the runtime tells it, which takes some hundred megabytes of the GPU for this process as long as it lives.
    [[nodiscard]] virtual std::uint64_t freeBytes(int index) const = 0;
    // Joins the other ranks' GPUs with the one that this process computes on.
    [[nodiscard]] virtual c10::intrusive_ptr<c10d::Backend> joinGroup(const c10::intrusive_ptr<c10d::Store>& store,
                                                                      int rank, int size) = 0;
};

// A module of another build is refused: it would be a library with other virtual functions.
inline constexpr int kGpuInterface = 4;
// What the module defines: the provider, which lives as long as the program, or nullptr for another interface number.
using GpuProviderFunction = GpuProvider* (*)(int interfaceNumber);
inline constexpr const char* kGpuProviderName = "thaw_gpu_provider";

} // namespace engine
