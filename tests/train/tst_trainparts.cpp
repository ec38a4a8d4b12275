// What a training works out before and between its steps, each part by itself.
#include "engine/api/error.h"
#include "engine/train/bestkeeper.h"
#include "engine/train/epochplan.h"
#include "engine/train/freezedirector.h"
#include "engine/train/resolvedexperiment.h"

#include <QTest>

#include <limits>

using namespace engine;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Experiment experiment(int batchSize = 8, int accumulate = 1) {
    Experiment made;
    made.model.backbone = "squeezenet1_1";
    made.model.weights = "none";
    made.train.batchSize = batchSize;
    made.train.accumulate = accumulate;
    made.train.epochs = 3;
    return made;
}

DeviceInfo cpu() { return {.id = "cpu", .name = "CPU", .cores = 4}; }

EpochPlan epochs(const Experiment& made, std::int64_t samples, const World& world = {}) {
    const ResolvedExperiment here = resolved(made, 2, cpu(), world);
    return planEpochs(here, here.plan, samples);
}

Judgement judgement(double accuracy, double loss) {
    Judgement made;
    made.values = {{"accuracy", accuracy}, {"loss", loss}};
    return made;
}

// Judges the epochs of a training one after the other; says which were the best so far.
struct Training {
    BestKeeper keeper{findMetric("accuracy"), 2};
    TrainerState state;

    bool validated(double accuracy, double loss, BestKeeper::Model model = BestKeeper::Model::Finite) {
        ++state.epoch;
        return keeper.judge(judgement(accuracy, loss), model, state);
    }
};

} // namespace

