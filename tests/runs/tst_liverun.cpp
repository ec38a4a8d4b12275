// Who trains a run and who looks at it meet in its folder.
#include "engine/runs/liverun.h"
#include "tests/runs/runbench.h"

#include <QTest>

#include <algorithm>
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

// That nobody has taken yet.
bool commandsWait(const fs::path& run) {
    return std::ranges::any_of(fs::directory_iterator(run), [](const fs::directory_entry& entry) {
        return entry.path().filename().string().starts_with("command");
    });
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
        StepRequests requests;
        const CommandListener listener(run, control, requests);
        sendCommand(run, RunCommand::Pause);
        QTRY_VERIFY(control.paused());
        QTRY_VERIFY(!commandsWait(run));
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
        StepRequests requests;
        const CommandListener listener(run, control, requests);
        QVERIFY(!commandsWait(run));
        sendCommand(run, RunCommand::Pause);
        QTRY_VERIFY(control.paused());
        QVERIFY(!control.stopRequested());
    }

    void severalRequestsAreAllCarriedOutInTheirOrder() {
        const fs::path run = newRun();
        const RunLock trained(run);
        RunControl control;
        StepRequests requests;
        const CommandListener listener(run, control, requests);
        sendKnobs(run, {{"train.weight_decay", "0.1"}});
        sendCommand(run, RunCommand::Checkpoint);
        sendKnobs(run, {{"train.weight_decay", "0.2"}, {"train.learning_rate", "0.5"}});
        sendCommand(run, RunCommand::StopAfterEpoch);
        sendCommand(run, RunCommand::Stop);
        QTRY_VERIFY(control.stopRequested());
        const auto asked = requestsIn(requestText(requests.take())); // as other ranks hear it
        QCOMPARE(asked.size(), std::size_t{4});
        using Kind = StepRequest::Kind;
        QVERIFY(asked[0].kind == Kind::Set && asked[0].settings.size() == 1);
        QVERIFY(asked[1].kind == Kind::Checkpoint);
        QVERIFY(asked[2].kind == Kind::Set && asked[2].settings.size() == 2);
        QCOMPARE(asked[2].settings[1].key, std::string("train.learning_rate"));
        QCOMPARE(asked[2].settings[1].value, std::string("0.5"));
        QVERIFY(asked[3].kind == Kind::StopAfterEpoch);
        QVERIFY(!requests.any());
    }

    void whatIsNoKnobAndWhatCannotBeIsRefusedBeforeAnythingIsAsked() {
        const fs::path run = newRun();
        const RunLock trained(run);
        const auto refused = [&](const char* key, const char* value) {
            const auto error = errorOf([&] { sendKnobs(run, {{"train.weight_decay", "0.1"}, {key, value}}); });
            return error && error->kind() == ErrorKind::BadInput && !error->remedy().empty() && !commandsWait(run);
        };
        QVERIFY(refused("train.learning_rate", "-1"));
        QVERIFY(refused("train.learning_rate", "fast"));
        QVERIFY(refused("data.augmentation", "wild"));
        QVERIFY(refused("train.optimizer", "sgd"));
        QVERIFY(refused("train.nonsense", "1"));
    }

    void nobodyIsAskedWhereNobodyTrains() {
        const fs::path run = newRun();
        const auto error = errorOf([&] { sendCommand(run, RunCommand::Pause); });
        QVERIFY(error && error->kind() == ErrorKind::BadInput && !error->remedy().empty());
        QVERIFY(!commandsWait(run));
    }

    void commandsHaveNames() {
        for (const RunCommand command :
             {RunCommand::Pause, RunCommand::Resume, RunCommand::Stop, RunCommand::StopAfterEpoch,
              RunCommand::GoOnAfterEpoch, RunCommand::Checkpoint})
            QVERIFY(runCommandOf(runCommandName(command)) == command);
        QVERIFY(!runCommandOf("explode"));
    }
};

QTEST_APPLESS_MAIN(TestLiveRun)
#include "tst_liverun.moc"
