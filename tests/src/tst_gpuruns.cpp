// A window on a machine with GPUs, as a file tells of them: it trains several runs at once, and shows where.
#include "engine/api/parameter.h"
#include "engine/api/queue.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "src/devicewords.h"
#include "src/livewords.h"
#include "src/queuewords.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "tests/src/madeup.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace app;

namespace {

constexpr int kPatienceMs = 120'000;

const char* const kMachine = R"({"devices": [
  {"id": "cuda:0", "name": "NVIDIA H200", "total_bytes": 140000000000, "free_bytes": 139000000000, "celsius": 31, "users": []},
  {"id": "cuda:1", "name": "NVIDIA H200", "total_bytes": 140000000000, "free_bytes": 139000000000, "users": []},
  {"id": "cuda:2", "name": "NVIDIA H200", "total_bytes": 140000000000, "free_bytes": 78600000000,
   "users": [{"process": 4711, "program": "python", "user": "anna", "bytes": 61400000000}]}],
  "links": [{"between": ["cuda:0", "cuda:1"], "lanes": 18, "gigabytes_per_s": 450}]})";

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

} // namespace

class TestGpuRuns final : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    [[nodiscard]] QString runs() const { return m_folder.filePath(text("runs")); }
    // Its folder; it waits in the queue.
    [[nodiscard]] std::filesystem::path queued(const char* name, const char* device, int epochs) const {
        engine::Experiment experiment;
        experiment.name = name;
        experiment.data.path = toPath(m_folder.filePath(text("pictures")));
        experiment.data.imageSize = 32;
        experiment.data.augmentation = "none";
        experiment.model.backbone = "vit_tiny_patch16_224";
        experiment.model.weights = "none";
        experiment.freeze.preset = "none";
        experiment.train.batchSize = 4;
        experiment.train.epochs = epochs;
        engine::setParameterValue(experiment, "devices.use", device);
        experiment.devices.threads = 1;
        auto folder = engine::createRun(experiment, toPath(runs()));
        engine::addToQueue({.folder = folder});
        return folder;
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("THAW_PROGRAM", THAW_PROGRAM);
        qputenv("THAW_CACHE", m_folder.filePath(text("cache")).toUtf8());
        QFile file(m_folder.filePath(text("gpus.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(kMachine);
        file.close();
        qputenv("THAW_GPUS", file.fileName().toUtf8());
        madeup::ownSettings();
        madeup::pictures(m_folder.filePath(text("pictures")), 2, 6);
    }

    void runsOnDifferentGpusAreTrainedAtOnce() {
        const auto first = queued("long", "next:1", 100'000), second = queued("short", "next:1", 1),
                   third = queued("on the CPU", "cpu", 1);
        RunController controller;
        controller.setFolder(runs());
        RunLibrary library(controller);
        QSignalSpy started(&controller, &RunController::started), ended(&controller, &RunController::ended);
        QSignalSpy idle(&controller, &RunController::idle);
        controller.startQueue();
        QTRY_COMPARE_WITH_TIMEOUT(started.count(), 3, kPatienceMs);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kPatienceMs); // the first goes on
        const QString id = words(first.filename());
        QVERIFY(controller.trains(id) && !controller.trains(words(second.filename())));
        for (const auto& run : {second, third})
            QVERIFY(engine::RunReader(run).summary().state == engine::RunState::Finished);
        const engine::RunReader reader(second);
        QVERIFY(std::ranges::any_of(reader.events(), [](const engine::RunEvent& event) {
            return event.text == "Trains on cuda:1, which nobody used.";
        }));
        // Where it is trained is shown.
        controller.runQueue().look();
        QTRY_VERIFY(!liveQueue(controller.runQueue(), library).lanes.isEmpty());
        const auto lanes = liveQueue(controller.runQueue(), library).lanes;
        QCOMPARE(lanes.at(0).device, text("cuda:0"));
        QCOMPARE(lanes.at(0).stretches.at(0).id, id);
        QVERIFY(lanes.at(2).stretches.at(0).id.isEmpty()); // anna's
        controller.stopAll();
        QTRY_COMPARE_WITH_TIMEOUT(idle.count(), 1, kPatienceMs);
        QVERIFY(engine::RunReader(first).summary().state == engine::RunState::Stopped);
        QTRY_VERIFY(engine::whoRunsQueue(toPath(runs())).empty());
        QVERIFY(engine::queueState(toPath(runs())).running.empty());
    }
    void aRunWaitsForGpusAndTheWindowMayClose() {
        const auto many = queued("many", "next:3", 1);
        {
            RunController controller;
            controller.setFolder(runs());
            QSignalSpy started(&controller, &RunController::started);
            controller.startQueue();
            QTRY_VERIFY(!engine::whoRunsQueue(toPath(runs())).empty());
            QTRY_VERIFY(!controller.active());
            QVERIFY(!controller.queueStands()); // it is at it
            QCOMPARE(started.count(), 0);
        }
        QCOMPARE(engine::queuedRuns(toPath(runs())).size(), std::size_t(1));
        QVERIFY(engine::takeOutOfQueue(toPath(runs()), many.filename().string()));
    }
    void aRunThatFailedForARankCanGoOnWithoutIt() {
        engine::RunSummary run;
        run.folder = toPath(m_folder.filePath(text("failed")));
        QVERIFY(QDir(m_folder.path()).mkpath(text("failed/ranks")));
        for (int rank = 0; rank < 3; ++rank) {
            QFile file(m_folder.filePath(text("failed/ranks/rank-%1.pulse.json").arg(rank)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QStringLiteral("{\"rank\": %1, \"device\": \"cuda:%1\", \"activity\": \"ended\", \"step\": 4, "
                                      "\"beat\": 9, \"seconds\": []}")
                           .arg(rank)
                           .toUtf8());
        }
        engine::Experiment experiment;
        experiment.devices.use = {"all"};
        run.failure = "Rank 1 was ended by a signal (Killed) while training, at step 4.";
        QCOMPARE(devicesWithoutRank(run, experiment), text("cuda:0,cuda:2"));
        experiment.devices.use = {"next:3"};
        QCOMPARE(devicesWithoutRank(run, experiment), text("next:2"));
        run.failure = "The disk is full.";
        QVERIFY(devicesWithoutRank(run, experiment).isEmpty());
    }
    void theCardOfSuchARunOffersIt() {
        const auto folder = queued("broken", "cuda:0,cuda:9", 1); // the second is not there
        QVERIFY(engine::takeOutOfQueue(toPath(runs()), folder.filename().string()));
        engine::RunControl control;
        try {
            (void)engine::train(folder, control);
            QFAIL("it was trained");
        } catch (const engine::Error& error) {
            QVERIFY2(words(error.what()).startsWith(text("Rank 1 failed")), error.what());
        }
        const FailureWords failure = liveFailure(engine::RunReader(folder), {});
        QCOMPARE(failure.remedies,
                 QList<RemedyKind>({RemedyKind::TrainAgain, RemedyKind::FewerRanks, RemedyKind::ChangeSettings}));
        QCOMPARE(failure.failure.remedies.at(1).title, text("Restart with 1 rank"));
        QCOMPARE(failure.failure.remedies.at(1).detail, text("On cuda:0; each step has fewer pictures."));
        QVERIFY(failure.failure.why.contains(text("cuda:9 is not there")));
    }
    void setupSaysWhoUsesAGpuAndWhichAreNext() {
        const engine::GpuMachine machine = engine::lookAtGpus();
        QCOMPARE(gpuUser(machine.gpus.at(2)), text("python of anna"));
        QVERIFY(gpuUser(machine.gpus.at(0)).isEmpty());
        engine::Experiment experiment;
        experiment.devices.use = {"next:2"};
        QCOMPARE(startWords(experiment, machine), text("Now these are cuda:0 and cuda:1."));
        QCOMPARE(deviceChoice(experiment, machine).nextFree, 2);
        experiment.devices.use = {"next:3"};
        QCOMPARE(startWords(experiment, machine), text("Starts when 3 GPUs are free; 2 of 3 are."));
        experiment.devices.use = {"cuda:1"};
        QVERIFY(startWords(experiment, machine).isEmpty());
        QCOMPARE(deviceChoice(experiment, machine).nextFree, 0);
        const ui::DeviceLinks links = deviceLinks(machine);
        QCOMPARE(links.links.size(), 1);
        QCOMPARE(links.links.at(0).words, text("NVLink, 450 GB/s"));
    }
};

QTEST_MAIN(TestGpuRuns)
#include "tst_gpuruns.moc"