class TestTrainParts final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theStepsOfAnEpochAreThoseOfItsBatches() {
        QCOMPARE(epochs(experiment(8), 24).stepsPerEpoch, std::int64_t(3));
        QCOMPARE(epochs(experiment(8), 25).stepsPerEpoch, std::int64_t(4));
        QCOMPARE(epochs(experiment(8, 2), 25).batchesPerEpoch, std::int64_t(4));
        QCOMPARE(epochs(experiment(8, 2), 25).stepsPerEpoch, std::int64_t(2));
        QCOMPARE(epochs(experiment(8, 2), 17).steps(), std::int64_t(6));
    }

    void whatIsLeftIsCountedFromTheSampleOn() {
        const EpochPlan plan = epochs(experiment(8), 25);
        QCOMPARE(plan.steps({}), std::int64_t(12));
        QCOMPARE(plan.steps({.step = 5, .epoch = 1, .samplesInEpoch = 8}), std::int64_t(12));
        // Trained with other batches until now.
        QCOMPARE(plan.steps({.step = 3, .epoch = 1, .samplesInEpoch = 20}), std::int64_t(3 + 1 + 4));
        QCOMPARE(plan.steps({.step = 12, .epoch = 3}), std::int64_t(12));
    }

    void ranksShareTheStepsOfAnEpoch() {
        const EpochPlan plan = epochs(experiment(8), 32, {.rank = 1, .size = 2});
        QCOMPARE(plan.stepsPerEpoch, std::int64_t(2));
        QCOMPARE(plan.batching.part(0, 32).begin, std::int64_t(8));
    }

    void whatNoStepCanBeMadeOfIsFound() {
        Experiment made = experiment();
        made.data.imageSize = 8;
        const ResolvedExperiment here = resolved(made, 2, cpu());
        const auto findings = epochFindings(here, here.plan, 24);
        QCOMPARE(findings.size(), std::size_t(1));
        QCOMPARE(findings.front().key, std::string("data.image_size"));
    }

    void threadsAreThoseOfTheExperimentElseTheShareOfTheMachine() {
        QCOMPARE(threadsOf({.use = {}, .threads = 3}), 3);
        const int all = threadsOf({});
        QVERIFY(all >= 1);
        QCOMPARE(threadsOf({}, {.localSize = 2}), std::max(1, all / 2));
        QCOMPARE(threadsOf({}, {.localSize = 4096}), 1);
    }

    void anAnswerIsComputedInWhatThisMachineCan() {
        TrainSettings settings;
        settings.precision = "bf16";
        const auto found = precisionFindings(settings, cpu());
        QCOMPARE(answeringPrecision(settings, cpu()), found.empty() ? Precision::BFloat16 : Precision::Float32);
        settings.precision = "fp32";
        QCOMPARE(answeringPrecision(settings, cpu()), Precision::Float32);
    }

    void anExperimentComesToTheSameForAll() {
        Experiment made = experiment();
        made.train.monitor = "loss";
        made.data.imageSize = 96;
        const ResolvedExperiment here = resolved(made, 2, cpu());
        QCOMPARE(here.monitor.name, std::string("loss"));
        QCOMPARE(here.preprocess.imageSize, 96);
        QCOMPARE(here.task->info().name, made.data.task);
        QCOMPARE(here.plan.phases().size(), std::size_t(1));
        QCOMPARE(monitorOf(experiment()).name, std::string("accuracy"));
        made.freeze.preset = "tropical";
        QVERIFY_THROWS_EXCEPTION(Error, (void)resolved(made, 2, cpu()));
    }

    void theBestIsTheBetterValueAndOfEqualOnesTheSmallerLoss() {
        Training training;
        QVERIFY(training.validated(0.5, 1.0));
        QVERIFY(!training.validated(0.4, 0.1));
        QVERIFY(training.validated(0.5, 0.9));
        QCOMPARE(training.state.bestEpoch, 3);
        QCOMPARE(training.state.improvedAt, 1); // no better value, only a smaller loss
        QVERIFY(!training.validated(0.5, 0.9));
        QVERIFY(training.validated(0.6, 2.0));
        QCOMPARE(training.state.improvedAt, 5);
    }

    void patienceIsCountedInEpochsWithoutABetterValue() {
        Training training;
        (void)training.validated(0.5, 1.0);
        (void)training.validated(0.5, 0.9);
        QVERIFY(!training.keeper.isOutOfPatience(training.state));
        (void)training.validated(0.5, 0.8);
        QVERIFY(training.keeper.isOutOfPatience(training.state));
        (void)training.validated(0.7, 0.8);
        QVERIFY(!training.keeper.isOutOfPatience(training.state));
    }

    void withoutPatienceNothingEndsEarly() {
        const BestKeeper keeper(findMetric("accuracy"), 0);
        QVERIFY(!keeper.isOutOfPatience({.epoch = 100, .improvedAt = 1}));
    }

    void aLossThatIsNoNumberIsNeverTheBest() {
        Training training;
        QVERIFY(!training.validated(1.0, kNan));
        QVERIFY(training.validated(0.1, 5.0));
        QVERIFY(!training.validated(1.0, std::numeric_limits<double>::infinity()));
        training.state.bestLoss = kNan; // as an older version kept it
        QVERIFY(training.validated(0.05, 1.0));
    }

    void aSpoiltModelIsNeverTheBest() {
        Training training;
        QVERIFY(!training.validated(0.9, 0.1, BestKeeper::Model::NotFinite));
        QVERIFY(training.validated(0.2, 0.1));
        QCOMPARE(training.state.bestEpoch, 2);
    }

    void aChangedPlanKeepsThePhasesThatHaveBegun() {
        Experiment made = experiment();
        made.freeze.preset = "none";
        const BackboneLayout& layout = layoutOf(made.model.backbone, 2);
        FreezeChange change{.fromEpoch = 2};
        change.settings.preset = "head-only";
        const FreezeSettings next = changedFreeze(made.freeze, change, 2, made.train.epochs, layout);
        const FreezePlan plan(next, made.train.epochs, layout);
        QCOMPARE(plan.phases().size(), std::size_t(2));
        QCOMPARE(plan.phases()[1].fromEpoch, 2);
        QVERIFY(plan.phases()[0].trained.size() > plan.phases()[1].trained.size());
    }
};

QTEST_GUILESS_MAIN(TestTrainParts)
#include "tst_trainparts.moc"
