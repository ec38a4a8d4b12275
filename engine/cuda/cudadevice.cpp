#include "engine/cuda/cudadevice.h"

#include "engine/cuda/clock.h"

#include <ATen/Context.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace engine::cuda {
namespace {

using c10::cuda::CUDAStream;
using c10::cuda::CUDAStreamGuard;
using Event = c10::cuda::CUDAEvent;

class CudaMark final : public DeviceMark {
public:
    explicit CudaMark(const CUDAStream& stream) : m_event(cudaEventDefault) { m_event.record(stream); }
    [[nodiscard]] bool reached() const override { return m_event.query(); }
    [[nodiscard]] double millisecondsSince(const DeviceMark& earlier) const override {
        return static_cast<double>(dynamic_cast<const CudaMark&>(earlier).m_event.elapsed_time(m_event));
    }

private:
    Event m_event;
};

class CudaReadback final : public Readback {
public:
    CudaReadback(const at::Tensor& value, const CUDAStream& stream)
        : m_host(at::empty(value.sizes(), value.options().device(at::kCPU).pinned_memory(true))) {
        m_host.copy_(value, true);
        m_event.record(stream);
    }
    [[nodiscard]] bool arrived() const override { return m_event.query(); }
    [[nodiscard]] const at::Tensor& wait() override {
        m_event.synchronize();
        return m_host;
    }

private:
    at::Tensor m_host;
    Event m_event;
};

class CudaScope final : public DeviceScope {
public:
    explicit CudaScope(const CUDAStream& stream) : m_guard(stream) {}

private:
    CUDAStreamGuard m_guard;
};

class CudaCapturedWork final : public CapturedWork {
public:
    void record(const std::function<void()>& work) {
        // This thread's calls alone are watched: others may load data or read sensors meanwhile.
        m_graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
        try {
            work();
        } catch (...) {
            abandon();
            throw;
        }
        m_graph.capture_end();
    }
    void replay() override { m_graph.replay(); }

private:
    void abandon() {
        try {
            m_graph.capture_end();
        } catch (const c10::Error&) {
            // What broke the work is told by its own exception.
        }
        (void)cudaGetLastError();
    }
    at::cuda::CUDAGraph m_graph;
};

class CudaDevice final : public ComputeDevice {
public:
    CudaDevice(const DeviceInfo& info, int index)
        : m_info(info),
          m_index(static_cast<c10::DeviceIndex>(index)),
          m_compute(c10::cuda::getStreamFromPool(false, m_index)),
          m_copy(c10::cuda::getStreamFromPool(false, m_index)) {}

    [[nodiscard]] const DeviceInfo& info() const override { return m_info; }
    [[nodiscard]] at::Device place() const override { return {at::kCUDA, m_index}; }
    [[nodiscard]] bool answersAtOnce() const override { return false; }
    [[nodiscard]] std::unique_ptr<DeviceScope> enter() override { return std::make_unique<CudaScope>(m_compute); }

    [[nodiscard]] at::Tensor upload(const at::Tensor& host) override {
        if (host.is_cuda())
            return host;
        // Torch keeps pinned blocks for reuse, and waits with that until the copy out of them is done.
        const at::Tensor staged =
            host.is_pinned() ? host : at::empty_like(host, host.options().pinned_memory(true)).copy_(host);
        at::Tensor result;
        {
            const CUDAStreamGuard guard(m_copy);
            result = at::empty_like(staged, staged.options().device(place()).pinned_memory(false));
            result.copy_(staged, true);
            m_uploaded.record(m_copy);
        }
        m_uploaded.block(m_compute);
        result.record_stream(m_compute);
        return result;
    }
    [[nodiscard]] std::unique_ptr<Readback> read(const at::Tensor& small) override {
        return std::make_unique<CudaReadback>(small, m_compute);
    }
    [[nodiscard]] std::shared_ptr<DeviceMark> mark() override { return std::make_shared<CudaMark>(m_compute); }
    void recordTimestamp(const at::Tensor& times, std::int64_t slot) override {
        const c10::cuda::CUDAGuard guard(m_index);
        cuda::recordTimestamp(times.data_ptr<double>(), static_cast<int>(slot), m_compute);
        C10_CUDA_KERNEL_LAUNCH_CHECK();
    }

    void choose(Kernels kernels) override { at::globalContext().setBenchmarkCuDNN(kernels == Kernels::ByTrial); }
    [[nodiscard]] std::unique_ptr<CapturedWork> capture(const std::function<void()>& work) override {
        // What earlier steps left for reuse is of no use to a graph, which has a pool of its own.
        m_compute.synchronize();
        c10::cuda::CUDACachingAllocator::emptyCache();
        auto captured = std::make_unique<CudaCapturedWork>();
        captured->record(work);
        return captured;
    }
    void synchronize() override {
        m_copy.synchronize();
        m_compute.synchronize();
    }
    [[nodiscard]] DeviceMemory memory() const override {
        const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(m_index);
        const auto& bytes = stats.reserved_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
        return {.used = static_cast<std::uint64_t>(bytes.current), .peak = static_cast<std::uint64_t>(bytes.peak)};
    }
    void releaseCachedMemory() override { c10::cuda::CUDACachingAllocator::emptyCache(); }

private:
    DeviceInfo m_info;
    c10::DeviceIndex m_index;
    CUDAStream m_compute, m_copy;
    Event m_uploaded;
};

} // namespace

std::unique_ptr<ComputeDevice> openGpu(const DeviceInfo& info, int index) {
    return std::make_unique<CudaDevice>(info, index);
}

} // namespace engine::cuda
