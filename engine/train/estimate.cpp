#include "engine/api/estimate.h"

#include "engine/api/catalog.h"
#include "engine/api/optimizers.h"
#include "engine/data/preprocess.h"
#include "engine/device/computedevice.h"
#include "engine/freeze/freezeplan.h"
#include "engine/models/backbone.h"
#include "engine/runs/devicechoice.h"
#include "engine/train/batchneeds.h"
#include "engine/train/cacheplan.h"
#include "engine/train/precision.h"
#include "engine/train/speedbook.h"

#include <algorithm>

namespace engine {
namespace {

constexpr std::uint64_t kContextBytes = 900'000'000; // CUDA's own, and the libraries' workspaces
constexpr std::uint64_t kProgramBytes = 350'000'000; // libraries and the pictures waiting ready

double outputElements(const BlockInfo& block) {
    return static_cast<double>(block.output[0]) * static_cast<double>(std::max<std::int64_t>(1, block.output[1])) *
           static_cast<double>(std::max<std::int64_t>(1, block.output[2]));
}

struct Activations {
    double kept = 0;    // elements that the backward pass needs
    double largest = 0; // elements of the largest single output
};

void addLeaves(const BlockInfo& block, bool kept, Activations& sum) {
    if (block.children.empty()) {
        sum.largest = std::max(sum.largest, outputElements(block));
        if (kept)
            sum.kept += outputElements(block);
    }
    for (const BlockInfo& child : block.children)
        addLeaves(child, kept, sum);
}

// Forward through everything, backward (twice the work) from the end to the first trained stage.
struct Work {
    double flops = 0;
    Activations activations;
};

Work workOf(const std::vector<BlockInfo>& tree, std::size_t firstTrained) {
    Work work;
    for (std::size_t i = 0; i < tree.size(); ++i) {
        work.flops += tree[i].flops * (i >= firstTrained ? 3 : 1);
        addLeaves(tree[i], i >= firstTrained, work.activations);
    }
    return work;
}

// What a run writes besides its checkpoints: curves, also for TensorBoard, and a line for each validated picture.
std::uint64_t recordBytes(std::int64_t steps, int epochs, std::int64_t validationPictures) {
    constexpr std::int64_t kPerStep = 900, kPerValidatedPicture = 120;
    return static_cast<std::uint64_t>(steps * kPerStep + epochs * validationPictures * kPerValidatedPicture);
}

int epochsOf(const FreezePlan::Phase& phase, int epochs) {
    return std::max(0, std::min(phase.lastEpoch, epochs) - phase.fromEpoch + 1);
}

// Parameters that no phase trains.
std::int64_t neverTrained(const FreezePlan& plan, const BackboneLayout& layout) {
    std::int64_t count = 0;
    for (const auto& parameter : layout.parameters)
        if (std::ranges::none_of(plan.phases(), [&](const auto& p) { return p.trained.contains(parameter.name); }))
            count += parameter.elements;
    return count;
}

// Of one picture's output behind the first `cut` stages, as the cache keeps it.
double rowElements(const std::vector<BlockInfo>& tree, const std::vector<Stage>& stages, std::size_t cut, double area) {
    const BlockInfo& last = tree[cut - 1];
    if (cut < stages.size() && stages[cut].poolsFirst)
        return static_cast<double>(last.output[0]);
    return outputElements(last) * (last.output[1] > 0 ? area : 1.0);
}

void addCache(Cost& cost, const Experiment& experiment, const DataReport& data, const std::vector<BlockInfo>& tree,
              const FreezePlan& plan, int imageSize, double area, Precision precision) {
    const auto backbone = buildBackbone(findBackbone(experiment.model.backbone), 2);
    const std::vector<Stage> stages = backbone->stages();
    const auto elementBytes = static_cast<double>(c10::elementSize(typeOf(precision)));
    for (std::size_t i = 0; i < plan.phases().size(); ++i) {
        const FreezePlan::Phase& phase = plan.phases()[i];
        const std::size_t cut = phase.firstTrainedStage;
        CacheQuestion question{.cut = cut,
                               .epochs = epochsOf(phase, experiment.train.epochs),
                               .trainPictures = data.trainSamples,
                               .validationPictures = data.validationSamples,
                               .mostBytes = cacheRoomBytes()};
        if (cut > 0) {
            question.rowBytes = static_cast<std::uint64_t>(rowElements(tree, stages, cut, area) * elementBytes);
            question.secondsPerPicture = secondsPerFrozenPicture(experiment, cut, imageSize);
        }
        const CachePlan kept = planCache(experiment, question);
        // Its first epoch computes what the others read.
        PhaseCost& told = cost.phases[i];
        told.cached = kept.training;
        told.seconds = std::max(told.seconds - kept.savesSeconds, told.seconds / std::max(1, question.epochs));
        if (cost.cacheBytes == 0 && (i == 0 || kept.bytes > 0))
            cost.cacheSentence = kept.sentence;
        cost.cacheBytes = std::max(cost.cacheBytes, kept.bytes); // it moves with the phases
        cost.cacheSavesSeconds += kept.savesSeconds;
    }
    cost.seconds = 0;
    for (const PhaseCost& phase : cost.phases)
        cost.seconds += phase.seconds;
}

} // namespace

Cost estimateCost(const Experiment& experiment, const DataReport& data) {
    const TrainSettings& train = experiment.train;
    const int classes = std::max(1, static_cast<int>(data.classes.size()));
    const BackboneInfo& info = findBackbone(experiment.model.backbone);
    const std::vector<BlockInfo> tree = blockTree(info.name, classes);
    const BackboneLayout& layout = layoutOf(info.name, classes);
    const FreezePlan plan(experiment.freeze, train.epochs, layout);
    const std::vector<FreezeOutcome> outcomes = resolveFreeze(experiment.freeze, train.epochs, info.name, classes);
    const DeviceInfo device = deviceOf(experiment);
    const bool gpu = device.id != "cpu";

    Cost cost;
    cost.device = device.id;
    const Precision precision = pickPrecision(train, device);
    cost.precision = nameOf(precision);
    cost.deviceBytes = device.totalBytes;
    cost.deviceFreeBytes = device.freeBytes;
    for (const BlockInfo& stage : tree)
        cost.parameters += stage.parameters;
    const auto ranks = static_cast<int>(rankDevices(experiment.devices.use, devices().size() - 1).size());
    cost.effectiveBatch = std::int64_t{train.batchSize} * train.accumulate * ranks;
    const int size = preprocessOf(experiment).imageSize;
    Batching batching = batchingOf({.plan = plan,
                                    .backbone = info.name,
                                    .imageSize = size,
                                    .batchSize = std::max(1, train.batchSize),
                                    .pictures = data.trainSamples});
    batching.world.size = ranks;
    const std::int64_t batches = batching.batches(data.trainSamples);
    cost.stepsPerEpoch = (batches + train.accumulate - 1) / std::max(1, train.accumulate);
    cost.steps = cost.stepsPerEpoch * train.epochs;

    const double area = double(size) * size / (double(info.imageSize) * info.imageSize);
    Work greatest;
    std::vector<Work> works;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        cost.trainableParameters = std::max(cost.trainableParameters, outcomes[i].trainableParameters);
        const Work& work = works.emplace_back(workOf(tree, plan.phases()[i].firstTrainedStage));
        greatest.flops = std::max(greatest.flops, work.flops);
        greatest.activations.kept = std::max(greatest.activations.kept, work.activations.kept);
        greatest.activations.largest = std::max(greatest.activations.largest, work.activations.largest);
    }
    const auto elementBytes = static_cast<double>(c10::elementSize(typeOf(precision)));
    // The largest output is there three times at once: a layer's input, its output and a converted copy.
    const double elements = greatest.activations.kept + 3 * greatest.activations.largest;
    cost.activationBytes = static_cast<std::uint64_t>(elements * elementBytes * area * train.batchSize);
    // With gradients, and what Insight keeps: how trained parameters began and how they were before a step.
    cost.modelBytes = static_cast<std::uint64_t>(cost.parameters + 3 * cost.trainableParameters) * 4;
    cost.optimizerBytes = static_cast<std::uint64_t>(cost.trainableParameters) * 4 *
                          static_cast<std::uint64_t>(findOptimizer(train.optimizer).stateValues);
    cost.peakBytes =
        (gpu ? kContextBytes : kProgramBytes) + cost.activationBytes + cost.modelBytes + cost.optimizerBytes;
    cost.checkpointBytes = static_cast<std::uint64_t>(cost.parameters) * 4 + cost.optimizerBytes;
    const std::uint64_t record = recordBytes(cost.steps, train.epochs, data.validationSamples);
    cost.diskBytes = 3 * cost.checkpointBytes + record;
    cost.diskFinalBytes = 2 * cost.checkpointBytes + record;

