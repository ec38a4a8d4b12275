#include "engine/api/error.h"
#include "engine/api/plan.h"
#include "engine/distributed/gradientsync.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace engine {
namespace {

constexpr double kGiga = 1e9, kMicro = 1e-6;

int nodesOf(int ranks, const Cluster& cluster) { return (ranks + cluster.gpusPerNode - 1) / cluster.gpusPerNode; }

void require(bool good, const char* what, const char* remedy) {
    if (!good)
        throw Error(ErrorKind::BadInput, what, remedy);
}

} // namespace

AllReduceTime allReduceTime(std::int64_t bytes, int ranks, const Cluster& cluster) {
    if (ranks < 2 || bytes <= 0)
        return {};
    const double bandwidth =
        kGiga * (nodesOf(ranks, cluster) > 1 ? std::min(cluster.networkGigabytes, cluster.linkGigabytes)
                                             : cluster.linkGigabytes);
    const double latency = kMicro * cluster.latencyMicroseconds, size = static_cast<double>(bytes), n = ranks;
    const double ring = 2 * (n - 1) / n * size / bandwidth + 2 * (n - 1) * latency;
    const double tree = 2 * size / bandwidth + 2 * double(std::bit_width(static_cast<unsigned>(ranks - 1))) * latency;
    return ring <= tree ? AllReduceTime{ring, PlanRow::Algorithm::Ring} : AllReduceTime{tree, PlanRow::Algorithm::Tree};
}

PlanRow planRow(const StepFacts& facts, const Cluster& cluster, int ranks) {
    PlanRow row{.ranks = ranks, .nodes = nodesOf(ranks, cluster), .memoryBytes = facts.memoryBytes};
    // The bucket that is ready last holds the first layers: nothing is left to compute behind which it could be sent.
    const std::int64_t last = std::min(facts.bucketBytes, facts.gradientBytes), before = facts.gradientBytes - last;
    const std::int64_t full = facts.bucketBytes > 0 ? before / facts.bucketBytes : 0;
    const AllReduceTime ofFull = allReduceTime(facts.bucketBytes, ranks, cluster),
                        ofRest = allReduceTime(before - full * facts.bucketBytes, ranks, cluster),
                        ofLast = allReduceTime(last, ranks, cluster);
    const double hideable = static_cast<double>(full) * ofFull.seconds + ofRest.seconds;
    row.algorithm = ofLast.algorithm;
    row.sendingSeconds = hideable + ofLast.seconds;
    row.waitingSeconds = std::max(0.0, hideable - facts.seconds * facts.backwardShare) + ofLast.seconds;
    row.stepSeconds = facts.seconds + row.waitingSeconds;
    row.efficiency = facts.seconds / row.stepSeconds;
    row.samplesPerSecond = static_cast<double>(facts.batch * ranks) / row.stepSeconds;
    row.stepsPerEpoch = (facts.samples + facts.batch * ranks - 1) / (facts.batch * ranks);
    row.epochSeconds = static_cast<double>(row.stepsPerEpoch) * row.stepSeconds;
    row.sentBytes = ranks > 1 ? static_cast<std::int64_t>(2.0 * (ranks - 1) / ranks * double(facts.gradientBytes)) : 0;
    if (facts.shardedOptimizer)
        row.memoryBytes -= facts.optimizerBytes - facts.optimizerBytes / static_cast<std::uint64_t>(ranks);
    return row;
}

std::vector<PlanRow> planFor(const StepFacts& facts, const Cluster& cluster) {
    require(cluster.nodes > 0 && cluster.gpusPerNode > 0, "A cluster has at least one node with one GPU.",
            "Give --nodes and --gpus from 1.");
    require(cluster.networkGigabytes > 0 && cluster.linkGigabytes > 0 && cluster.latencyMicroseconds >= 0,
            "A network has a bandwidth above 0 and a latency from 0.",
            "Give --network and --link in gigabytes a second, and --latency in microseconds.");
    const int most = cluster.nodes * cluster.gpusPerNode;
    std::vector<PlanRow> rows;
    for (int ranks = 1; ranks < most; ranks *= 2)
        rows.push_back(planRow(facts, cluster, ranks));
    rows.push_back(planRow(facts, cluster, most));
    return rows;
}

StepFacts stepFacts(const Experiment& experiment, const Cost& cost, double samplesPerSecond) {
    const double speed = samplesPerSecond > 0 ? samplesPerSecond : cost.samplesPerSecond;
    require(speed > 0, "Nothing says how fast one device trains this.",
            "Let it be tried with thaw estimate, or give --speed in samples a second.");
    const std::int64_t batch = std::int64_t{experiment.train.batchSize} * experiment.train.accumulate;
    const int bytes = experiment.devices.gradients == "bf16" ? 2 : 4;
    return {.seconds = static_cast<double>(batch) / speed,
            .batch = batch,
            .samples = cost.stepsPerEpoch * cost.effectiveBatch,
            .gradientBytes = cost.trainableParameters * bytes,
            .bucketBytes = GradientSync::kBucketBytes * bytes / 4,
            .memoryBytes = cost.peakBytes,
            .optimizerBytes = cost.optimizerBytes,
            .shardedOptimizer = experiment.devices.optimizer == "sharded"};
}

} // namespace engine
