#pragma once

#include "engine/device/computedevice.h"
#include "engine/train/batchsource.h"

#include <functional>
#include <memory>
#include <optional>

namespace engine {

// Repeats a whole step (forward, backward, update) as one piece of work of the device, for batches of one shape: a GPU
// then waits for no launch. The first steps of a shape run as ever, which lets the libraries choose their kernels and
// make their workspaces; then one is captured. Batches of other shapes, as an epoch's last one has, run as ever.
class StepGraph final {
public:
    // Computes a step of `batch`; returns its sums. Called once per capture, and in place of a replay.
    using Work = std::function<at::Tensor(const ModelBatch& batch)>;
    StepGraph(ComputeDevice& device, ComputeDevice::Kernels kernels) : m_device(device), m_kernels(kernels) {}

    [[nodiscard]] at::Tensor run(const ModelBatch& batch, const Work& work);
    [[nodiscard]] bool replayed() const { return m_replayed; } // the last run()
    void forget();

private:
    [[nodiscard]] bool fits(const ModelBatch& batch) const;
    [[nodiscard]] bool comesOftener(const ModelBatch& batch) const; // than the shape of m_static

    ComputeDevice& m_device;
    ComputeDevice::Kernels m_kernels;
    ModelBatch m_static;                   // where a captured step finds its batch
    std::vector<std::int64_t> m_lastSizes; // of the batch before
    at::Tensor m_sums;
    std::unique_ptr<CapturedWork> m_captured;
    int m_runs = 0; // of the shape of m_static
    bool m_replayed = false;
    bool m_refused = false; // the device cannot
};

} // namespace engine