    // What was measured with this preset is the speed of its last phase; other phases follow from their arithmetic.
    const auto remembered = rememberedSpeed(device, info.name, experiment.freeze.preset, size);
    cost.speedMeasured = remembered.has_value();
    const double lastFlops = works.back().flops * area;
    const double ofAll = gpu ? ranks : 1; // ranks of a CPU share its cores
    const double flopsPerSecond = remembered.value_or(guessedSpeed(device, precision, lastFlops)) * lastFlops * ofAll;
    const auto secondsOf = [&](double flops) { return flops * area / flopsPerSecond; }; // of one picture
    const double forward = secondsOf(workOf(tree, tree.size()).flops);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const double picture = secondsOf(works[i].flops);
        PhaseCost phase{.fromEpoch = outcomes[i].fromEpoch,
                        .trainableParameters = outcomes[i].trainableParameters,
                        .stepSeconds =
                            picture * double(std::min<std::int64_t>(cost.effectiveBatch, data.trainSamples))};
        phase.seconds = epochsOf(plan.phases()[i], train.epochs) *
                        (picture * double(data.trainSamples) + forward * double(data.validationSamples));
        cost.seconds += phase.seconds;
        cost.phases.push_back(phase);
    }
    cost.samplesPerSecond = 1 / secondsOf(works.back().flops);
    cost.stepSecondsAll =
        secondsOf(workOf(tree, 0).flops) * double(std::min<std::int64_t>(cost.effectiveBatch, data.trainSamples));
    cost.neverTrained = neverTrained(plan, layout);
    addCache(cost, experiment, data, tree, plan, size, area, precision);
    cost.startSeconds = startSeconds(device, info.name, experiment.freeze.preset, size);
    cost.seconds += cost.startSeconds;
    return cost;
}

double measuredSpeed(const Experiment& experiment) {
    const BackboneInfo& info = findBackbone(experiment.model.backbone);
    const int size = preprocessOf(experiment).imageSize;
    return rememberedSpeed(deviceOf(experiment), info.name, experiment.freeze.preset, size).value_or(0);
}

} // namespace engine
