#include "engine/api/estimate.h"

#include "engine/api/catalog.h"
#include "engine/api/optimizers.h"
#include "engine/data/preprocess.h"
#include "engine/device/computedevice.h"
#include "engine/freeze/freezeplan.h"
#include "engine/models/backbone.h"
#include "engine/runs/devicechoice.h"
#include "engine/train/cacheplan.h"
#include "engine/train/epochplan.h"
#include "engine/train/resolvedexperiment.h"
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

// The experiment, its data and what both come to: what every part of a cost is made from.
struct CostQuestion {
    const ResolvedExperiment& resolved;
    const DataReport& data;
    const std::vector<BlockInfo>& tree;
    const std::vector<Work>& works; // of the phases

    [[nodiscard]] const TrainSettings& train() const { return resolved.experiment.train; }
    [[nodiscard]] const FreezePlan& plan() const { return resolved.plan; }
    [[nodiscard]] double elementBytes() const {
        return static_cast<double>(c10::elementSize(typeOf(resolved.precision)));
    }
    // Of a picture, against one of the size that the blocks are described for.
    [[nodiscard]] double area() const {
        const double size = resolved.preprocess.imageSize;
        const double described = findBackbone(resolved.experiment.model.backbone).imageSize;
        return size * size / (described * described);
    }
};

