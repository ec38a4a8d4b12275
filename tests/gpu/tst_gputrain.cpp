// Whole trainings on a GPU, through the engine's interface.
#include "engine/api/devices.h"
#include "engine/api/error.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>

using namespace engine;

class TestGpuTrain final : public QObject {
    Q_OBJECT

    static RunSummary trained(const std::filesystem::path& folder, int epochs = 0) {
        RunControl control;
        return train(folder, control, nullptr, epochs);
    }
    static Experiment onGpu(const tests::Project& project) {
        Experiment experiment = project.experiment();
        experiment.devices.use = {"cuda:0"};
        experiment.train.precision = "auto";
        return experiment;
    }
    static void moveTo(const std::filesystem::path& folder, const char* device) {
        Experiment experiment = readExperiment(folder / "experiment.toml");
        experiment.devices.use = {device};
        writeExperiment(experiment, folder / "experiment.toml");
    }

private Q_SLOTS:
    void initTestCase() {
        if (const std::string reason = gpuAbsenceReason(); !reason.empty())
            QSKIP(reason.c_str());
    }

    void aTrainingLearnsAndTellsOfItsDevice() {
        const tests::Project project(24, 8);
        Experiment experiment = onGpu(project);
        experiment.train.epochs = 8;
        const auto folder = createRun(experiment, project.runs());
        const RunSummary summary = trained(folder);
        QCOMPARE(summary.state, RunState::Finished);
        QCOMPARE(summary.device, std::string("cuda:0"));
        QVERIFY(summary.best.at("validation/accuracy") > 0.9);
        const RunReader reader(folder);
        QCOMPARE(static_cast<std::int64_t>(reader.series("train/loss").step.size()), summary.steps);
        QVERIFY(std::ranges::is_sorted(reader.series("train/loss").step));
        for (const char* name : {"memory/cuda:0/used_bytes", "device/cuda:0/utilisation", "device/cuda:0/temperature",
                                 "device/cuda:0/power", "throughput/samples_per_s", "step_time/forward_ms"})
            QVERIFY2(!reader.series(name).step.empty(), name);
        // Each part is told of every step, so that they can be stacked.
        for (const char* part : {"forward", "backward", "optimizer", "other"})
            QCOMPARE(reader.series(std::string("step_time/") + part + "_ms").step,
                     reader.series("step_time/data_ms").step);
        for (const char* part : {"forward", "backward", "optimizer"})
            QVERIFY(std::ranges::all_of(reader.series(std::string("step_time/") + part + "_ms").value,
                                        [](float ms) { return ms > 0; }));
        QVERIFY(reader.series("memory/cuda:0/used_bytes").value.back() > 1e6F);
        QVERIFY(reader.series("device/cuda:0/temperature").value.back() > 10);
    }
    void aRunGoesOnOnAnotherDevice() {
        const tests::Project project;
        const auto folder = createRun(onGpu(project), project.runs());
        QCOMPARE(trained(folder).epoch, 2);
        moveTo(folder, "cpu");
        QCOMPARE(trained(folder, 3).epoch, 3);
        moveTo(folder, "cuda:0");
        const RunSummary summary = trained(folder, 4);
        QCOMPARE(summary.epoch, 4);
        QCOMPARE(summary.state, RunState::Finished);
        QCOMPARE(static_cast<std::int64_t>(RunReader(folder).series("train/loss").step.size()), summary.steps);
    }
    void evaluateAndPredictSayWhatTheRunSaid() {
        const tests::Project project(24, 8);
        Experiment experiment = onGpu(project);
        experiment.train.epochs = 8;
        const auto folder = createRun(experiment, project.runs());
        const RunSummary summary = trained(folder);
        RunControl control;
        const Evaluation evaluation = evaluate(folder, {}, control);
        QCOMPARE(evaluation.samples, std::int64_t{16});
        QVERIFY(std::abs(evaluation.values.at("accuracy") - summary.best.at("validation/accuracy")) < 0.07);
        Predictor predictor = Predictor::fromRun(folder);
        const std::vector<std::filesystem::path> files = {project.path() / "data" / "val" / "light" / "101.png"};
        const auto answers = predictor.predict(files, 2);
        QVERIFY(answers.front().problem.empty());
        QCOMPARE(answers.front().top.front().label, std::string("light"));
    }
    void aBatchTooLargeForTheCardNamesASmallerOne() {
        const tests::Project project(256, 2);
        Experiment experiment = onGpu(project);
        experiment.model.backbone = "densenet121";
        experiment.data.imageSize = 1024;
        experiment.data.augmentation = "none";
        experiment.train.batchSize = 512;
        experiment.train.precision = "fp32";
        const auto folder = createRun(experiment, project.runs());
        try {
            (void)trained(folder);
            QFAIL("it fitted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::OutOfMemory);
            QVERIFY2(std::string(error.what()).find("batches of 512") != std::string::npos, error.what());
            QVERIFY2(error.remedy().find("256") != std::string::npos, error.remedy().c_str());
        }
        QCOMPARE(RunReader(folder).summary().state, RunState::Failed);
        // And the card is free for the next.
        const tests::Project small;
        QCOMPARE(trained(createRun(onGpu(small), small.runs())).state, RunState::Finished);
    }
    void aTrainingThatDivergesSaysSo() {
        const tests::Project project;
        Experiment experiment = onGpu(project);
        experiment.train.epochs = 40;
        experiment.train.optimizer = "sgd";
        experiment.train.learningRate = 100;
        experiment.train.schedule = "constant";
        const auto folder = createRun(experiment, project.runs());
        try {
            (void)trained(folder);
            QFAIL("it did not diverge");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Diverged);
        }
    }
};

QTEST_GUILESS_MAIN(TestGpuTrain)
#include "tst_gputrain.moc"
