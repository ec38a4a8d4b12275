// engine::train as its callers know it: a folder in, a record out.
#include "engine/api/error.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "tests/train/atstep.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <thread>

namespace fs = std::filesystem;
using namespace engine;
using tests::AtStep;

namespace {

fs::path trained(const tests::Project& project, const Experiment& experiment) {
    const fs::path run = createRun(experiment, project.runs());
    RunControl control;
    (void)train(run, control);
    return run;
}

// Every point of a series; series of times and speeds differ from run to run and are left out.
std::map<std::string, std::vector<float>> curves(const fs::path& run) {
    RunReader reader(run);
    std::map<std::string, std::vector<float>> result;
    for (const std::string& name : reader.seriesNames())
        if (name.starts_with("train/") || name.starts_with("validation/") || name == "learning_rate")
            result[name] = reader.series(name).value;
    return result;
}

fs::path stoppedAndResumed(const tests::Project& project, const Experiment& experiment, std::int64_t stopAfter) {
    const fs::path run = createRun(experiment, project.runs());
    {
        RunControl control;
        AtStep stop(stopAfter, [&control] { control.requestStop(); });
        const RunSummary summary = train(run, control, &stop);
        if (summary.state != RunState::Stopped || summary.step < stopAfter)
            qFatal("the run did not stop");
    }
    RunControl control;
    (void)train(run, control);
    return run;
}

} // namespace

