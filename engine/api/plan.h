#pragma once

#include "engine/api/estimate.h"

#include <cstdint>
#include <vector>

namespace engine {

// Machines that are alike. Bandwidths count one direction, and what a program gets of them.
struct Cluster {
    int nodes = 1;
    int gpusPerNode = 1;
    double networkGigabytes = 12.5;  // a second, of a node
    double linkGigabytes = 300;      // a second, of a GPU to the others of its node
    double latencyMicroseconds = 20; // of one message
};

// What decides how a training scales, of one rank alone.
struct StepFacts {
    double seconds = 0;             // of a step on one device, without any communication
    double backwardShare = 2.0 / 3; // of it, behind which gradients can be sent: as many operations as twice forward's
    std::int64_t batch = 1;         // samples of a rank's step
    std::int64_t samples = 1;       // of an epoch
    std::int64_t gradientBytes = 0; // of a step, as they are sent
    std::int64_t bucketBytes = 25 << 20;
    std::uint64_t memoryBytes = 0;    // of the device
    std::uint64_t optimizerBytes = 0; // of that, the optimizer's state
    bool shardedOptimizer = false;
};

// A training by so many ranks, which fill one node after the other.
struct PlanRow {
    int ranks = 1, nodes = 1;
    double stepSeconds = 0;
    double sendingSeconds = 0; // of all buckets' all-reduces
    double waitingSeconds = 0; // of that, not hidden behind backward
    double efficiency = 1;     // of each device, against one alone
    double samplesPerSecond = 0;
    double epochSeconds = 0;
    std::int64_t stepsPerEpoch = 0;
    std::int64_t sentBytes = 0; // by each rank in a step
    std::uint64_t memoryBytes = 0;
    enum class Algorithm { None, Ring, Tree } algorithm = Algorithm::None;
};

// Of one all-reduce of `bytes` over `ranks`: the faster of
//   ring  2 (n − 1) / n · bytes / bandwidth + 2 (n − 1) · latency      (Patarasuk and Yuan 2009)
//   tree  2 · bytes / bandwidth + 2 · ⌈log₂ n⌉ · latency               (Sanders, Speck and Träff 2009)
// where the bandwidth is that of the slowest link on the way.
struct AllReduceTime {
    double seconds = 0;
    PlanRow::Algorithm algorithm = PlanRow::Algorithm::None;
};
[[nodiscard]] AllReduceTime allReduceTime(std::int64_t bytes, int ranks, const Cluster& cluster);

[[nodiscard]] PlanRow planRow(const StepFacts& facts, const Cluster& cluster, int ranks);
// For 1, 2, 4 … ranks up to all that the cluster has. Throws Error(BadInput) where its numbers are none.
[[nodiscard]] std::vector<PlanRow> planFor(const StepFacts& facts, const Cluster& cluster);

// Of an experiment whose cost is known. `samplesPerSecond`: what one device reaches where that was measured elsewhere;
// 0: what the cost says. Throws Error(BadInput) where neither says it.
[[nodiscard]] StepFacts stepFacts(const Experiment& experiment, const Cost& cost, double samplesPerSecond = 0);

} // namespace engine
