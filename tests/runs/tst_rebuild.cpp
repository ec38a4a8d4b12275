// A run whose summary is damaged: what is made up from the rest.
#include "tests/runs/runbench.h"

#include <QTest>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

class TestRebuild final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void ofEqualEpochsTheRebuiltBestHasTheSmallerLoss() {
        const fs::path folder = newRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            for (const auto& [step, loss] : {std::pair(10, 0.6), {20, 0.4}, {30, 0.5}}) {
                writer.scalar("validation/accuracy", step, 0.75);
                writer.scalar("validation/loss", step, loss);
            }
            writer.finished(30);
        }
        fs::remove(folder / "summary.json");
        const RunSummary summary = RunReader(folder).summary();
        QCOMPARE(summary.bestStep, std::int64_t(20));
        QCOMPARE(summary.best.at("validation/loss"), double(0.4F));
    }

    void aDamagedSummaryIsRebuiltFromTheRest_data() {
        QTest::addColumn<QString>("damage");
        for (const char* damage : {"", "{", "[]", "{\"state\": 3}", "{\"best\": 7, \"classes\": \"x\"}", "removed"})
            QTest::addRow("“%s”", damage) << damage;
    }

    void aDamagedSummaryIsRebuiltFromTheRest() {
        QFETCH(QString, damage);
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            for (int step = 11; step <= 20; ++step)
                writer.scalar("train/loss", step, 1.0 / step);
            for (const auto& [name, step, value] : {std::tuple{"validation/accuracy", 15, 0.5},
                                                    {"validation/loss", 15, 0.4},
                                                    {"validation/accuracy", 20, 0.25},
                                                    {"validation/loss", 20, 0.6}})
                writer.scalar(name, step, value);
            writer.finished(20);
        }
        const RunSummary before = RunReader(folder).summary();
        const bool removed = damage == QStringLiteral("removed");
        if (removed)
            fs::remove(folder / "summary.json");
        else
            writeFileAtomically(folder / "summary.json", damage.toStdString());
        const auto runs = listRuns(m_runs);
        QCOMPARE(runs.size(), std::size_t(1));
        const RunSummary& run = runs.front();
        QCOMPARE(run.damage, std::string(removed ? "summary.json is missing" : "summary.json cannot be read") +
                                 "; curves and 1 checkpoint are there.");
        QVERIFY(run.state == RunState::Finished);
        QCOMPARE(run.name, before.name);
        QCOMPARE(run.id, before.id);
        QCOMPARE(run.epochs, 5); // of its experiment
        QCOMPARE(run.step, std::int64_t(20));
        QCOMPARE(run.device, std::string("cpu"));
        QCOMPARE(run.lastCheckpointStep, std::int64_t(10));
        QCOMPARE(run.bestStep, std::int64_t(15));
        QCOMPARE(run.bestEpoch, 1);
        QCOMPARE(run.epoch, 2);
        QCOMPARE(run.best.at("validation/loss"), double(0.4F));
        QCOMPARE(run.last.at("train/loss"), double(1.0F / 20));
        QVERIFY(run.startedAt > 1e9);
        QCOMPARE(RunReader(folder).classNames(), (std::vector<std::string>{"ant", "bee"}));
        QCOMPARE(findRun(before.name, m_runs), folder);
        // Whoever trains it on writes a record that is whole again.
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        QVERIFY(readRunRecord(folder).summary.damage.empty());
        QCOMPARE(readRunRecord(folder).summary.name, before.name);
    }

    void theRebuiltDeviceIsTheFirstRanks() {
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            RunStart start = twoEpochs();
            start.ranks = 2;
            writer.started(start, 10);
            writer.scalar("train/loss", 11, 1);
            writer.flush();
        }
        writeFileAtomically(folder / "summary.json", "{");
        QCOMPARE(readRunRecord(folder).summary.device, std::string("cpu"));
    }

    void theRebuiltStateIsTheLastThatWasRecorded_data() {
        QTest::addColumn<int>("state");
        QTest::newRow("stopped") << int(RunState::Stopped);
        QTest::newRow("failed") << int(RunState::Failed);
        QTest::newRow("interrupted") << int(RunState::Interrupted);
    }

    void theRebuiltStateIsTheLastThatWasRecorded() {
        QFETCH(int, state);
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            writer.scalar("train/loss", 11, 1);
            if (state == int(RunState::Stopped))
                writer.stopped(11);
            else if (state == int(RunState::Failed))
                writer.failed(Error(ErrorKind::Device, "The card is gone."), 11);
            else
                writer.flush();
        }
        writeFileAtomically(folder / "summary.json", "{");
        const RunSummary run = readRunRecord(folder).summary;
        QCOMPARE(int(run.state), state);
        QCOMPARE(run.failure, std::string(state == int(RunState::Failed) ? "The card is gone." : ""));
    }
};

QTEST_GUILESS_MAIN(TestRebuild)
#include "tst_rebuild.moc"
