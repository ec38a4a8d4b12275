#include "engine/api/bench.h"

#include "engine/api/devices.h"
#include "engine/api/error.h"
#include "engine/data/preprocess.h"
#include "engine/distributed/c10dgroup.h"
#include "engine/models/load.h"
#include "engine/train/kernelprofile.h"
#include "engine/train/place.h"
#include "engine/train/resolvedexperiment.h"
#include "engine/train/step.h"
#include "engine/train/translate.h"

#include <algorithm>
#include <chrono>

namespace engine {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint64_t kSeed = 7;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

ModelBatch madeUpBatch(const TrainBench& bench, int size, ComputeDevice& device) {
    at::manual_seed(kSeed);
    const at::Tensor pixels = at::randn({bench.batch, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor labels = at::randint(bench.classes, {bench.batch}, at::kLong);
    return {.input = device.upload(pixels), .targets = device.upload(labels), .count = bench.batch};
}

// Of several ranks each takes the GPU of its number.
std::string deviceOfRank(const std::string& asked, const World& world) {
    if (world.size == 1 || asked == "cpu" || devices().size() <= 1)
        return asked;
    return "cuda:" + std::to_string(world.localRank);
}

TrainBenchResult measure(const TrainBench& bench) {
    const auto begin = Clock::now();
    const auto rendezvous = rendezvousFromEnvironment();
    const auto group = rendezvous ? joinGroup(*rendezvous) : soloGroup();
    const World world = group->world();
    const std::vector<std::string> use = {deviceOfRank(bench.device, world)};
    const auto device = openDevice(use);
    if (bench.profiled > 0 && device->info().id == "cpu")
        throw Error(ErrorKind::BadInput, "Kernels are timed on a GPU only, and this bench runs on the CPU.",
                    "Leave --profile out, or name a GPU with --device.");
    const auto scope = device->enter();
    at::set_num_threads(threadsOf({}, world));
    TrainSettings settings;
    settings.precision = bench.precision;
    settings.optimizer = bench.optimizer;
    settings.learningRate = bench.learningRate;
    settings.weightDecay = 0;
    FreezeSettings freeze;
    freeze.preset = bench.freeze;

    TrainBenchResult result{.device = device->info().id, .deviceName = device->info().name};
    result.ranks = world.size;
    for (const Finding& finding : precisionFindings(settings, device->info()))
        throw Error(ErrorKind::BadInput, finding.message, finding.detail);
    const Precision precision = pickPrecision(settings, device->info());
    result.precision = nameOf(precision);
    const auto backbone = makeBackbone(bench.backbone, bench.classes, kSeed);
    if (!bench.weights.empty())
        (void)loadWeights(*backbone, bench.weights, true);
    place(*backbone, *device);
    const FreezePlan plan(freeze, 1, *backbone);
    plan.apply(*backbone, 0);
    plan.setTrainingMode(*backbone, 0);
    const auto optimizer = makeOptimizer(settings);
    TrainStep step(
        *device, *backbone, *optimizer,
        {.group = group.get(),
         .precision = precision,
         .graphs = bench.graphs == "off" ? TrainStep::Settings::Graphs::Off : TrainStep::Settings::Graphs::Captured,
         .kernels = bench.kernels == "by-rule" ? ComputeDevice::Kernels::ByRule : ComputeDevice::Kernels::ByTrial});
    step.enterPhase(plan.phases().front());
    std::unique_ptr<FrozenPrefix> prefix; // as a training computes its frozen stages
    if (const std::size_t cut = plan.phases().front().firstTrainedStage; cut > 0)
        prefix = std::make_unique<FrozenPrefix>(*backbone, cut, typeOf(precision));
    step.usePrefix(prefix.get());
    const ModelBatch batch = madeUpBatch(bench, preprocessFor(backbone->info(), bench.imageSize).imageSize, *device);

    std::int64_t number = 0;
    const auto doStep = [&] {
        step.begin(++number, TrainStep::Gradients::Hidden, world.size > 1 ? std::int64_t{bench.batch} * world.size : 0);
        step.addBatch(batch, 1);
        step.finish(bench.learningRate);
    };
    for (int i = 0; i < bench.warmUp; ++i) {
        doStep();
        while (const auto done = step.arrived(TrainStep::Wait::UntilAllAreDone))
            result.losses.push_back(done->loss);
        if (i == 0)
            result.firstStepSeconds = since(begin);
    }
    for (int repeat = 0; repeat < bench.repeats; ++repeat) {
        device->synchronize();
        const auto started = Clock::now();
        for (int i = 0; i < bench.steps; ++i) {
            doStep();
            while (step.arrived()) {
            }
        }
        while (step.arrived(TrainStep::Wait::UntilAllAreDone)) {
        }
        device->synchronize();
        result.repeats.push_back(double(bench.steps) * bench.batch * world.size / since(started));
    }
    std::vector<double> sorted = result.repeats;
    std::ranges::sort(sorted);
    result.samplesPerSecond = sorted.empty() ? 0 : sorted[sorted.size() / 2];
    result.peakBytes = device->memory().peak;
    if (bench.profiled > 0) {
        result.kernels = profileKernels(*device, [&] {
            for (int i = 0; i < bench.profiled; ++i)
                doStep();
        });
        for (KernelTime& kernel : result.kernels) {
            kernel.ms /= bench.profiled;
            kernel.count /= bench.profiled;
        }
        while (step.arrived(TrainStep::Wait::UntilAllAreDone)) {
        }
    }
    return result;
}

} // namespace

TrainBenchResult benchTrain(const TrainBench& bench) {
    try {
        return measure(bench);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

} // namespace engine
