// What ranks tell of themselves, and what whoever looks makes of it.
#include "engine/runs/rankpulse.h"
#include "tests/runs/runbench.h"

#include <QTest>

#include <cmath>
#include <fstream>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

// A made-up rank: what it would tell after so much time in its activities.
struct Told {
    RankState state;
    explicit Told(int rank) {
        state.rank = rank;
        state.device = "cuda:" + std::to_string(rank);
    }
    Told& does(RankActivity activity, double seconds) {
        state.activity = activity;
        state.seconds.at(static_cast<std::size_t>(activity)) += seconds;
        ++state.beat;
        return *this;
    }
    Told& steps(std::int64_t count) {
        state.step += count;
        return *this;
    }
};

// Looks at made-up ranks as time goes by.
struct Bench {
    RankWatch watch;
    RankWatch::Clock::time_point now;
    std::vector<Told> ranks;
    explicit Bench(int count) {
        for (int rank = 0; rank < count; ++rank)
            ranks.emplace_back(rank);
        look(0s);
    }
    void look(std::chrono::duration<double> passed) {
        now += std::chrono::duration_cast<RankWatch::Clock::duration>(passed);
        std::vector<RankState> states;
        for (const Told& rank : ranks)
            states.push_back(rank.state);
        watch.look(states, now);
    }
};

} // namespace

