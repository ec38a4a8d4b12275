// What a training is said to cost: guessed on a machine where nothing was measured, remembered afterwards.
#include "engine/api/estimate.h"
#include "engine/api/train.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <optional>
#include <sys/statfs.h>
#include <sys/statvfs.h>

using namespace engine;

namespace {
std::uint64_t g_freeBytes = 0; // of every disk; 0: as it is
} // namespace

// What std::filesystem::space asks.
extern "C" int statvfs(const char* path, struct statvfs* answer) noexcept {
    struct statfs disk {};
    if (statfs(path, &disk) != 0)
        return -1;
    *answer = {};
    answer->f_bsize = answer->f_frsize = g_freeBytes > 0 ? 1 : static_cast<unsigned long>(disk.f_bsize);
    answer->f_blocks = disk.f_blocks;
    answer->f_bfree = answer->f_bavail = g_freeBytes > 0 ? g_freeBytes : disk.f_bavail;
    return 0;
}

class TestEstimate final : public QObject {
    Q_OBJECT

    QTemporaryDir m_cache;

    static DataReport report() {
        DataReport data;
        data.classes.resize(2);
        data.trainSamples = 24;
        data.validationSamples = 8;
        return data;
    }

private Q_SLOTS:
    void initTestCase() { qputenv("THAW_CACHE", m_cache.path().toUtf8()); }

    void aGuessKnowsNumberFormatAndWork() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        const Cost whole = estimateCost(experiment, report());
        QVERIFY(!whole.speedMeasured);
        QCOMPARE(measuredSpeed(experiment), 0.0);
        QVERIFY(whole.samplesPerSecond > 0 && whole.seconds > whole.startSeconds && whole.startSeconds > 0);
        experiment.train.precision = "bf16";
        QVERIFY(estimateCost(experiment, report()).samplesPerSecond > whole.samplesPerSecond);
        experiment.freeze.preset = "head-only";
        experiment.train.precision = "fp32";
        QVERIFY(estimateCost(experiment, report()).samplesPerSecond > whole.samplesPerSecond);
        experiment.data.imageSize = 224;
        QVERIFY(estimateCost(experiment, report()).samplesPerSecond < whole.samplesPerSecond);
    }
    void aTrainingIsRemembered() {
        const tests::Project project;
        const Experiment experiment = project.experiment();
        const Cost before = estimateCost(experiment, report());
        RunControl control;
        const RunSummary summary = train(createRun(experiment, project.runs()), control);
        const Cost after = estimateCost(experiment, report());
        QVERIFY(after.speedMeasured);
        QVERIFY(std::abs(after.samplesPerSecond - measuredSpeed(experiment)) < 1e-6 * after.samplesPerSecond);
        QVERIFY(after.startSeconds != before.startSeconds);
        QVERIFY(after.startSeconds > 0 && after.startSeconds < summary.seconds);
        // Of another size nothing is known.
        Experiment larger = experiment;
        larger.data.imageSize = 96;
        QVERIFY(!estimateCost(larger, report()).speedMeasured);
    }
    // A finished run has one or two checkpoints; while one is replaced there are up to three.
    void theDiskIsTooSmallOnlyWhereNoCheckpointFits() {
        const tests::Project project;
        const Experiment experiment = project.experiment();
        const Cost cost = estimateCost(experiment, report());
        RunControl control;
        const auto run = createRun(experiment, project.runs());
        (void)train(run, control);
        std::uint64_t finished = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(run))
            if (entry.is_regular_file() && !entry.is_symlink())
                finished += entry.file_size();
        QVERIFY(finished >= cost.checkpointBytes && finished <= cost.diskFinalBytes + 200'000);
        QVERIFY(cost.diskFinalBytes < cost.diskBytes);

        const auto severity = [&](std::uint64_t freeBytes) {
            g_freeBytes = freeBytes;
            std::optional<Severity> found;
            for (const Finding& finding : examine(experiment, report()))
                if (finding.key == "experiment.name")
                    found = finding.severity;
            g_freeBytes = 0;
            return found;
        };
        QVERIFY(severity(cost.checkpointBytes / 2) == Severity::Problem);
        QVERIFY(severity(finished + finished / 10) == Severity::Warning);
        QVERIFY(!severity(cost.diskBytes));
    }

    void stepsAreCountedAsTheTrainingTakesThem() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.accumulate = 2; // three batches: a step of two and one of one
        const Cost cost = estimateCost(experiment, report());
        QCOMPARE(cost.effectiveBatch, std::int64_t(16));
        QCOMPARE(cost.stepsPerEpoch, std::int64_t(2));
        QCOMPARE(cost.steps, std::int64_t(4));
    }
    void aTrialMeasuresWhatNothingIsKnownOf() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.data.imageSize = 64;
        experiment.freeze.preset = "head-only";
        QCOMPARE(measuredSpeed(experiment), 0.0);
        const double guessedStart = estimateCost(experiment, report()).startSeconds;
        QVERIFY(measureSpeed(experiment, {}));
        const double tried = measuredSpeed(experiment);
        const Cost cost = estimateCost(experiment, report());
        QVERIFY(cost.speedMeasured);
        QVERIFY(cost.startSeconds > 0 && cost.startSeconds != guessedStart);
        QVERIFY(!measureSpeed(experiment, {})); // it is known now
        QCOMPARE(measuredSpeed(experiment), tried);
        RunControl control;
        (void)train(createRun(experiment, project.runs()), control);
        QVERIFY2(measuredSpeed(experiment) / tried < 5 && tried / measuredSpeed(experiment) < 5, // of the same kind
                 qPrintable(QStringLiteral("%1 tried, %2 trained").arg(tried).arg(measuredSpeed(experiment))));
    }
    void aTrialThatIsStoppedOrFailsSaysNothing() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.data.imageSize = 72;
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!measureSpeed(experiment, stop.get_token()));
        experiment.data.path = project.path() / "nowhere";
        QVERIFY(!measureSpeed(experiment, {}));
        QCOMPARE(measuredSpeed(experiment), 0.0);
    }
    void aDamagedBookIsNoFailure() {
        const tests::Project project;
        QFile book(m_cache.filePath(QStringLiteral("speed.json")));
        QVERIFY(book.open(QFile::WriteOnly) && book.write("{\"squeezenet1_1|none|48\": tru") > 0);
        book.close();
        QVERIFY(!estimateCost(project.experiment(), report()).speedMeasured);
    }
};

QTEST_GUILESS_MAIN(TestEstimate)
#include "tst_estimate.moc"