void addCache(Cost& cost, const CostQuestion& of) {
    const Experiment& experiment = of.resolved.experiment;
    const auto backbone = buildBackbone(findBackbone(experiment.model.backbone), 2);
    const std::vector<Stage> stages = backbone->stages();
    for (std::size_t i = 0; i < of.plan().phases().size(); ++i) {
        const FreezePlan::Phase& phase = of.plan().phases()[i];
        const std::size_t cut = phase.firstTrainedStage;
        CacheQuestion question{.cut = cut,
                               .epochs = epochsOf(phase, experiment.train.epochs),
                               .trainPictures = of.data.trainSamples,
                               .validationPictures = of.data.validationSamples,
                               .mostBytes = cacheRoomBytes()};
        if (cut > 0) {
            question.rowBytes =
                static_cast<std::uint64_t>(rowElements(of.tree, stages, cut, of.area()) * of.elementBytes());
            question.secondsPerPicture = secondsPerFrozenPicture(experiment, cut, of.resolved.preprocess.imageSize);
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

void addMemory(Cost& cost, const CostQuestion& of) {
    Activations greatest;
    for (const Work& work : of.works) {
        greatest.kept = std::max(greatest.kept, work.activations.kept);
        greatest.largest = std::max(greatest.largest, work.activations.largest);
    }
    // The largest output is there three times at once: a layer's input, its output and a converted copy.
    const double elements = greatest.kept + 3 * greatest.largest;
    cost.activationBytes = static_cast<std::uint64_t>(elements * of.elementBytes() * of.area() * of.train().batchSize);
    // With gradients, and what Insight keeps: how trained parameters began and how they were before a step.
    cost.modelBytes = static_cast<std::uint64_t>(cost.parameters + 3 * cost.trainableParameters) * 4;
    cost.optimizerBytes = static_cast<std::uint64_t>(cost.trainableParameters) * 4 *
                          static_cast<std::uint64_t>(findOptimizer(of.train().optimizer).stateValues);
    cost.peakBytes = (of.resolved.device.id != "cpu" ? kContextBytes : kProgramBytes) + cost.activationBytes +
                     cost.modelBytes + cost.optimizerBytes;
}

void addDisk(Cost& cost, const CostQuestion& of) {
    cost.checkpointBytes = static_cast<std::uint64_t>(cost.parameters) * 4 + cost.optimizerBytes;
    const std::uint64_t record = recordBytes(cost.steps, of.train().epochs, of.data.validationSamples);
    cost.diskBytes = 3 * cost.checkpointBytes + record;
    cost.diskFinalBytes = 2 * cost.checkpointBytes + record;
}

void addTime(Cost& cost, const CostQuestion& of, const std::vector<FreezeOutcome>& outcomes) {
    const ResolvedExperiment& here = of.resolved;
    const std::string &backbone = here.experiment.model.backbone, &preset = here.experiment.freeze.preset;
    const int size = here.preprocess.imageSize;
    // What was measured with this preset is the speed of its last phase; other phases follow from their arithmetic.
    const auto remembered = rememberedSpeed(here.device, backbone, preset, size);
    cost.speedMeasured = remembered.has_value();
    const double lastFlops = of.works.back().flops * of.area();
    const double ofAll = here.device.id != "cpu" ? here.world.size : 1; // ranks of a CPU share its cores
    const double flopsPerSecond =
        remembered.value_or(guessedSpeed(here.device, here.precision, lastFlops)) * lastFlops * ofAll;
    const auto secondsOf = [&](double flops) { return flops * of.area() / flopsPerSecond; }; // of one picture
    const auto together = double(std::min<std::int64_t>(cost.effectiveBatch, of.data.trainSamples));
    const double forward = secondsOf(workOf(of.tree, of.tree.size()).flops);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const double picture = secondsOf(of.works[i].flops);
        PhaseCost phase{.fromEpoch = outcomes[i].fromEpoch,
                        .trainableParameters = outcomes[i].trainableParameters,
                        .stepSeconds = picture * together};
        phase.seconds = epochsOf(of.plan().phases()[i], of.train().epochs) *
                        (picture * double(of.data.trainSamples) + forward * double(of.data.validationSamples));
        cost.seconds += phase.seconds;
        cost.phases.push_back(phase);
    }
    cost.samplesPerSecond = 1 / secondsOf(of.works.back().flops);
    cost.stepSecondsAll = secondsOf(workOf(of.tree, 0).flops) * together;
    addCache(cost, of);
    cost.startSeconds = startSeconds(here.device, backbone, preset, size);
    cost.seconds += cost.startSeconds;
}

} // namespace

Cost estimateCost(const Experiment& experiment, const DataReport& data) {
    const TrainSettings& train = experiment.train;
    const int classes = std::max(1, static_cast<int>(data.classes.size()));
    const DeviceInfo device = deviceOf(experiment);
    const World ranks{.size = static_cast<int>(rankDevices(experiment.devices.use, devices().size() - 1).size())};
    const ResolvedExperiment here = resolved(experiment, classes, device, ranks);
    const std::vector<BlockInfo> tree = blockTree(experiment.model.backbone, classes);
    const std::vector<FreezeOutcome> outcomes =
        resolveFreeze(experiment.freeze, train.epochs, experiment.model.backbone, classes);
    std::vector<Work> works;
    for (const FreezePlan::Phase& phase : here.plan.phases())
        works.push_back(workOf(tree, phase.firstTrainedStage));

    const EpochPlan epochs = planEpochs(here, here.plan, data.trainSamples);
    Cost cost{.effectiveBatch = std::int64_t{train.batchSize} * train.accumulate * ranks.size,
              .stepsPerEpoch = epochs.stepsPerEpoch,
              .steps = epochs.steps(),
              .deviceBytes = device.totalBytes,
              .deviceFreeBytes = device.freeBytes,
              .neverTrained = neverTrained(here.plan, layoutOf(experiment.model.backbone, classes)),
              .device = device.id,
              .precision = std::string(nameOf(here.precision))};
    for (const BlockInfo& stage : tree)
        cost.parameters += stage.parameters;
    for (const FreezeOutcome& outcome : outcomes)
        cost.trainableParameters = std::max(cost.trainableParameters, outcome.trainableParameters);
    const CostQuestion question{here, data, tree, works};
    addMemory(cost, question);
    addDisk(cost, question);
    addTime(cost, question, outcomes);
    return cost;
}

double measuredSpeed(const Experiment& experiment) {
    const BackboneInfo& info = findBackbone(experiment.model.backbone);
    const int size = preprocessOf(experiment).imageSize;
    return rememberedSpeed(deviceOf(experiment), info.name, experiment.freeze.preset, size).value_or(0);
}

} // namespace engine
