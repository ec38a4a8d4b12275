// How a training would scale: the formulae by hand, and what must hold for any numbers.
#include "engine/api/plan.h"
#include "tests/support/refusal.h"

#include <QTest>

#include <cmath>

using namespace engine;
using Algorithm = PlanRow::Algorithm;

namespace {

bool near(double value, double expected) { return std::abs(value - expected) <= 1e-9 * std::abs(expected); }

constexpr std::int64_t kMiB = 1 << 20;

} // namespace

class TestScalingPlan final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAllReduceTakesWhatTheFormulaeSay() {
        const Cluster cluster{
            .nodes = 4, .gpusPerNode = 2, .networkGigabytes = 1, .linkGigabytes = 10, .latencyMicroseconds = 100};
        // Inside a node: 2 · 1/2 · 1 GB / 10 GB/s + 2 · 100 µs.
        QVERIFY(near(allReduceTime(1'000'000'000, 2, cluster).seconds, 0.1 + 0.0002));
        // Eight ranks over the network: 2 · 7/8 · 1 s + 14 · 100 µs.
        const AllReduceTime large = allReduceTime(1'000'000'000, 8, cluster);
        QVERIFY(near(large.seconds, 1.75 + 0.0014));
        QVERIFY(large.algorithm == Algorithm::Ring);
        // A small message: 2 · 1 ms + 2 · 3 · 100 µs against 1.75 ms + 1.4 ms.
        const AllReduceTime small = allReduceTime(1'000'000, 8, cluster);
        QVERIFY(near(small.seconds, 0.002 + 0.0006));
        QVERIFY(small.algorithm == Algorithm::Tree);
        QCOMPARE(allReduceTime(1'000'000, 1, cluster).seconds, 0.0);
    }

    void whatBackwardCoversIsNotWaitedFor() {
        const Cluster cluster{.gpusPerNode = 2, .linkGigabytes = 1, .latencyMicroseconds = 0};
        // Four buckets of 25 MiB, each 26.2 ms: three behind backward, the last behind nothing.
        StepFacts facts{.seconds = 0.3, .batch = 8, .samples = 100, .gradientBytes = 100 * kMiB};
        const double bucket = 25.0 * kMiB / 1e9;
        const PlanRow covered = planRow(facts, cluster, 2);
        QVERIFY(near(covered.sendingSeconds, 4 * bucket));
        QVERIFY(near(covered.waitingSeconds, bucket));
        QVERIFY(near(covered.efficiency, 0.3 / (0.3 + bucket)));
        QCOMPARE(covered.stepsPerEpoch, std::int64_t(7)); // 100 / 16
        QVERIFY(near(covered.epochSeconds, 7 * (0.3 + bucket)));
        QCOMPARE(covered.sentBytes, 100 * kMiB);
        facts.seconds = 0.03; // backward: 20 ms of three buckets' 78.6
        QVERIFY(near(planRow(facts, cluster, 2).waitingSeconds, 3 * bucket - 0.02 + bucket));
    }

    void aShardedOptimizerLeavesEachRankItsShare() {
        StepFacts facts{.seconds = 1, .memoryBytes = 1000, .optimizerBytes = 400};
        QCOMPARE(planRow(facts, {}, 4).memoryBytes, std::uint64_t(1000));
        facts.shardedOptimizer = true;
        QCOMPARE(planRow(facts, {}, 1).memoryBytes, std::uint64_t(1000));
        QCOMPARE(planRow(facts, {}, 4).memoryBytes, std::uint64_t(700));
    }

    void aPlanGoesUpToAllThatThereAre() {
        const StepFacts facts{.seconds = 0.1, .batch = 32, .samples = 1'280'000, .gradientBytes = 100 * kMiB};
        const std::vector<PlanRow> rows = planFor(facts, {.nodes = 3, .gpusPerNode = 4});
        std::vector<int> ranks, nodes;
        for (const PlanRow& row : rows) {
            ranks.push_back(row.ranks);
            nodes.push_back(row.nodes);
        }
        QCOMPARE(ranks, (std::vector<int>{1, 2, 4, 8, 12}));
        QCOMPARE(nodes, (std::vector<int>{1, 1, 1, 2, 3}));
        QCOMPARE(rows.front().efficiency, 1.0);
        for (std::size_t i = 1; i < rows.size(); ++i) {
            QVERIFY(rows[i].efficiency < rows[i - 1].efficiency);
            QVERIFY(rows[i].epochSeconds < rows[i - 1].epochSeconds);
        }
    }

    void numbersThatAreNoneAreRefused() {
        const StepFacts facts{.seconds = 1};
        QVERIFY(!tests::refusal([&] { (void)planFor(facts, {.nodes = 0}); }).empty());
        QVERIFY(!tests::refusal([&] { (void)planFor(facts, {.networkGigabytes = 0}); }).empty());
        QVERIFY(tests::refusal([&] { (void)stepFacts({}, {}); }).find("how fast") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestScalingPlan)
#include "tst_scalingplan.moc"