class TestRankWatch final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void aRankTellsWhatItDoes() {
        const fs::path run = newRun();
        {
            RankPulse pulse(run, 3, [](RankState& state) {
                state.usedBytes = 1.5e9;
                state.celsius = 40;
            });
            pulse.setDevice("cuda:3");
            QCOMPARE(int(pulse.enter(RankActivity::WaitingForData)), int(RankActivity::Starting));
            pulse.stepDone(11);
            QTRY_VERIFY(!readRanks(run).empty() && readRanks(run).front().step == 11);
            const RankState told = readRanks(run).front();
            QCOMPARE(told.rank, 3);
            QCOMPARE(told.device, std::string("cuda:3"));
            QVERIFY(told.activity == RankActivity::WaitingForData);
            QCOMPARE(told.usedBytes, 1.5e9);
            QCOMPARE(told.celsius, 40.0);
            // It goes on by itself, and the time in what it does grows.
            QTRY_VERIFY(readRanks(run).front().beat > told.beat);
            const auto data = static_cast<std::size_t>(RankActivity::WaitingForData);
            QTRY_VERIFY(readRanks(run).front().seconds.at(data) > told.seconds.at(data));
            QCOMPARE(readRanks(run).front().seconds.at(static_cast<std::size_t>(RankActivity::Computing)), 0.0);
        }
        QVERIFY(readRanks(run).front().activity == RankActivity::Ended);
    }

    void anActivityLastsAsLongAsItsScope() {
        const fs::path run = newRun();
        RankPulse pulse(run, 0);
        pulse.enter(RankActivity::Computing);
        {
            const RankDoes waits(&pulse, RankActivity::Communicating);
            QTRY_VERIFY(!readRanks(run).empty() && readRanks(run).front().activity == RankActivity::Communicating);
        }
        QTRY_VERIFY(readRanks(run).front().activity == RankActivity::Computing);
        const RankDoes nothing(nullptr, RankActivity::Saving); // a rank alone has no pulse
    }

    void ranksAreReadByNumberAndForgotten() {
        const fs::path run = newRun();
        QVERIFY(readRanks(run).empty());
        for (const int rank : {10, 2, 0})
            RankPulse(run, rank).stepDone(rank);
        std::ofstream(run / "ranks/rank-1.pulse.json") << "{\"rank\": 1"; // half written by a full disk
        std::ofstream(run / "ranks/rank-4.json") << "{}";                 // something else
        std::vector<int> numbers;
        for (const RankState& state : readRanks(run))
            numbers.push_back(state.rank);
        QCOMPARE(numbers, (std::vector{0, 2, 10}));
        forgetRanks(run, 2);
        QCOMPARE(readRanks(run).size(), 1U);
        QCOMPARE(readRanks(run).front().rank, 0);
    }

    void aSilentRankIsNamedWithWhatItWasIn() {
        Bench bench(3);
        for (int second = 1; second <= 6; ++second) {
            for (const int rank : {0, 2})
                bench.ranks[std::size_t(rank)].does(RankActivity::Communicating, 1);
            if (second == 1)
                bench.ranks[1].does(RankActivity::Saving, 1).steps(7);
            bench.look(1s);
            if (second < 6)
                QVERIFY(!bench.watch.trouble());
        }
        const auto trouble = bench.watch.trouble();
        QVERIFY(trouble && trouble->kind == RankTrouble::Kind::Silent);
        QCOMPARE(trouble->rank, 1);
        QCOMPARE(trouble->words,
                 std::string("Rank 1 (cuda:1) has not answered for 5 s; it was writing a checkpoint at step 7."));
        QCOMPARE(bench.watch.lanes()[1].slices.back().silent, 1.0);
        // It answers again.
        bench.ranks[1].does(RankActivity::Computing, 1);
        bench.look(1s);
        QVERIFY(!bench.watch.trouble());
    }

    // A disk or a network that hangs for all says nothing of one of them.
    void whereNobodyAnswersNobodyIsNamed() {
        Bench bench(2);
        for (int second = 0; second < 20; ++second)
            bench.look(1s);
        QVERIFY(!bench.watch.trouble());
        for (Told& rank : bench.ranks)
            rank.does(RankActivity::Ended, 1);
        for (int second = 0; second < 20; ++second)
            bench.look(1s);
        QVERIFY(!bench.watch.trouble()); // over
        QVERIFY(bench.watch.lanes()[0].silentSeconds < 1);
    }

    void aRankThatAllOthersWaitForIsNamed() {
        Bench bench(3);
        for (int second = 1; second <= 10; ++second) {
            bench.ranks[0].does(RankActivity::WaitingForData, 1);
            bench.ranks[1].does(RankActivity::Communicating, 1);
            bench.ranks[2].does(RankActivity::Communicating, 1);
            bench.look(1s);
            QCOMPARE(bench.watch.trouble().has_value(), second >= 9);
        }
        const auto trouble = bench.watch.trouble();
        QVERIFY(trouble->kind == RankTrouble::Kind::Late);
        QCOMPARE(trouble->words,
                 std::string("Rank 0 (cuda:0) has been waiting for data at step 0 for 9 s; the others wait for it."));
        // One that writes a checkpoint is waited for as it must be.
        bench.ranks[0].does(RankActivity::Saving, 1);
        bench.look(1s);
        QVERIFY(!bench.watch.trouble());
        // Two that are not there yet are two, and nobody's fault.
        bench.ranks[0].does(RankActivity::Computing, 1);
        bench.ranks[1].does(RankActivity::Computing, 1);
        bench.ranks[2].does(RankActivity::Communicating, 20);
        bench.look(20s);
        QVERIFY(!bench.watch.trouble());
    }

    void aSlowerRankIsSaidToBeLateByItsOwnWork() {
        Bench bench(4);
        for (int second = 1; second <= 5; ++second) {
            for (Told& rank : bench.ranks) {
                const double own = rank.state.rank == 2 ? 0.9 : 0.3; // of a second's two steps
                rank.does(RankActivity::Communicating, 1 - own).does(RankActivity::Computing, own).steps(2);
            }
            bench.look(1s);
        }
        const auto& lanes = bench.watch.lanes();
        QVERIFY(std::abs(lanes[2].lateSeconds - 0.3) < 1e-9);
        QVERIFY(std::abs(lanes[2].secondsPerStep - 0.45) < 1e-9);
        for (const std::size_t rank : {0U, 1U, 3U}) {
            QVERIFY(std::isnan(lanes[rank].lateSeconds));
            QVERIFY(std::abs(lanes[rank].communicationShare - 0.7) < 1e-9);
        }
        QVERIFY(!bench.watch.trouble());
    }

    void theLaneShowsTheLastMinuteAsShares() {
        Bench bench(2);
        for (int second = 1; second <= 90; ++second) {
            for (Told& rank : bench.ranks)
                rank.does(RankActivity::WaitingForData, 0.25)
                    .does(RankActivity::Computing, 0.5)
                    .does(RankActivity::Validating, 0.25)
                    .steps(1);
            bench.look(1s);
        }
        const auto& lane = bench.watch.lanes()[1];
        QCOMPARE(lane.slices.size(), 61U);
        QVERIFY(std::abs(lane.slices.front().at - 60) < 1e-9);
        QVERIFY(lane.slices.back().at == 0);
        for (const auto& slice : lane.slices) {
            QVERIFY(std::abs(slice.data - 0.25) < 1e-9 && std::abs(slice.computing - 0.5) < 1e-9);
            QVERIFY(std::abs(slice.other - 0.25) < 1e-9 && slice.communicating == 0 && slice.silent == 0);
        }
        QVERIFY(std::abs(lane.dataShare - 0.25) < 1e-9);
    }

    void aProcessThatBeganAnewIsNoSilentOne() {
        Bench bench(2);
        for (int second = 0; second < 4; ++second) {
            for (Told& rank : bench.ranks)
                rank.does(RankActivity::Computing, 1).steps(1);
            bench.look(1s);
        }
        bench.look(4s);
        for (Told& rank : bench.ranks) {
            rank = Told(rank.state.rank);
            rank.does(RankActivity::Starting, 0.1);
        }
        bench.look(1s);
        QVERIFY(!bench.watch.trouble());
        QVERIFY(bench.watch.lanes()[0].silentSeconds < 1);
        QVERIFY(bench.watch.lanes()[0].slices.size() <= 1);
        // Another number of ranks begins anew as well.
        bench.ranks.emplace_back(2);
        bench.look(1s);
        QCOMPARE(bench.watch.lanes().size(), 3U);
    }
};

QTEST_GUILESS_MAIN(TestRankWatch)
#include "tst_rankwatch.moc"
