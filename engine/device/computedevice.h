#pragma once

#include "engine/api/devices.h"
#include "engine/base/torchheader.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace engine {

// Bytes of a device that this process holds.
struct DeviceMemory {
    std::uint64_t used = 0; // taken from the device, blocks kept for reuse included
    std::uint64_t peak = 0; // greatest `used` so far
};

// A point in a device's queue of work.
class DeviceMark {
public:
    virtual ~DeviceMark() = default;
    [[nodiscard]] virtual bool reached() const = 0; // never blocks
    // Time between two marks of one device that are both reached.
    [[nodiscard]] virtual double millisecondsSince(const DeviceMark& earlier) const = 0;
};

// A small result on its way to main memory.
class Readback {
public:
    virtual ~Readback() = default;
    [[nodiscard]] virtual bool arrived() const = 0; // never blocks
    [[nodiscard]] virtual const at::Tensor& wait() = 0;
};

// Work recorded once and repeated as a whole, over the same tensors.
class CapturedWork {
public:
    virtual ~CapturedWork() = default;
    virtual void replay() = 0; // queues it
};

// While it lives, its thread computes on the device's own queue.
class DeviceScope {
public:
    virtual ~DeviceScope() = default;
};

// Something that computes. The CPU does what it is told at once; a GPU queues it and goes on later, so whoever needs an
// answer asks for a readback and looks again some steps later. One object belongs to one thread at a time.
class ComputeDevice {
public:
    virtual ~ComputeDevice() = default;

    [[nodiscard]] virtual const DeviceInfo& info() const = 0;
    [[nodiscard]] virtual at::Device place() const = 0;
    [[nodiscard]] virtual bool answersAtOnce() const = 0;
    [[nodiscard]] virtual std::unique_ptr<DeviceScope> enter() = 0;

    // The tensor on this device, with the same strides. It may be changed by the caller as soon as this returns.
    [[nodiscard]] virtual at::Tensor upload(const at::Tensor& host) = 0;
    // Queued behind the work so far; the tensor may be overwritten by work that is queued later.
    [[nodiscard]] virtual std::unique_ptr<Readback> read(const at::Tensor& small) = 0;
    [[nodiscard]] virtual std::shared_ptr<DeviceMark> mark() = 0;
    // Writes into times[slot] (float64, on this device) how many milliseconds after the last call with slot 0 its
    // work came to here; times[0] is the device's own. Unlike marks, captured work measures itself at each replay.
    virtual void recordTimestamp(const at::Tensor& times, std::int64_t slot) = 0;

    // How the libraries choose their kernels from now on: by rule, or by trying them for each new shape, which takes
    // seconds for a network and pays where a shape comes a hundred times.
    enum class Kernels { ByRule, ByTrial };
    virtual void choose(Kernels kernels) = 0;
    // Records what `work` would do, without doing it. Nothing where the device cannot. Throws what `work` throws.
    [[nodiscard]] virtual std::unique_ptr<CapturedWork> capture(const std::function<void()>& work) = 0;
    virtual void synchronize() = 0;
    [[nodiscard]] virtual DeviceMemory memory() const = 0;
    virtual void releaseCachedMemory() = 0;
};

[[nodiscard]] std::unique_ptr<ComputeDevice> openCpu();

// What [devices] use asks for: the first GPU for "auto" and "all" where there is one, else the CPU; or the first named
// one. Throws Error(Device) where that is not there. Any thread.
[[nodiscard]] DeviceInfo chooseDevice(std::span<const std::string> use);
// Up to a second for the first GPU of the process. Throws Error(Device).
[[nodiscard]] std::unique_ptr<ComputeDevice> openDevice(std::span<const std::string> use);

} // namespace engine
