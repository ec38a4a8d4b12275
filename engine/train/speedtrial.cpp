// A training of a few steps, to know how long the whole one takes.
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/base/log.h"
#include "engine/data/dataset.h"
#include "engine/models/adapters.h"
#include "engine/train/batchsource.h"
#include "engine/train/cacheplan.h"
#include "engine/train/place.h"
#include "engine/train/resolvedexperiment.h"
#include "engine/train/speedbook.h"
#include "engine/train/step.h"
#include "engine/train/translate.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>

namespace engine {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kSeconds = 1.2; // of steps that are measured
constexpr std::int64_t kMostSteps = 60;
constexpr int kBatchOnCpu = 16; // there a picture takes as long in any batch of some size
constexpr int kWarmUpOnGpu = 4; // steps until one is captured

double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// So many of the samples, evenly drawn from all; where there are fewer, some more than once.
SampleList someOf(const SampleList& samples, std::int64_t count) {
    std::vector<ImageSample> some;
    for (std::int64_t i = 0; i < count; ++i)
        some.push_back(samples[static_cast<std::size_t>(i) * samples.size() / static_cast<std::size_t>(count)]);
    return some;
}

// The last phase of an experiment's training on its device.
class Trial final {
public:
    Trial(const Experiment& experiment, std::stop_token stop)
        : m_experiment(experiment),
          m_stop(std::move(stop)),
          m_data(openData(experiment)),
          m_device(openDevice(std::vector<std::string>{deviceOf(experiment).id})),
          m_scope(m_device->enter()),
          m_task(taskOf(experiment.data.task)),
          m_here(resolved(experiment, static_cast<int>(m_task.outputs(m_data.classes)), m_device->info())) {
        at::set_num_threads(m_here.threads);
        m_backbone =
            makeBackbone(experiment.model.backbone, static_cast<int>(m_task.outputs(m_data.classes)), experiment.seed);
        addAdapters(*m_backbone, m_here.plan.adapters(), experiment.seed);
        place(*m_backbone, *m_device);
        m_optimizer = makeOptimizer(experiment.train);
        m_step = std::make_unique<TrainStep>(*m_device, *m_backbone, *m_optimizer,
                                             TrainStep::Settings{.task = &m_task, .precision = m_here.precision});
        m_step->usePixels({m_here.preprocess, m_device->place()});
        enterLastPhase();
    }

    // Remembers what it measures. False: it was stopped before that.
    bool measure() {
        if (!train(1))
            return false;
        const double start = secondsSince(m_begin);
        const auto begin = Clock::now();
        const std::int64_t warmUp = onCpu() ? 1 : kWarmUpOnGpu;
        if (!train(warmUp))
            return false;
        const double first = secondsSince(begin) / double(warmUp);
        const std::int64_t steps = std::clamp<std::int64_t>(static_cast<std::int64_t>(kSeconds / first), 2, kMostSteps);
        const auto measured = Clock::now();
        if (!train(steps))
            return false;
        const double picture = secondsSince(measured) / double(steps * batchSize());
        const int size = m_here.preprocess.imageSize;
        const std::string &backbone = m_experiment.model.backbone, &preset = m_experiment.freeze.preset;
        rememberSpeed(m_here.device, backbone, preset, size, 1 / picture);
        rememberStart(m_here.device, backbone, preset, size, start);
        if (m_prefix && m_batch.count > 0)
            rememberFrozenSpeed(m_experiment, m_prefix->stages(), size, 1 / (picture - secondsOfTheRest()));
        return true;
    }

private:
    [[nodiscard]] bool onCpu() const { return m_device->answersAtOnce(); }
    [[nodiscard]] std::int64_t batchSize() const {
        const int wanted = m_experiment.train.batchSize;
        return onCpu() ? std::min(wanted, kBatchOnCpu) : wanted;
    }

    void enterLastPhase() {
        const FreezePlan& plan = m_here.plan;
        const std::size_t last = plan.phases().size() - 1;
        plan.apply(*m_backbone, last);
        plan.setTrainingMode(*m_backbone, last);
        m_step->enterPhase(plan.phases()[last]);
        const std::size_t cut = plan.phases()[last].firstTrainedStage;
        if (cut > 0 && m_experiment.freeze.batchNorm != "train" && FrozenPrefix::possible(*m_backbone, cut))
            m_prefix = std::make_unique<FrozenPrefix>(*m_backbone, cut, typeOf(m_here.precision));
        m_step->usePrefix(m_prefix.get());
    }

    // Reading, decoding and augmenting included. False: it was stopped.
    bool train(std::int64_t steps) {
        PictureSource batches(m_data, Targets(m_task, someOf(m_data.train, steps * batchSize()), m_data.classes),
                              {.batchSize = static_cast<int>(batchSize()),
                               .preprocess = m_here.preprocess,
                               .augmentation = m_experiment.data.augmentation,
                               .training = true,
                               .seed = m_experiment.seed,
                               .workers = m_experiment.data.workers});
        const std::stop_callback cancel(m_stop, [&batches] { batches.cancel(); });
        while (batches.next(m_batch))
            makeStep();
        while (m_step->arrived(TrainStep::Wait::UntilAllAreDone)) {
        }
        m_device->synchronize();
        return !m_stop.stop_requested();
    }

    void makeStep() {
        m_step->begin(++m_steps);
        m_step->addBatch(m_batch, 1);
        m_step->finish(0); // nobody learns from it
        while (m_step->arrived()) {
        }
    }

    // What a picture takes behind the frozen stages, which a cache spares.
    double secondsOfTheRest() {
        const auto secondsFor = [this](const auto& work) {
            const auto begin = Clock::now();
            for (int i = 0; i < 2; ++i)
                work();
            m_device->synchronize();
            return secondsSince(begin) / 2;
        };
        const double whole = secondsFor([this] { makeStep(); });
        const torch::NoGradGuard noGrad;
        const AutocastGuard guard(m_here.precision, m_device->place().type());
        const PixelNormalisation pixels(m_here.preprocess, m_device->place());
        const double frozen =
            secondsFor([&] { (void)m_prefix->forward(pixels({m_device->upload(m_batch.input.value)})); });
        return std::max(0.0, whole - frozen) / double(m_batch.count);
    }

    Clock::time_point m_begin = Clock::now();
    const Experiment& m_experiment;
    std::stop_token m_stop;
    ImageFolder m_data;
    std::unique_ptr<ComputeDevice> m_device;
    std::unique_ptr<DeviceScope> m_scope;
    const Task& m_task;
    ResolvedExperiment m_here;
    std::shared_ptr<Backbone> m_backbone;
    std::unique_ptr<Optimizer> m_optimizer;
    std::unique_ptr<TrainStep> m_step;
    std::unique_ptr<FrozenPrefix> m_prefix;
    ModelBatch m_batch; // the last one
    std::int64_t m_steps = 0;
};

} // namespace

bool measureSpeed(const Experiment& experiment, std::stop_token stop) {
    try {
        return measuredSpeed(experiment) == 0 && Trial(experiment, std::move(stop)).measure();
    } catch (...) { // training says it
        logLine("speed", translated(std::current_exception()).what());
        return false;
    }
}

} // namespace engine
