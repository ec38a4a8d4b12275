// A training follows what is set while it runs, from the next step on, exactly, and again after a crash.
#include "engine/train/schedule.h"
#include "tests/train/asking.h"

#include <QTest>

#include <algorithm>

namespace fs = std::filesystem;
using namespace engine;
using namespace tests;

namespace {

const Asks kThree{{3, {kSet, {{"train.learning_rate", "5e-4"}, {"train.weight_decay", "0.3"}}}},
                  {6, {kSet, {{"data.augmentation", "strong"}}}}};

} // namespace

class TestKnobTraining final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLearningRateIsTheScheduleTimesTheKnob() {
        const tests::Project project(8, 4);
        const Experiment experiment = small(project);
        const fs::path run = createRun(experiment, project.runs());
        (void)trainAsking(run, kThree);
        const auto rates = tests::curve(run, "learning_rate");
        QCOMPARE(rates.size(), std::size_t{12});
        for (std::int64_t step = 0; step < 12; ++step)
            QCOMPARE(rates[static_cast<std::size_t>(step)],
                     static_cast<float>(learningRateAt(experiment.train, step, 12) * (step < 3 ? 1 : 0.5)));
        QCOMPARE(told(run, EventKind::Knob),
                 (std::vector<std::string>{"3 Learning rate 0.001 → 0.0005", "3 Weight decay 0.01 → 0.3",
                                           "6 Augmentation light → strong"}));
    }

    void picturesChangeWithTheNextStepInTheMiddleOfAnEpoch() {
        const tests::Project project(8, 4);
        const fs::path plain = createRun(small(project), project.runs());
        (void)trainAsking(plain, {});
        const fs::path run = createRun(small(project), project.runs());
        (void)trainAsking(run, {{6, {kSet, {{"data.augmentation", "none"}}}}});
        const auto before = curve(plain, "train/loss"), losses = curve(run, "train/loss");
        QVERIFY(std::equal(losses.begin(), losses.begin() + 6, before.begin()));
        QVERIFY(losses[6] != before[6]);
        QCOMPARE(losses.size(), before.size());
    }

    void whatIsSetBeforeTheFirstStepIsAsIfItHadBeenSoFromTheBeginning() {
        const tests::Project project(8, 4);
        Experiment experiment = small(project);
        const fs::path knob = createRun(experiment, project.runs());
        Knobs knobs;
        setKnobs(knobs, experiment, {{"data.augmentation", "strong"}, {"train.weight_decay", "0.3"}}, 0);
        writeKnobs(knobs, knob);
        (void)trainAsking(knob, {});
        experiment.data.augmentation = "strong";
        experiment.train.weightDecay = 0.3;
        const fs::path plain = createRun(experiment, project.runs());
        (void)trainAsking(plain, {});
        QVERIFY(endOf(knob) == endOf(plain));
    }

    // Within the first epoch: no other checkpoint comes between.
    void aRunThatDiedGoesOnWithThemBitForBit() {
        const tests::Project project(8, 4);
        Asks asks{{2, {kSet, {{"train.learning_rate", "5e-4"}, {"train.weight_decay", "0.3"}}}},
                  {2, {kSet, {{"data.augmentation", "strong"}}}}};
        const fs::path unbroken = createRun(small(project), project.runs());
        (void)trainAsking(unbroken, asks);
        const fs::path broken = createRun(small(project), project.runs());
        asks.insert({1, {StepRequest::Kind::Checkpoint}});
        QVERIFY_THROWS_EXCEPTION(Crash, (void)trainAsking(broken, asks, 3));
        QCOMPARE(findCheckpoints(broken).newest()->step, std::int64_t(1)); // before what was set
        (void)trainAsking(broken, {});
        QVERIFY(endOf(broken) == endOf(unbroken));
        QCOMPARE(told(broken, EventKind::Knob).size(), std::size_t{4}); // each once, and the checkpoint
    }

    void anotherRunRepeatsThem() {
        const tests::Project project(8, 4);
        const fs::path first = createRun(small(project), project.runs());
        (void)trainAsking(first, kThree);
        const fs::path again = createRun(readExperiment(first / "experiment.toml"), project.runs());
        repeatKnobs(first, again);
        (void)trainAsking(again, {});
        QVERIFY(endOf(again) == endOf(first));
        QCOMPARE(told(again, EventKind::Knob), told(first, EventKind::Knob));
    }

    void whatCannotBeIsRefusedAndNothingChanges() {
        const tests::Project project(8, 4);
        const fs::path plain = createRun(small(project), project.runs());
        (void)trainAsking(plain, {});
        const fs::path run = createRun(small(project), project.runs());
        (void)trainAsking(run, {{3, {kSet, {{"train.weight_decay", "0.3"}, {"train.learning_rate", "-1"}}}},
                                {4, {kSet, {{"train.optimizer", "sgd"}}}}});
        QVERIFY(endOf(run) == endOf(plain));
        QCOMPARE(told(run, EventKind::Refused).size(), std::size_t{2});
        QVERIFY(told(run, EventKind::Knob).empty());
    }

    void augmentationStaysWhereOutputsMayBeKept() {
        const tests::Project project(8, 4);
        Experiment experiment = small(project, 2);
        experiment.freeze.preset = "head-only";
        experiment.data.augmentation = "none";
        const fs::path run = createRun(experiment, project.runs());
        (void)trainAsking(run, {{2, {kSet, {{"data.augmentation", "strong"}}}}});
        QCOMPARE(told(run, EventKind::Refused).size(), std::size_t{1});
        QVERIFY(told(run, EventKind::Refused).front().find("keep outputs") != std::string::npos);
    }

    void itStopsBehindTheEpochAndGoesOnAsIfItHadNot() {
        const tests::Project project(8, 4);
        const fs::path whole = createRun(small(project), project.runs());
        (void)trainAsking(whole, {});
        const fs::path run = createRun(small(project), project.runs());
        const RunSummary stopped = trainAsking(run, {{2, {StepRequest::Kind::StopAfterEpoch}},
                                                     {3, {StepRequest::Kind::GoOnAfterEpoch}},
                                                     {5, {StepRequest::Kind::StopAfterEpoch}}});
        QVERIFY(stopped.state == RunState::Stopped);
        QCOMPARE(stopped.epoch, 2);
        QCOMPARE(stopped.step, std::int64_t(8));
        QCOMPARE(told(run, EventKind::Knob),
                 (std::vector<std::string>{"2 It stops after epoch 1", "3 It goes on after epoch 1",
                                           "5 It stops after epoch 2"}));
        QVERIFY(trainAsking(run, {}).state == RunState::Finished);
        QVERIFY(endOf(run) == endOf(whole));
    }

    void aCheckpointThatWasAskedForStays() {
        const tests::Project project(8, 4);
        const fs::path run = createRun(small(project, 5), project.runs());
        (void)trainAsking(run, {{2, {StepRequest::Kind::Checkpoint}},
                                {6, {StepRequest::Kind::Checkpoint}},
                                {9, {StepRequest::Kind::StopAfterEpoch}}});
        (void)trainAsking(run, {});
        std::vector<std::int64_t> steps;
        for (const RunCheckpoint& checkpoint : findCheckpoints(run).whole)
            steps.push_back(checkpoint.step);
        QVERIFY(std::ranges::find(steps, 2) != steps.end());
        QVERIFY(std::ranges::find(steps, 6) != steps.end());
        QVERIFY(std::ranges::find(steps, 20) != steps.end());
    }

    void trainedLongerTheRateGoesOnFromWhereItStands() {
        const tests::Project project(8, 4);
        const Experiment experiment = small(project);
        const fs::path run = createRun(experiment, project.runs());
        (void)trainAsking(run,
                          {{3, {kSet, {{"train.learning_rate", "5e-4"}}}}, {6, {StepRequest::Kind::StopAfterEpoch}}});
        (void)trainAsking(run, {}, -1, {{"train.epochs", "5"}});
        const auto rates = tests::curve(run, "learning_rate");
        QCOMPARE(rates.size(), std::size_t{20});
        QCOMPARE(rates[8], static_cast<float>(0.5 * learningRateAt(experiment.train, 8, 12)));
        for (std::size_t i = 4; i < rates.size(); ++i)
            QVERIFY(rates[i] < rates[i - 1] && rates[i] > 0); // no jump
    }
};

QTEST_GUILESS_MAIN(TestKnobTraining)
#include "tst_knobtraining.moc"