class TestTrain final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunLearnsAndLeavesItsRecord() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.epochs = 4;
        experiment.train.learningRate = 3e-4;
        const fs::path run = trained(project, experiment);
        RunReader reader(run);
        QCOMPARE(reader.summary().state, RunState::Finished);
        QCOMPARE(reader.summary().epoch, 4);
        QCOMPARE(reader.summary().step, 12);
        QCOMPARE(reader.classNames(), (std::vector<std::string>{"dark", "light"}));
        QCOMPARE(reader.series("train/loss").step.size(), std::size_t(12));
        QCOMPARE(reader.series("validation/accuracy").step, (std::vector<std::int64_t>{3, 6, 9, 12}));
        QVERIFY(reader.summary().best.contains("validation/accuracy"));
        QCOMPARE(reader.samples(4).size(), std::size_t(8));
        for (const char* series :
             {"throughput/samples_per_s", "memory/cpu/used_bytes", "step_time/data_ms", "step_time/forward_ms",
              "step_time/backward_ms", "step_time/optimizer_ms", "step_time/other_ms", "validation/accuracy/dark"})
            QVERIFY2(!reader.series(series).step.empty(), series);
        // The parts of a step are all of it: eight pictures in that time.
        const std::vector<float> speed = reader.series("throughput/samples_per_s").value;
        for (std::size_t i = 0; i < speed.size(); ++i) {
            double ms = 0;
            for (const char* part : {"data", "forward", "backward", "optimizer", "other"})
                ms += double(reader.series(fmt::format("step_time/{}_ms", part)).value[i]);
            QVERIFY2(std::abs(ms * double(speed[i]) / 8e3 - 1) < 1e-3, fmt::format("step {}: {} ms", i, ms).c_str());
        }
        for (const char* file : {"best/model.safetensors", "last/config.json", "last/optimizer.safetensors",
                                 "last/trainer_state.json", "environment.json", "experiment.toml"})
            QVERIFY2(fs::exists(run / file), file);
    }

    void sameSeedGivesTheSameSeries() {
        const tests::Project project;
        const fs::path one = trained(project, project.experiment());
        const fs::path two = trained(project, project.experiment());
        QVERIFY(curves(one) == curves(two));
        Experiment other = project.experiment();
        other.seed = 8;
        QVERIFY(curves(one) != curves(trained(project, other)));
    }

    void classesOfUnequalSizeWeighInTheLossAndThisIsSaid() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.data.leaveOut = {"train/light/10[0-8].png"}; // 12 dark ones and 3 light ones are left
        experiment.train.epochs = 1;
        experiment.train.batchSize = 15;
        const fs::path equal = trained(project, experiment);
        experiment.train.classWeights = "balanced";
        const fs::path weighed = trained(project, experiment);
        QVERIFY(curves(equal).at("train/loss") != curves(weighed).at("train/loss"));
        RunReader reader(weighed);
        const auto said = [](const RunEvent& event) {
            return event.text ==
                   "In the loss a picture counts 0.62 (dark) to 2.5 times (light), by the size of its class.";
        };
        QCOMPARE(std::ranges::count_if(reader.events(), said), 1);
    }

    void stoppedInMidEpochAndResumedEqualsUnbroken_data() {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QString>("optimizer");
        QTest::addColumn<int>("accumulate");
        QTest::addColumn<int>("stopAfter");
        QTest::newRow("everything, AdamW") << "none"
                                           << "adamw" << 1 << 4;
        QTest::newRow("head only, SGD") << "head-only"
                                        << "sgd" << 1 << 2;
        QTest::newRow("accumulating") << "none"
                                      << "adamw" << 2 << 3;
        QTest::newRow("at the end of an epoch") << "none"
                                                << "sgd" << 1 << 3;
    }
    void stoppedInMidEpochAndResumedEqualsUnbroken() {
        QFETCH(QString, preset);
        QFETCH(QString, optimizer);
        QFETCH(int, accumulate);
        QFETCH(int, stopAfter);
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.freeze.preset = preset.toStdString();
        experiment.train.optimizer = optimizer.toStdString();
        experiment.train.accumulate = accumulate;
        const fs::path unbroken = trained(project, experiment);
        const fs::path resumed = stoppedAndResumed(project, experiment, stopAfter);
        QCOMPARE(RunReader(resumed).summary().state, RunState::Finished);
        QVERIFY(curves(unbroken) == curves(resumed));
    }

    void goesOnPastThePlannedEpochs() {
        const tests::Project project;
        const fs::path run = trained(project, project.experiment());
        RunControl control;
        const RunSummary summary = train(run, control, nullptr, 3);
        QCOMPARE(summary.state, RunState::Finished);
        QCOMPARE(summary.epoch, 3);
        QCOMPARE(RunReader(run).series("train/loss").step.size(), std::size_t(9));
        QCOMPARE(readExperiment(run / "experiment.toml").train.epochs, 3);
    }

    void stopBeforeTheFirstStepCanBeResumed() {
        const tests::Project project;
        const fs::path run = createRun(project.experiment(), project.runs());
        RunControl stopped;
        stopped.requestStop();
        QCOMPARE(train(run, stopped).state, RunState::Stopped);
        RunControl control;
        QCOMPARE(train(run, control).state, RunState::Finished);
        QVERIFY(curves(run) == curves(trained(project, project.experiment())));
    }

    void pausingHoldsTheRunAndKeepsACheckpoint() {
        const tests::Project project;
        const fs::path run = createRun(project.experiment(), project.runs());
        RunControl control;
        AtStep pause(2, [&control] { control.pause(); });
        std::atomic<bool> ended = false;
        std::jthread trainer([&] {
            (void)train(run, control, &pause);
            ended = true;
        });
        QTRY_VERIFY_WITH_TIMEOUT(RunReader(run).summary().state == RunState::Paused, 60000);
        QVERIFY(!ended);
        QVERIFY(fs::exists(run / "last" / "model.safetensors"));
        control.resume();
        trainer.join();
        QCOMPARE(RunReader(run).summary().state, RunState::Finished);
        QVERIFY(curves(run) == curves(trained(project, project.experiment())));
    }

    void earlyStoppingEndsARunThatNoLongerImproves() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.epochs = 30;
        experiment.train.learningRate = 1e-9; // nothing changes: the first epoch stays the best
        experiment.train.optimizer = "sgd";
        experiment.train.earlyStoppingPatience = 2;
        const RunSummary summary = RunReader(trained(project, experiment)).summary();
        QCOMPARE(summary.state, RunState::Finished);
        QCOMPARE(summary.epoch, 3);
    }

    void aBrokenPictureIsNamedAndSkipped() {
        const tests::Project project;
        std::ofstream(project.path() / "data" / "train" / "dark" / "broken.jpg") << "no picture";
        RunReader reader(trained(project, project.experiment()));
        QCOMPARE(reader.summary().state, RunState::Finished);
        const auto warnings = std::ranges::count_if(reader.events(), [](const RunEvent& event) {
            return event.kind == EventKind::Warning && event.text.find("broken.jpg") != std::string::npos;
        });
        QCOMPARE(warnings, 1);
    }

    void divergingTrainingEndsWithARemedy() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.optimizer = "sgd";
        experiment.train.learningRate = 100;
        experiment.train.epochs = 20;
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        try {
            (void)train(run, control);
            QFAIL("training did not fail");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Diverged);
            QVERIFY(QString::fromStdString(error.remedy()).contains(QStringLiteral("learning rate")));
        }
        RunReader reader(run);
        QCOMPARE(reader.summary().state, RunState::Failed);
        QVERIFY(!reader.summary().failure.empty());
        const auto& losses = reader.series("train/loss").value; // the spikes are kept
        QVERIFY(std::ranges::any_of(losses, [](float loss) { return std::isnan(loss) || std::isinf(loss); }));
    }

    void missingDataBecomesASentenceInTheRecord() {
        const tests::Project project;
        const fs::path run = createRun(project.experiment(), project.runs());
        fs::remove_all(project.path() / "data");
        RunControl control;
        QVERIFY_EXCEPTION_THROWN((void)train(run, control), Error);
        const RunSummary summary = RunReader(run).summary();
        QCOMPARE(summary.state, RunState::Failed);
        QVERIFY(!summary.failure.empty() && !summary.remedy.empty());
    }

    void classesThatChangedSinceAreRefusedOnResume() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        const fs::path run = trained(project, experiment);
        fs::rename(project.path() / "data/train/dark", project.path() / "data/train/darker");
        fs::rename(project.path() / "data/val/dark", project.path() / "data/val/darker");
        RunControl control;
        QVERIFY_EXCEPTION_THROWN((void)train(run, control, nullptr, 5), Error);
        QVERIFY(fs::exists(run / "best" / "model.safetensors"));
    }

    // Epochs this short write no checkpoint each: the best one waits in memory.
    void theBestOfShortEpochsIsKeptThoughLaterOnesAreWorse_data() {
        QTest::addColumn<QString>("preset");
        QTest::newRow("everything trains") << "none";
        QTest::newRow("head only") << "head-only";
    }
    void theBestOfShortEpochsIsKeptThoughLaterOnesAreWorse() {
        QFETCH(QString, preset);
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.freeze.preset = preset.toStdString();
        experiment.train.epochs = 6;
        experiment.train.learningRate = 3e-4;
        // Validation pictures in each other's folders: the more is learnt, the worse it looks.
        const fs::path validation = project.path() / "data/val";
        fs::rename(validation / "dark", validation / "other");
        fs::rename(validation / "light", validation / "dark");
        fs::rename(validation / "other", validation / "light");
        const fs::path run = trained(project, experiment);
        RunReader reader(run);
        const RunSummary summary = reader.summary();
        const auto accuracy = reader.series("validation/accuracy").value;
        const auto loss = reader.series("validation/loss").value;
        QVERIFY2(accuracy.back() < summary.best.at("validation/accuracy") ||
                     loss.back() > *std::min_element(loss.begin(), loss.end()),
                 "the last epoch is the best; this test needs a worse one");
        QVERIFY(fs::read_symlink(run / "best") != fs::read_symlink(run / "last"));
        RunControl control;
        QVERIFY(std::abs(evaluate(run, {}, control).values.at("accuracy") - summary.best.at("validation/accuracy")) <
                1e-6);
    }

    void aRunThatFailsKeepsTheBestItHad() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.epochs = 4;
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        AtStep fail(7, [] { throw Error(ErrorKind::DiskFull, "The disk is full.", "Free some space."); });
        QVERIFY_EXCEPTION_THROWN((void)train(run, control, &fail), Error);
        RunReader reader(run);
        QCOMPARE(reader.summary().state, RunState::Failed);
        QCOMPARE(reader.summary().best.size() > 0, fs::exists(run / "best" / "model.safetensors"));
        RunControl again;
        QCOMPARE(train(run, again).state, RunState::Finished);
    }

    void evaluationAndPredictionUseTheBestModel() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.epochs = 3;
        const fs::path run = trained(project, experiment);
        const RunSummary summary = RunReader(run).summary();
        RunControl control;
        const Evaluation own = evaluate(run, {}, control);
        QCOMPARE(own.samples, 8);
        QVERIFY(std::abs(own.values.at("accuracy") - summary.best.at("validation/accuracy")) < 1e-6);
        QVERIFY(std::abs(own.values.at("loss") - summary.best.at("validation/loss")) < 1e-4);
        const Evaluation other = evaluate(run, project.path() / "data" / "train", control);
        QCOMPARE(other.samples, 24);

        Predictor predictor = Predictor::fromRun(run);
        const std::vector<fs::path> files = {project.path() / "data/val/dark/100.png", project.path() / "nothing.png"};
        const std::vector<Prediction> answers = predictor.predict(files, 5);
        QCOMPARE(answers[0].top.size(), std::size_t(2));
        QVERIFY(std::abs(answers[0].top[0].probability + answers[0].top[1].probability - 1) < 1e-5);
        QVERIFY(answers[1].top.empty() && !answers[1].problem.empty());
        QCOMPARE(predictor.asModelSees(files[0]).width, 48);
    }
};

QTEST_GUILESS_MAIN(TestTrain)
#include "tst_train.moc"
