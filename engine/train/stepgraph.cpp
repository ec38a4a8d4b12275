#include "engine/train/stepgraph.h"

#include "engine/base/log.h"

#include <algorithm>

namespace engine {
namespace {

constexpr int kRunsBeforeCapture = 3;
constexpr std::size_t kMostKnown = 64; // shapes that are counted

// Whatever makes another graph necessary.
std::vector<std::int64_t> keyOf(const ModelBatch& batch) {
    std::vector<std::int64_t> key{static_cast<std::int64_t>(batch.firstStage)};
    for (const at::Tensor* tensor : {&batch.input.value, &batch.input.mask, &batch.targets}) {
        if (!tensor->defined()) {
            key.push_back(-1);
            continue;
        }
        key.push_back(static_cast<std::int64_t>(tensor->scalar_type()));
        key.insert(key.end(), tensor->sizes().begin(), tensor->sizes().end());
        key.insert(key.end(), tensor->strides().begin(), tensor->strides().end());
    }
    return key;
}

} // namespace

StepGraph::Shape& StepGraph::shapeOf(const ModelBatch& batch) {
    std::vector<std::int64_t> key = keyOf(batch);
    const auto known = std::ranges::find(m_shapes, key, &Shape::key);
    if (known != m_shapes.end())
        return *known;
    if (m_shapes.size() == kMostKnown)
        m_shapes.erase(std::ranges::min_element(m_shapes, {}, &Shape::last));
    return m_shapes.emplace_back(Shape{.key = std::move(key)});
}

bool StepGraph::comesOften(const Shape& shape) const { return std::int64_t{shape.runs} * kSeldom > m_runs; }

at::Tensor StepGraph::run(const ModelBatch& batch, const Work& work) {
    m_replayed = false;
    Shape& shape = shapeOf(batch);
    ++shape.runs;
    shape.last = ++m_runs;
    if (!shape.captured && (shape.refused || !comesOften(shape)))
        return work(batch);
    if (!shape.captured && shape.runs <= kRunsBeforeCapture) {
        m_device.choose(m_kernels);
        at::Tensor sums = work(batch);
        m_device.choose(ComputeDevice::Kernels::ByRule);
        return sums;
    }
    if (!shape.captured) {
        capture(shape, batch, work);
        if (!shape.captured)
            return work(batch);
    } else {
        shape.batch.input.value.copy_(batch.input.value, true);
        if (batch.input.mask.defined())
            shape.batch.input.mask.copy_(batch.input.mask, true);
        shape.batch.targets.copy_(batch.targets, true);
    }
    shape.captured->replay();
    m_replayed = true;
    return shape.sums;
}

// The work goes on over copies, which later batches of the shape are copied into.
void StepGraph::capture(Shape& shape, const ModelBatch& batch, const Work& work) {
    makeRoom(shape);
    shape.batch = batch;
    shape.batch.input =
        batch.input.with([](const at::Tensor& tensor) { return tensor.clone(at::MemoryFormat::Preserve); });
    shape.batch.targets = batch.targets.clone();
    try {
        m_device.choose(m_kernels); // as they were chosen in the steps before
        shape.captured = m_device.capture([&] { shape.sums = work(shape.batch); });
    } catch (const c10::OutOfMemoryError&) {
        // A graph's memory is its own, beside that of the steps before it: those still fit.
        m_device.releaseCachedMemory();
    } catch (const c10::Error& error) {
        logLine("step", error.what_without_backtrace());
    }
    m_device.choose(ComputeDevice::Kernels::ByRule);
    shape.refused = !shape.captured;
    if (shape.refused) {
        shape.batch = {};
        shape.sums = at::Tensor();
    }
}

// Of those that are captured the one that was not used for longest gives way.
void StepGraph::makeRoom(const Shape& wanted) {
    const auto captured = [](const Shape& shape) { return shape.captured != nullptr; };
    if (static_cast<std::size_t>(std::ranges::count_if(m_shapes, captured)) < kMostShapes)
        return;
    Shape* oldest = nullptr;
    for (Shape& shape : m_shapes)
        if (shape.captured && &shape != &wanted && (oldest == nullptr || shape.last < oldest->last))
            oldest = &shape;
    oldest->captured.reset();
    oldest->batch = {};
    oldest->sums = at::Tensor();
    oldest->runs = 0;
}

void StepGraph::forget() {
    m_shapes.clear();
    m_runs = 0;
}

} // namespace engine
