// Ranks that are processes of this machine, over Gloo: they give the curve of one, and what becomes of one that dies.
#include "engine/api/error.h"
#include "engine/api/liverun.h"
#include "engine/api/rankremedy.h"
#include "engine/api/rankwatch.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "tests/train/atstep.h"
#include "tests/train/rankruns.h"

#include <QTest>

#include <cmath>
#include <csignal>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace engine;
using tests::AtStep;
using tests::curve;
using tests::greatestDifference;

namespace {

struct Data {
    tests::Project project{12, 4};

    [[nodiscard]] fs::path run(const std::vector<std::string>& devices, int batchSize, int epochs = 3) const {
        Experiment experiment = tests::experimentOfRanks(project, batchSize);
        experiment.train.epochs = epochs;
        experiment.devices.use = devices;
        return createRun(experiment, project.runs());
    }
};

// Processes whose command names this run, the rank's number with each.
std::map<int, pid_t> workersOf(const fs::path& run) {
    std::map<int, pid_t> workers;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator("/proc", code)) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos)
            continue;
        std::ifstream command(entry.path() / "cmdline"), environment(entry.path() / "environ");
        const std::string words{std::istreambuf_iterator<char>(command), {}};
        const std::string variables{std::istreambuf_iterator<char>(environment), {}};
        const auto rank = variables.find(std::string("\0RANK=", 6));
        if (words.find("worker") != std::string::npos && words.find(run.string()) != std::string::npos)
            workers[variables.starts_with("RANK=") ? std::stoi(variables.substr(5))
                                                   : std::stoi(variables.substr(rank + 6))] = std::stoi(name);
    }
    return workers;
}

} // namespace

