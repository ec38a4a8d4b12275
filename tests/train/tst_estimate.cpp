// What a training is said to cost: guessed on a machine where nothing was measured, remembered afterwards.
#include "engine/api/estimate.h"
#include "engine/api/train.h"
#include "tests/train/pictures.h"

#include <QTest>

using namespace engine;

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
    void stepsAreCountedAsTheTrainingTakesThem() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.accumulate = 2; // three batches: a step of two and one of one
        const Cost cost = estimateCost(experiment, report());
        QCOMPARE(cost.effectiveBatch, std::int64_t(16));
        QCOMPARE(cost.stepsPerEpoch, std::int64_t(2));
        QCOMPARE(cost.steps, std::int64_t(4));
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
