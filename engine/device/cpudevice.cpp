#include "engine/api/error.h"
#include "engine/device/computedevice.h"
#include "engine/device/cpuallocator.h"
#include "engine/device/cudamodule.h"
#include "engine/device/madeupgpus.h"
#include "engine/device/procfs.h"

#include <charconv>
#include <chrono>
#include <fmt/format.h>

namespace engine {
namespace {

class CpuMark final : public DeviceMark {
public:
    [[nodiscard]] bool reached() const override { return true; }
    [[nodiscard]] double millisecondsSince(const DeviceMark& earlier) const override {
        return std::chrono::duration<double, std::milli>(m_time - dynamic_cast<const CpuMark&>(earlier).m_time).count();
    }

private:
    std::chrono::steady_clock::time_point m_time = std::chrono::steady_clock::now();
};

class CpuReadback final : public Readback {
public:
    explicit CpuReadback(at::Tensor value) : m_value(std::move(value)) {}
    [[nodiscard]] bool arrived() const override { return true; }
    [[nodiscard]] const at::Tensor& wait() override { return m_value; }

private:
    at::Tensor m_value;
};

class CpuDevice final : public ComputeDevice {
public:
    explicit CpuDevice(DeviceInfo info) : m_info(std::move(info)) {}
    [[nodiscard]] const DeviceInfo& info() const override { return m_info; }
    [[nodiscard]] at::Device place() const override { return at::kCPU; }
    [[nodiscard]] bool answersAtOnce() const override { return true; }
    [[nodiscard]] std::unique_ptr<DeviceScope> enter() override { return std::make_unique<DeviceScope>(); }

    [[nodiscard]] at::Tensor upload(const at::Tensor& host) override { return host; }
    [[nodiscard]] std::unique_ptr<Readback> read(const at::Tensor& small) override {
        return std::make_unique<CpuReadback>(small);
    }
    [[nodiscard]] std::shared_ptr<DeviceMark> mark() override { return std::make_shared<CpuMark>(); }
    void recordTimestamp(const at::Tensor& times, std::int64_t slot) override {
        const CpuMark now;
        if (slot == 0)
            m_timed = now;
        times.data_ptr<double>()[slot] = now.millisecondsSince(m_timed);
    }

    void choose(Kernels) override {}
    [[nodiscard]] std::unique_ptr<CapturedWork> capture(const std::function<void()>&) override { return nullptr; }
    void synchronize() override {}
    [[nodiscard]] DeviceMemory memory() const override {
        const std::uint64_t bytes = procfs::processBytes();
        return {.used = bytes, .peak = bytes};
    }
    void releaseCachedMemory() override { releaseCachedCpuMemory(); }

private:
    DeviceInfo m_info;
    CpuMark m_timed;
};

// N of "cuda:N"; "cuda" alone is the first.
int numberOf(const std::string& name) {
    if (name == "cuda")
        return 0;
    int number = -1;
    const std::string digits = name.substr(name.find(':') + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return problem == std::errc() && end == digits.data() + digits.size() ? number : -1;
}

// -1: the CPU.
int chosenGpu(std::span<const std::string> use) {
    const std::string wish = use.empty() ? "auto" : use.front();
    if (wish == "cpu")
        return -1;
    const std::size_t gpus = gpuInfos().size();
    if (wish == "auto" || wish == "all")
        return gpus == 0 ? -1 : 0;
    if (wish.starts_with("next:")) {
        if (gpus > 0)
            return 0; // one stands for all until a run takes those that are free
        throw Error(ErrorKind::Device, fmt::format("There is no GPU for {}.", wish),
                    gpuAbsenceReason() + " Choose auto or cpu.");
    }
    const int number = wish.starts_with("cuda") ? numberOf(wish) : -1;
    if (number >= 0 && number < static_cast<int>(gpus))
        return number;
    throw Error(ErrorKind::Device, fmt::format("The device {} is not there.", wish),
                gpus == 0 ? gpuAbsenceReason() + " Choose auto or cpu."
                          : fmt::format("Choose auto, cpu or cuda:0 to cuda:{}.", gpus - 1));
}

} // namespace

std::unique_ptr<ComputeDevice> openCpu() { return std::make_unique<CpuDevice>(devices().front()); }

DeviceInfo chooseDevice(std::span<const std::string> use) {
    const int gpu = chosenGpu(use);
    return devices()[static_cast<std::size_t>(gpu + 1)];
}

std::unique_ptr<ComputeDevice> openDevice(std::span<const std::string> use) {
    if (gpusAreMadeUp())
        return std::make_unique<CpuDevice>(chooseDevice(use));
    // Before the first backward pass of the process, whatever is chosen now: torch's autograd keeps the number of GPUs.
    (void)cuda();
    const int gpu = chosenGpu(use);
    return gpu < 0 ? openCpu() : cuda().provider->open(gpu);
}

} // namespace engine