class TestRankProcesses final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("THAW_PROGRAM", THAW_PROGRAM); }

    void processesGiveTheCurveOfOne() {
        const Data data;
        const fs::path alone = data.run({"cpu"}, 8), together = data.run({"cpu", "cpu"}, 4);
        RunControl one, two;
        QVERIFY(train(alone, one).state == RunState::Finished);
        QVERIFY(train(together, two).state == RunState::Finished);
        for (const char* series : {"train/loss", "validation/loss"})
            QVERIFY(greatestDifference(curve(alone, series), curve(together, series)) < 1e-5);
        QVERIFY(workersOf(together).empty());
        // What each told of itself stays, and one that trains alone tells nothing.
        QVERIFY(readRanks(alone).empty());
        const std::vector<RankState> ranks = readRanks(together);
        QCOMPARE(ranks.size(), 2U);
        const std::int64_t steps = RunReader(together).summary().step;
        for (const RankState& rank : ranks) {
            QVERIFY(rank.activity == RankActivity::Ended && rank.step == steps && rank.device == "cpu");
            for (const auto activity : {RankActivity::Computing, RankActivity::Communicating, RankActivity::Validating})
                QVERIFY(rank.seconds.at(static_cast<std::size_t>(activity)) > 0);
            QVERIFY(rank.usedBytes > 1e7);
        }
    }

    void aStopReachesTheRanksAndOneGoesOnAlone() {
        const Data data;
        const fs::path unbroken = data.run({"cpu"}, 8, 5), run = data.run({"cpu", "cpu"}, 4, 5);
        RunControl alone;
        QVERIFY(train(unbroken, alone).state == RunState::Finished);
        RunControl control;
        AtStep stop(6, [&] { control.requestStop(); });
        QVERIFY(train(run, control, &stop).state == RunState::Stopped);
        const std::int64_t stopped = RunReader(run).summary().step;
        QVERIFY2(stopped >= 6 && stopped < 15, qPrintable(QString::number(stopped)));
        RunControl again;
        QVERIFY(train(run, again, nullptr, {{"devices.use", "cpu"}, {"train.batch_size", "8"}}).state ==
                RunState::Finished);
        QVERIFY(greatestDifference(curve(unbroken, "train/loss"), curve(run, "train/loss")) < 1e-4);
    }

    void aRankThatIsKilledIsNamedAndTheRunGoesOn_data() {
        QTest::addColumn<int>("rank");
        QTest::addColumn<int>("signal");
        QTest::newRow("the second, killed") << 1 << int(SIGKILL);
        QTest::newRow("the first, killed") << 0 << int(SIGKILL);
        QTest::newRow("the second, halted") << 1 << int(SIGSTOP);
    }
    void aRankThatIsKilledIsNamedAndTheRunGoesOn() {
        QFETCH(int, rank);
        QFETCH(int, signal);
        const Data data;
        const fs::path undisturbed = data.run({"cpu"}, 8, 6), run = data.run({"cpu", "cpu"}, 4, 6);
        RunControl alone;
        QVERIFY(train(undisturbed, alone).state == RunState::Finished);
        RunControl control;
        std::optional<RunSummary> summary;
        std::jthread trains([&] { summary = train(run, control); });
        // Paused, so that there is a checkpoint to go on from, however fast it trains.
        QTRY_VERIFY_WITH_TIMEOUT(readProgress(run) && readProgress(run)->step > 3, 60'000);
        control.pause();
        QTRY_VERIFY_WITH_TIMEOUT(RunReader(run).summary().state == RunState::Paused, 60'000);
        const auto workers = workersOf(run);
        QCOMPARE(workers.size(), std::size_t(2));
        ::kill(workers.at(rank), signal);
        control.resume();
        trains.join();
        QVERIFY(summary && summary->state == RunState::Finished);
        QVERIFY(workersOf(run).empty());
        const std::string named = "Rank " + std::to_string(rank);
        const RunReader reader(run);
        QVERIFY(std::ranges::any_of(reader.events(), [&](const RunEvent& event) {
            return event.kind == EventKind::Warning && event.text.starts_with(named) &&
                   event.text.find("The run goes on from step") != std::string::npos;
        }));
        QVERIFY(greatestDifference(curve(undisturbed, "validation/loss"), curve(run, "validation/loss")) < 1e-4);
    }

    void whatIsAskedOfARankIsDoneAndRecorded_data() {
        QTest::addColumn<int>("remedy");
        QTest::addColumn<int>("left");
        QTest::newRow("end it") << int(RankRemedy::End) << 2;
        QTest::newRow("go on without it") << int(RankRemedy::GoOnWithout) << 1;
    }
    void whatIsAskedOfARankIsDoneAndRecorded() {
        QFETCH(int, remedy);
        QFETCH(int, left);
        const Data data;
        const fs::path run = data.run({"cpu", "cpu"}, 4, 4);
        RunControl control;
        std::optional<RunSummary> summary;
        std::jthread trains([&] { summary = train(run, control); });
        QTRY_VERIFY_WITH_TIMEOUT(readProgress(run) && readProgress(run)->step > 3, 60'000);
        control.pause();
        QTRY_VERIFY_WITH_TIMEOUT(RunReader(run).summary().state == RunState::Paused, 60'000);
        const auto told = [&run](EventKind kind, const std::string& words) {
            const RunReader reader(run);
            return std::ranges::any_of(reader.events(), [&](const RunEvent& event) {
                return event.kind == kind && event.text.find(words) != std::string::npos;
            });
        };
        askOfRanks(run, {RankRemedy::End}); // none is in trouble
        QTRY_VERIFY(told(EventKind::Refused, "No rank is in trouble"));
        askOfRanks(run, {RankRemedy::End, 7});
        QTRY_VERIFY(told(EventKind::Refused, "counted from 0 to 1"));
        askOfRanks(run, {RankRemedy::KeepWaiting, 1});
        QTRY_VERIFY(rankGuard(run) && rankGuard(run)->patienceSeconds == 330);
        QVERIFY(told(EventKind::Knob, "Rank 1 (cpu) is waited for"));
        askOfRanks(run, {static_cast<RankRemedy>(remedy), 1});
        control.resume();
        trains.join();
        QVERIFY(summary && summary->state == RunState::Finished);
        QVERIFY(!rankGuard(run));
        QVERIFY(told(EventKind::Knob, left == 2 ? "Rank 1 (cpu) is ended, as was asked." : "goes on without rank 1"));
        QVERIFY(told(EventKind::Warning, "Rank 1 was ended as was asked. The run goes on from step"));
        QCOMPARE(told(EventKind::Warning, "with 1 rank."), left == 1);
        QCOMPARE(readRanks(run).size(), left == 2 ? 2U : 0U); // one alone tells nothing
    }

    void aRunOfWhichNothingIsSavedBeginsAgain() {
        const Data data;
        const fs::path undisturbed = data.run({"cpu"}, 8), run = data.run({"cpu", "cpu"}, 4);
        RunControl alone;
        QVERIFY(train(undisturbed, alone).state == RunState::Finished);
        RunControl control;
        std::optional<RunSummary> summary;
        std::jthread trains([&] { summary = train(run, control); });
        QTRY_VERIFY_WITH_TIMEOUT(workersOf(run).size() == 2, 60'000);
        ::kill(workersOf(run).at(1), SIGKILL); // it has not read its data yet
        trains.join();
        QVERIFY(summary && summary->state == RunState::Finished);
        const RunReader reader(run);
        QVERIFY(std::ranges::any_of(reader.events(), [&](const RunEvent& event) {
            return event.kind == EventKind::Warning && event.text.starts_with("Rank 1") &&
                   event.text.ends_with("Nothing was saved yet: the run begins again.");
        }));
        QVERIFY(greatestDifference(curve(undisturbed, "train/loss"), curve(run, "train/loss")) < 1e-4);
    }

    void whatFailsOnARankIsToldInItsWords() {
        const Data data;
        const fs::path run = data.run({"cuda:0", "cuda:1"}, 4);
        RunControl control;
        try {
            (void)train(run, control);
            QSKIP("There are two GPUs here.");
        } catch (const Error& error) {
            QVERIFY2(QString::fromUtf8(error.what()).startsWith(QStringLiteral("Rank ")), error.what());
            QVERIFY2(QString::fromUtf8(error.what()).contains(QStringLiteral("is not there")), error.what());
        }
        QVERIFY(RunReader(run).summary().state == RunState::Failed);
        QVERIFY(workersOf(run).empty());
    }
};

QTEST_GUILESS_MAIN(TestRankProcesses)
#include "tst_rankprocesses.moc"
