// Who trains a run and who looks at it meet in its folder.
#include "engine/runs/liverun.h"
#include "tests/runs/runbench.h"

#include <QTest>

#include <cmath>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

namespace {

Progress underWay() {
    Progress progress;
    progress.phase = Phase::Validating;
    progress.epoch = 2;
    progress.epochs = 5;
    progress.step = 11;
    progress.steps = 50;
    progress.loss = 0.25;
    progress.monitor = "f1";
    progress.samplesPerSecond = 120;
    progress.leftSeconds = 30;
    progress.message = "All is well.";
    return progress;
}

} // namespace

class TestLiveRun final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void whatIsToldIsRead() {
        const fs::path run = newRun();
        const RunLock trained(run);
        QVERIFY(!readProgress(run)); // nothing is told yet
        FolderProgress told(run, nullptr);
        told.onProgress(underWay());
        const auto seen = readProgress(run);
        QVERIFY(seen.has_value());
        const Progress wanted = underWay();
        QVERIFY(seen->phase == wanted.phase && seen->epoch == 2 && seen->epochs == 5);
        QVERIFY(seen->step == 11 && seen->steps == 50);
        QCOMPARE(seen->loss, wanted.loss);
        QCOMPARE(seen->monitor, wanted.monitor);
        QVERIFY(std::isnan(seen->monitored)); // not known yet
        QCOMPARE(seen->samplesPerSecond, wanted.samplesPerSecond);
        QCOMPARE(seen->leftSeconds, wanted.leftSeconds);
        QCOMPARE(seen->message, wanted.message);
    }

    void steadyProgressIsToldNowAndThenAndANewPhaseAtOnce() {
        const fs::path run = newRun();
        const RunLock trained(run);
        FolderProgress told(run, nullptr);
        Progress progress = underWay();
        progress.message.clear();
        told.onProgress(progress);
        progress.step = 12;
        told.onProgress(progress);
        QCOMPARE(readProgress(run)->step, std::int64_t(11));
        progress.phase = Phase::Saving;
        told.onProgress(progress);
        QCOMPARE(readProgress(run)->step, std::int64_t(12));
    }

    void whatAKilledTrainingToldIsOfNoUse() {
        const fs::path run = newRun();
        auto trained = std::make_unique<RunLock>(run);
        FolderProgress told(run, nullptr);
        told.onProgress(underWay());
        trained.reset();
        QVERIFY(fs::exists(run / "progress.json"));
        QVERIFY(!readProgress(run));
    }

    void damagedProgressIsNone() {
        const fs::path run = newRun();
        const RunLock trained(run);
        writeFileAtomically(run / "progress.json", "{\"phase\": ");
        QVERIFY(!readProgress(run));
    }

    void whatIsAskedIsDoneOnce() {
        const fs::path run = newRun();
        const RunLock trained(run);
        RunControl control;
        const CommandListener listener(run, control);
        sendCommand(run, RunCommand::Pause);
        QTRY_VERIFY(control.paused());
        QTRY_VERIFY(!fs::exists(run / "command.json"));
        sendCommand(run, RunCommand::Resume);
        QTRY_VERIFY(!control.paused());
        QVERIFY(!control.stopRequested());
        sendCommand(run, RunCommand::Stop);
        QTRY_VERIFY(control.stopRequested());
    }

    void whatWasAskedBeforeCountsForNothing() {
        const fs::path run = newRun();
        const RunLock trained(run);
        sendCommand(run, RunCommand::Stop);
        RunControl control;
        const CommandListener listener(run, control);
        QVERIFY(!fs::exists(run / "command.json"));
        sendCommand(run, RunCommand::Pause);
        QTRY_VERIFY(control.paused());
        QVERIFY(!control.stopRequested());
    }

    void nobodyIsAskedWhereNobodyTrains() {
        const fs::path run = newRun();
        const auto error = errorOf([&] { sendCommand(run, RunCommand::Pause); });
        QVERIFY(error && error->kind() == ErrorKind::BadInput && !error->remedy().empty());
        QVERIFY(!fs::exists(run / "command.json"));
    }

    void commandsHaveNames() {
        for (const RunCommand command : {RunCommand::Pause, RunCommand::Resume, RunCommand::Stop})
            QVERIFY(runCommandOf(runCommandName(command)) == command);
        QVERIFY(!runCommandOf("explode"));
    }
};

QTEST_APPLESS_MAIN(TestLiveRun)
#include "tst_liverun.moc"
