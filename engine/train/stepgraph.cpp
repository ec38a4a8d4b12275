#include "engine/train/stepgraph.h"

#include "engine/base/log.h"

namespace engine {
namespace {

constexpr int kRunsBeforeCapture = 3;

} // namespace

bool StepGraph::fits(const ModelBatch& batch) const {
    return m_static.input.defined() && m_static.firstStage == batch.firstStage &&
           m_static.input.sizes() == batch.input.sizes() && m_static.input.strides() == batch.input.strides() &&
           m_static.input.scalar_type() == batch.input.scalar_type();
}

// Within an epoch all batches have one shape but the last, which is smaller, or larger by what was left over.
bool StepGraph::comesOftener(const ModelBatch& batch) const {
    if (!m_static.input.defined() || m_static.firstStage != batch.firstStage)
        return true;
    const bool again = batch.input.sizes() == at::IntArrayRef(m_lastSizes);
    return again || (m_runs <= 1 && batch.input.numel() > m_static.input.numel());
}

at::Tensor StepGraph::run(const ModelBatch& batch, const Work& work) {
    m_replayed = false;
    if (!fits(batch) && comesOftener(batch)) {
        forget();
        m_static = batch;
    }
    m_lastSizes = batch.input.sizes().vec();
    if (m_refused || !fits(batch))
        return work(batch);
    if (!m_captured && ++m_runs <= kRunsBeforeCapture) {
        m_device.choose(m_kernels);
        at::Tensor sums = work(batch);
        m_device.choose(ComputeDevice::Kernels::ByRule);
        return sums;
    }
    if (!m_captured) {
        m_static.input = batch.input.clone(at::MemoryFormat::Preserve);
        m_static.targets = batch.targets.clone();
        try {
            m_device.choose(m_kernels); // as they were chosen in the steps before
            m_captured = m_device.capture([&] { m_sums = work(m_static); });
        } catch (const c10::OutOfMemoryError&) {
            // A graph's memory is its own, beside that of the steps before it: those still fit.
            forget();
            m_device.releaseCachedMemory();
        } catch (const c10::Error& error) {
            logLine("step", error.what_without_backtrace());
            forget();
        }
        m_device.choose(ComputeDevice::Kernels::ByRule);
        m_refused = !m_captured;
        if (m_refused)
            return work(batch);
    } else {
        m_static.input.copy_(batch.input, true);
        m_static.targets.copy_(batch.targets, true);
    }
    m_captured->replay();
    m_replayed = true;
    return m_sums;
}

void StepGraph::forget() {
    m_captured.reset();
    m_static = {};
    m_sums = at::Tensor();
    m_runs = 0;
}

} // namespace engine
