#include "engine/api/estimate.h"

#include "engine/api/catalog.h"
#include "engine/api/devices.h"
#include "engine/data/preprocess.h"
#include "engine/models/backbone.h"
#include "engine/train/cacheplan.h"
#include "engine/train/precision.h"
#include "engine/train/speedbook.h"

#include <algorithm>
#include <set>

namespace engine {
namespace {

// Of one core, with small networks' memory traffic counted in: what trainings on ordinary processors reach.
constexpr double kFlopsPerCore = 15e9;
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

Work workOf(const std::vector<BlockInfo>& tree, const FreezeOutcome& outcome) {
    const std::set<std::string> trained(outcome.trainedBlocks.begin(), outcome.trainedBlocks.end());
    Work work;
    bool reached = false;
    for (const BlockInfo& stage : tree) {
        reached = reached || trained.contains(stage.name);
        work.flops += stage.flops * (reached ? 3 : 1);
        addLeaves(stage, reached, work.activations);
    }
    return work;
}

// A phase of the plan as the cache sees it.
struct Span {
    int epochs = 1;
    std::size_t cut = 0; // stages before the first that trains
};

Span spanOf(const std::vector<BlockInfo>& tree, const std::vector<FreezeOutcome>& phases, std::size_t i, int epochs) {
    const auto& trained = phases[i].trainedBlocks;
    Span span;
    while (span.cut < tree.size() && std::ranges::find(trained, tree[span.cut].name) == trained.end())
        ++span.cut;
    const int end = i + 1 < phases.size() ? std::min(phases[i + 1].fromEpoch, epochs + 1) : epochs + 1;
    span.epochs = std::max(0, end - phases[i].fromEpoch);
    return span;
}

// Of one picture's output behind the first `cut` stages, as the cache keeps it.
double rowElements(const std::vector<BlockInfo>& tree, const std::vector<Stage>& stages, std::size_t cut, double area) {
    const BlockInfo& last = tree[cut - 1];
    if (cut < stages.size() && stages[cut].poolsFirst)
        return static_cast<double>(last.output[0]);
    return outputElements(last) * (last.output[1] > 0 ? area : 1.0);
}

void addCache(Cost& cost, const Experiment& experiment, const DataReport& data, const std::vector<BlockInfo>& tree,
              const std::vector<FreezeOutcome>& phases, int imageSize, double area) {
    const auto backbone = buildBackbone(findBackbone(experiment.model.backbone), 2);
    const std::vector<Stage> stages = backbone->stages();
    const double elementBytes = cost.precision == "bf16" ? 2 : 4;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        const Span span = spanOf(tree, phases, i, experiment.train.epochs);
        CacheQuestion question{.cut = span.cut,
                               .epochs = span.epochs,
                               .trainPictures = data.trainSamples,
                               .validationPictures = data.validationSamples,
                               .mostBytes = cacheRoomBytes()};
        if (span.cut > 0) {
            question.rowBytes = static_cast<std::uint64_t>(rowElements(tree, stages, span.cut, area) * elementBytes);
            question.secondsPerPicture = secondsPerFrozenPicture(experiment, span.cut, imageSize);
        }
        const CachePlan plan = planCache(experiment, question);
        cost.phases.push_back({.fromEpoch = phases[i].fromEpoch,
                               .trainableParameters = phases[i].trainableParameters,
                               .cached = plan.training});
        if (cost.cacheBytes == 0 && (i == 0 || plan.bytes > 0))
            cost.cacheSentence = plan.sentence;
        cost.cacheBytes = std::max(cost.cacheBytes, plan.bytes); // it moves with the phases
        cost.cacheSavesSeconds += plan.savesSeconds;
    }
    cost.seconds = std::max(cost.seconds - cost.cacheSavesSeconds, cost.seconds / std::max(1, experiment.train.epochs));
}

} // namespace

Cost estimateCost(const Experiment& experiment, const DataReport& data) {
    const TrainSettings& train = experiment.train;
    const int classes = std::max(1, static_cast<int>(data.classes.size()));
    const BackboneInfo& info = findBackbone(experiment.model.backbone);
    const std::vector<BlockInfo> tree = blockTree(info.name, classes);
    const std::vector<FreezeOutcome> phases = resolveFreeze(experiment.freeze, train.epochs, info.name, classes);
    const DeviceInfo device = devices().front();

    Cost cost;
    cost.device = device.id;
    cost.precision = pickPrecision(train, device.bf16);
    cost.deviceBytes = device.totalBytes;
    cost.deviceFreeBytes = device.freeBytes;
    for (const BlockInfo& stage : tree)
        cost.parameters += stage.parameters;
    cost.effectiveBatch = std::int64_t{train.batchSize} * train.accumulate;
    const std::int64_t batches = (data.trainSamples + train.batchSize - 1) / std::max(1, train.batchSize);
    cost.stepsPerEpoch = (batches + train.accumulate - 1) / std::max(1, train.accumulate);
    cost.steps = cost.stepsPerEpoch * train.epochs;

    const int size = preprocessFor(info, experiment.data.imageSize).imageSize;
    const double area = double(size) * size / (double(info.imageSize) * info.imageSize);
    Work greatest;
    for (const FreezeOutcome& phase : phases) {
        cost.trainableParameters = std::max(cost.trainableParameters, phase.trainableParameters);
        const Work work = workOf(tree, phase);
        greatest.flops = std::max(greatest.flops, work.flops);
        greatest.activations.kept = std::max(greatest.activations.kept, work.activations.kept);
        greatest.activations.largest = std::max(greatest.activations.largest, work.activations.largest);
    }
    const double elementBytes = cost.precision == "bf16" ? 2 : 4;
    // The largest output is there three times at once: a layer's input, its output and a converted copy.
    const double elements = greatest.activations.kept + 3 * greatest.activations.largest;
    cost.activationBytes = static_cast<std::uint64_t>(elements * elementBytes * area * train.batchSize);
    cost.modelBytes = static_cast<std::uint64_t>(cost.parameters + cost.trainableParameters) * 4; // and gradients
    cost.optimizerBytes =
        static_cast<std::uint64_t>(cost.trainableParameters) * 4 * (train.optimizer == "adamw" ? 2 : 1);
    cost.peakBytes = kProgramBytes + cost.activationBytes + cost.modelBytes + cost.optimizerBytes;
    // Best and last are kept, and a third lies there while one of them is replaced.
    cost.diskBytes = 3 * (static_cast<std::uint64_t>(cost.parameters) * 4 + cost.optimizerBytes);

    const auto remembered = rememberedSpeed(info.name, experiment.freeze.preset, size);
    cost.samplesPerSecond = remembered.value_or(kFlopsPerCore * device.cores / (greatest.flops * area));
    const double forwardOnly = info.flops * area / std::max(1.0, greatest.flops * area);
    cost.seconds = train.epochs * (double(data.trainSamples) + forwardOnly * double(data.validationSamples)) /
                   cost.samplesPerSecond;
    addCache(cost, experiment, data, tree, phases, size, area);
    return cost;
}

} // namespace engine
