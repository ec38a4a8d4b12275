#pragma once

#include "engine/device/computedevice.h"
#include "engine/train/batchsource.h"

#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace engine {

// Repeats a whole step (forward, backward, update) as one piece of work of the device, for the few shapes that come
// often: a GPU then waits for no launch. The first steps of a shape run as ever, which lets the libraries choose their
// kernels and make their workspaces; then one is captured. A shape that comes seldom, as an epoch's last batch, runs as
// ever: each captured one has memory of its own.
class StepGraph final {
public:
    // Computes a step of `batch`; returns its sums. Called once per capture, and in place of a replay.
    using Work = std::function<at::Tensor(const ModelBatch& batch)>;
    StepGraph(ComputeDevice& device, ComputeDevice::Kernels kernels) : m_device(device), m_kernels(kernels) {}

    [[nodiscard]] at::Tensor run(const ModelBatch& batch, const Work& work);
    [[nodiscard]] bool replayed() const { return m_replayed; } // the last run()
    void forget();

    static constexpr std::size_t kMostShapes = 4; // that are kept captured
    static constexpr int kSeldom = 16;            // one in so many steps, or fewer, is not worth a capture

private:
    struct Shape {
        std::vector<std::int64_t> key;
        ModelBatch batch; // once captured: where the work finds its batch
        std::unique_ptr<CapturedWork> captured;
        at::Tensor sums;
        int runs = 0;
        std::int64_t last = 0; // the number of its last run
        bool refused = false;  // the device cannot
    };
    [[nodiscard]] Shape& shapeOf(const ModelBatch& batch);
    [[nodiscard]] bool comesOften(const Shape& shape) const;
    void capture(Shape& shape, const ModelBatch& batch, const Work& work);
    void makeRoom(const Shape& wanted);

    ComputeDevice& m_device;
    ComputeDevice::Kernels m_kernels;
    std::list<Shape> m_shapes;
    std::int64_t m_runs = 0; // of all shapes
    bool m_replayed = false;
};

} // namespace engine
