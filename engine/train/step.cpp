#include "engine/train/step.h"

#include "engine/train/loss.h"
#include "engine/train/precision.h"

#include <chrono>
#include <cmath>

namespace engine {
namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

} // namespace

TrainStep::TrainStep(Backbone& backbone, Optimizer& optimizer, double labelSmoothing, bool bf16)
    : m_backbone(backbone),
      m_optimizer(optimizer),
      m_labelSmoothing(labelSmoothing),
      m_bf16(bf16),
      m_stages(m_backbone.stages()) {}

void TrainStep::addBatch(const ModelBatch& batch, std::int64_t batchesInGroup) {
    if (batch.count == 0)
        return;
    const auto begin = Clock::now();
    const AutocastGuard autocast(m_bf16);
    at::Tensor value = batch.input;
    std::size_t stage = batch.firstStage;
    if (stage == 0 && m_prefix != nullptr) {
        value = m_prefix->forward(value);
        stage = m_prefix->stages();
    }
    {
        const torch::NoGradGuard frozen;
        for (; stage < m_firstTrained; ++stage)
            value = m_stages[stage].forward(value);
    }
    for (; stage < m_stages.size(); ++stage)
        value = m_stages[stage].forward(value);
    at::Tensor loss = crossEntropy(value, batch.labels, m_labelSmoothing);
    const double lossValue = loss.item<double>();
    m_result.right += value.detach().argmax(1).eq(batch.labels).sum().item<std::int64_t>();
    m_result.forwardMs += millisecondsSince(begin);
    const auto backward = Clock::now();
    if (std::isfinite(lossValue))
        (batchesInGroup > 1 ? loss / batchesInGroup : loss).backward();
    m_result.backwardMs += millisecondsSince(backward);
    m_result.loss += lossValue / static_cast<double>(batchesInGroup);
    m_result.samples += batch.count;
}

StepResult TrainStep::finish(double learningRate) {
    const auto begin = Clock::now();
    if (std::isfinite(m_result.loss))
        m_optimizer.step(learningRate);
    m_optimizer.zeroGradients();
    m_result.optimizerMs = millisecondsSince(begin);
    return std::exchange(m_result, {});
}

} // namespace engine
