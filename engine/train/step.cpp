#include "engine/train/step.h"

#include "engine/ops/syncbatchnorm.h"
#include "engine/train/precision.h"
#include "engine/train/shardedoptimizer.h"

#include <algorithm>
#include <cmath>

namespace engine {
namespace {

// Steps that a device may be behind: enough that it never waits for us, few enough that a stop is soon.
constexpr std::size_t kMostPending = 4;
constexpr std::int64_t kPoints = 4; // of TrainStep::Point

} // namespace

TrainStep::TrainStep(ComputeDevice& device, Backbone& backbone, Optimizer& optimizer, const Settings& settings)
    : m_device(device),
      m_backbone(backbone),
      m_optimizer(optimizer),
      m_settings(settings),
      m_stages(m_backbone.stages()) {
    if (m_settings.task == nullptr)
        m_settings.task = &taskOf(tasks().front().name);
    m_loss.smoothing = settings.labelSmoothing;
    if (!settings.classWeights.empty())
        m_loss.classWeights = at::tensor(settings.classWeights, at::kFloat).to(device.place());
    if (m_settings.group != nullptr && m_settings.group->world().size == 1)
        m_settings.group = nullptr;
    m_sumsCount =
        1 + static_cast<std::int64_t>(m_settings.task->stepMetrics().size()) + (m_settings.group != nullptr ? 1 : 0);
    const bool canCapture = m_settings.group == nullptr || m_settings.group->canBeCaptured();
    if (!device.answersAtOnce() && settings.graphs == Settings::Graphs::Captured && canCapture)
        m_graph = std::make_unique<StepGraph>(device, settings.kernels);
}

void TrainStep::enterPhase(const FreezePlan::Phase& phase) {
    if (m_phase == phase)
        return;
    if (m_graph)
        m_graph->forget();
    OptimizerStates whole = optimizerStates();
    m_phase = phase;
    m_firstTrained = phase.firstTrainedStage;
    m_sync.reset();
    if (m_settings.group != nullptr)
        m_sync = std::make_unique<GradientSync>(*m_settings.group, m_backbone.parameters(), m_settings.gradients);
    m_trained.clear();
    for (const auto& item : m_backbone.named_parameters())
        if (item.value().requires_grad())
            m_trained.emplace(item.key(), item.value());
    if (shardsOptimizer())
        shareOut(m_optimizer, *m_sync, m_trained, phase.factors, std::move(whole));
    else
        m_optimizer.setParameters(m_trained, phase.factors);
}

bool TrainStep::shardsOptimizer() const {
    return m_settings.group != nullptr && m_settings.gradients.update == GradientSync::Update::Sharded;
}

OptimizerStates TrainStep::optimizerStates() {
    if (!shardsOptimizer() || !m_sync)
        return m_optimizer.states();
    return wholeStates(m_optimizer, *m_sync, *m_settings.group, m_trained);
}

void TrainStep::setOptimizerStates(OptimizerStates states) {
    if (shardsOptimizer())
        shareOut(m_optimizer, *m_sync, m_trained, m_phase->factors, std::move(states));
    else
        m_optimizer.setStates(std::move(states));
}

// A captured step holds the number.
void TrainStep::setWeightDecay(double weightDecay) {
    if (m_graph)
        m_graph->forget();
    m_optimizer.setWeightDecay(weightDecay);
}

void TrainStep::begin(std::int64_t number, Gradients gradients, std::int64_t divisor) {
    m_gradients = gradients;
    m_open = {.number = number};
    m_batches = 0;
    m_divided = static_cast<double>(divisor);
    m_lossFactor = 1;
    m_begin = m_device.mark();
}

ModelBatch TrainStep::placed(const ModelBatch& batch) {
    ModelBatch result{.firstStage = batch.firstStage, .count = batch.count};
    result.input = batch.input.with([this](const at::Tensor& tensor) { return m_device.upload(tensor); });
    result.targets = m_device.upload(batch.targets);
    return result;
}

void TrainStep::addBatch(const ModelBatch& batch, std::int64_t batchesInGroup) {
    const bool first = m_batches++ == 0, last = m_batches == batchesInGroup;
    if (first && batchesInGroup > 1)
        keepStatistics();
    const bool computes = batch.count > 0 || sharesBatchNorm();
    const bool whole = m_graph && batchesInGroup == 1 && m_gradients == Gradients::Hidden && batch.count > 0;
    if (first && !whole)
        beginGradients();
    if (computes) {
        if (m_divided == 0)
            m_divided = static_cast<double>(batch.count * batchesInGroup);
        m_open.samples += batch.count;
        ModelBatch there = placed(batch);
        if (whole) {
            m_whole = std::move(there);
            return;
        }
        if (last && m_sync)
            m_sync->lastBackward();
        Times times;
        compute(there, m_divided, [&](Point point) { times.at(static_cast<std::size_t>(point)) = m_device.mark(); });
        m_openTimes.push_back(std::move(times));
    }
    if (!last)
        return;
    if (m_sync)
        sumOverRanks();
    else
        weighSamplesAlike();
}

bool TrainStep::sharesBatchNorm() const {
    return m_settings.group != nullptr && m_settings.batchNorm == Settings::BatchNorm::OfAllRanks;
}

void TrainStep::beginGradients() {
    if (m_sync)
        m_sync->begin(m_gradients == Gradients::Wanted ? GradientSync::Sums::Everywhere
                                                       : GradientSync::Sums::AsUpdated);
}

// Gradients and sums of all ranks, and the gradients' weight by the samples that came. A rank none of whose samples can
// be read adds nothing, and makes the step with the others.
void TrainStep::sumOverRanks() {
    const torch::NoGradGuard noGrad;
    m_sync->finish();
    const auto options = at::TensorOptions(at::kDouble).device(m_device.place());
    if (!m_sums.defined())
        m_sums = at::zeros({m_sumsCount}, options);
    m_settings.group->allReduce(m_sums);
    const at::Tensor samples = m_sums[m_sumsCount - 1];
    m_sync->scale((m_divided / samples.clamp_min(1)).to(at::kFloat));
    if (m_device.answersAtOnce() && samples.item<double>() == 0)
        m_sums = at::Tensor(); // nothing came of this step
}

void TrainStep::keepStatistics() {
    m_statistics = {};
    for (const auto& module : m_backbone.modules(false))
        if (module->is_training() && module->as<torch::nn::BatchNorm2dImpl>() != nullptr)
            for (const at::Tensor& buffer : module->buffers(false))
                m_statistics.push_back({buffer, buffer.clone()});
}

void TrainStep::weighSamplesAlike() {
    const auto samples = static_cast<double>(m_open.samples);
    if (samples == 0 || samples == m_divided)
        return;
    const torch::NoGradGuard noGrad;
    m_lossFactor = m_divided / samples;
    for (const at::Tensor& parameter : m_backbone.parameters())
        if (parameter.grad().defined())
            parameter.grad().mul_(m_lossFactor);
}

void TrainStep::abandon() {
    const torch::NoGradGuard noGrad;
    for (const Kept& kept : std::exchange(m_statistics, {}))
        kept.buffer.copy_(kept.before);
    m_optimizer.zeroGradients();
    m_open = {};
    m_openTimes.clear();
    m_begin.reset();
    m_sums = at::Tensor();
    m_whole.reset();
}

void TrainStep::compute(const ModelBatch& batch, double samples, const Reached& reached) {
    reached(Point::Begin);
    const AutocastGuard autocast(m_settings.precision, m_device.place().type());
    Signal signal = m_pixels(batch.input);
    std::size_t stage = batch.firstStage;
    if (stage == 0 && m_prefix != nullptr) {
        signal = m_prefix->forward(signal);
        stage = m_prefix->stages();
    }
    {
        const torch::NoGradGuard frozen;
        for (; stage < m_firstTrained; ++stage)
            signal = m_stages[stage].forward(signal);
    }
    const ops::BatchNormOfAll ofAll(sharesBatchNorm() ? [this](at::Tensor& sums) { m_settings.group->allReduce(sums); }
                                                      : ops::SumOverRanks());
    for (; stage < m_stages.size(); ++stage)
        signal = m_stages[stage].forward(signal);
    const at::Tensor& value = signal.value;
    const at::Tensor loss = m_settings.task->loss(value, batch.targets, m_loss) / samples;
    {
        const torch::NoGradGuard noGrad;
        std::vector<at::Tensor> measured = m_settings.task->stepSums(value, batch.targets);
        measured.insert(measured.begin(), loss.detach().to(at::kDouble));
        if (m_sync)
            measured.push_back(at::full({}, static_cast<double>(batch.count), measured.front().options()));
        const at::Tensor sums = at::stack(measured);
        m_sums = m_sums.defined() ? m_sums + sums : sums;
    }
    reached(Point::Forward);
    // Ranks that share BatchNorm's statistics share its gradients, whatever one of them lost.
    if (!m_device.answersAtOnce() || sharesBatchNorm() || std::isfinite(loss.item<double>()))
        loss.backward();
    reached(Point::Backward);
}

void TrainStep::setLearningRate(double learningRate) {
    const torch::NoGradGuard noGrad;
    if (!m_learningRate.defined())
        m_learningRate = at::zeros({}, at::TensorOptions(at::kFloat).device(m_device.place()));
    m_learningRate.fill_(learningRate);
}

void TrainStep::queueUpdate() {
    const torch::NoGradGuard noGrad;
    at::Tensor skip = m_sums[0].isfinite().logical_not();
    if (m_sync) // none of the ranks could read a sample
        skip = skip.logical_or(m_sums[m_sumsCount - 1].eq(0));
    m_optimizer.step({.learningRate = m_learningRate, .skip = skip.to(at::kFloat)});
    if (m_sync)
        m_sync->gatherParameters();
    m_optimizer.zeroGradients();
}

void TrainStep::update(double learningRate) {
    if (!m_device.answersAtOnce()) {
        setLearningRate(learningRate);
        queueUpdate();
        return;
    }
    if (std::isfinite(m_sums[0].item<double>())) {
        m_optimizer.step(learningRate);
        if (m_sync)
            m_sync->gatherParameters();
    }
    m_optimizer.zeroGradients();
}

void TrainStep::computeWhole(double learningRate) {
    setLearningRate(learningRate);
    m_sums = m_graph->run(*m_whole, [this](const ModelBatch& batch) {
        m_sums = at::Tensor();
        m_optimizer.zeroGradients(); // of a capture that did not come to its end
        beginGradients();
        if (m_sync)
            m_sync->lastBackward();
        const at::Tensor times = at::empty({kPoints}, at::TensorOptions(at::kDouble).device(m_device.place()));
        const auto reached = [&](Point point) { m_device.recordTimestamp(times, static_cast<std::int64_t>(point)); };
        compute(batch, m_sync ? m_divided : static_cast<double>(batch.count), reached);
        if (m_sync)
            sumOverRanks();
        queueUpdate();
        reached(Point::Update);
        return at::cat({m_sums, times});
    });
    m_open.replayed = m_graph->replayed();
    m_whole.reset();
}

void TrainStep::finish(double learningRate) {
    m_open.learningRate = learningRate;
    m_statistics.clear();
    const auto computed = m_device.mark();
    if (m_whole)
        computeWhole(learningRate);
    else if (m_sums.defined())
        update(learningRate);
    // The end is marked before the sums are read: where these have arrived, it is reached.
    Pending pending{.result = std::exchange(m_open, {}),
                    .lossFactor = m_lossFactor,
                    .divided = m_divided,
                    .batches = std::exchange(m_openTimes, {}),
                    .begin = std::exchange(m_begin, nullptr),
                    .computed = computed,
                    .end = m_device.mark()};
    if (m_sums.defined())
        pending.sums = m_device.read(std::exchange(m_sums, {}));
    m_pending.push_back(std::move(pending));
}

std::optional<StepResult> TrainStep::arrived(Wait wait) {
    if (m_pending.empty())
        return std::nullopt;
    Pending& oldest = m_pending.front();
    const bool there = oldest.sums ? oldest.sums->arrived() : oldest.end->reached();
    if (!there && wait == Wait::Never && m_pending.size() <= kMostPending)
        return std::nullopt;
    const StepResult result = measured(oldest);
    m_pending.pop_front();
    return result;
}

StepResult TrainStep::measured(Pending& pending) {
    StepResult result = pending.result;
    if (!pending.sums)
        return result;
    const at::Tensor& sums = pending.sums->wait();
    const auto* values = sums.const_data_ptr<double>();
    const std::int64_t metrics = m_sumsCount - (m_sync ? 2 : 1);
    if (m_sync) { // of all ranks; the losses were divided by the number that was expected
        result.samples = static_cast<std::int64_t>(values[m_sumsCount - 1]);
        pending.lossFactor = pending.divided / std::max(1.0, values[m_sumsCount - 1]);
    }
    result.loss = values[0] * pending.lossFactor;
    result.metrics.assign(values + 1, values + 1 + metrics);
    if (sums.numel() > m_sumsCount) { // of one graph, with what its clock told; a rank may have no batch in a step
        const auto* reached = sums.const_data_ptr<double>() + m_sumsCount;
        result.forwardMs = reached[1];
        result.backwardMs = reached[2] - reached[1];
        result.optimizerMs = reached[3] - reached[2];
    } else {
        for (const auto& [begin, forward, backward] : pending.batches) {
            result.forwardMs += forward->millisecondsSince(*begin);
            result.backwardMs += backward->millisecondsSince(*forward);
        }
        result.optimizerMs = pending.end->millisecondsSince(*pending.computed);
    }
    const double wholeMs = pending.end->millisecondsSince(*pending.begin);
    result.seconds = wholeMs / 1e3;
    const double rest = std::max(0.0, wholeMs - result.forwardMs - result.backwardMs - result.optimizerMs);
    result.dataMs = std::min(result.dataMs, rest);
    result.otherMs = rest - result.dataMs;
    return result;
}

} // namespace engine
