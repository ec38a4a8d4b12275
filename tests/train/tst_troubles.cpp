// What goes wrong while a training runs: pictures that vanish, losses that are no numbers, names that nothing takes.
#include "engine/api/devices.h"
#include "engine/api/error.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/train/trainer.h"
#include "tests/train/atstep.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <thread>

namespace fs = std::filesystem;
using namespace engine;
using tests::AtStep;

namespace {

std::map<std::string, std::vector<float>> curves(const fs::path& run) {
    RunReader reader(run);
    std::map<std::string, std::vector<float>> result;
    for (const std::string& name : reader.seriesNames())
        if (name.starts_with("train/") || name.starts_with("validation/") || name == "learning_rate")
            result[name] = reader.series(name).value;
    return result;
}

std::map<std::string, std::string> tensors(const fs::path& run) {
    const WeightsFile file = WeightsFile::open(run / "last" / "model.safetensors");
    std::map<std::string, std::string> result;
    for (const StoredTensor& tensor : file.tensors())
        result[tensor.name] = std::string(reinterpret_cast<const char*>(tensor.data), tensor.bytes);
    return result;
}

std::vector<std::string> sentences(const fs::path& run, EventKind kind) {
    const RunReader reader(run);
    std::vector<std::string> result;
    for (const RunEvent& event : reader.events())
        if (event.kind == kind)
            result.push_back(event.text);
    return result;
}

bool anyHolds(const std::vector<std::string>& sentences, const std::string& words) {
    return std::ranges::any_of(sentences, [&](const std::string& s) { return s.find(words) != std::string::npos; });
}

fs::path trained(const tests::Project& project, const Experiment& experiment) {
    const fs::path run = createRun(experiment, project.runs());
    RunControl control;
    (void)train(run, control);
    return run;
}

// The error with which a training ends.
std::optional<Error> failureOf(const fs::path& run, ProgressSink* progress = nullptr) {
    RunControl control;
    try {
        (void)train(run, control, progress);
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

// Trains with a hand in the model after each step.
void trainTouched(const fs::path& run, const Trainer::StepHook& touch) {
    RunControl control;
    Trainer trainer(run, control, nullptr);
    trainer.afterEachStep([&](Backbone& backbone, std::int64_t done) {
        const torch::NoGradGuard noGrad;
        touch(backbone, done);
    });
    try {
        (void)trainer.run();
    } catch (const Error& error) {
        throw Error(trainer.fail(error));
    }
}

// cifar_resnet20 at its own size: BatchNorm, and a linear head by which a hand can decide every answer.
Experiment withLinearHead(const tests::Project& project) {
    Experiment experiment = project.experiment();
    experiment.model.backbone = "cifar_resnet20";
    experiment.data.imageSize = 32;
    experiment.data.augmentation = "none";
    return experiment;
}

void answerAlways(Backbone& backbone, int label) {
    at::Tensor bias = backbone.named_parameters()["linear.bias"];
    bias.fill_(-50);
    bias[label] = 50;
}

} // namespace

class TestTroubles final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void picturesThatVanishEndTheRunInAStateThatResumes_data() {
        QTest::addColumn<int>("accumulate");
        QTest::addColumn<QString>("folder");
        QTest::newRow("all") << 1 << "data";
        QTest::newRow("all, within an accumulated step") << 3 << "data";
        QTest::newRow("those to validate with") << 1 << "data/val";
    }
    void picturesThatVanishEndTheRunInAStateThatResumes() {
        QFETCH(int, accumulate);
        QFETCH(QString, folder);
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.batchSize = 2;
        experiment.train.accumulate = accumulate;
        experiment.train.epochs = 3;
        const fs::path unbroken = trained(project, experiment);
        const fs::path place = project.path() / folder.toStdString();
        const fs::path run = createRun(experiment, project.runs());
        AtStep vanish(accumulate == 1 ? 13 : 5, [&] { fs::rename(place, project.path() / "away"); });
        const auto error = failureOf(run, &vanish);
        QVERIFY(error && error->kind() == ErrorKind::DataGone);
        QVERIFY(error->remedy().starts_with("Resume the run when they are back."));
        const RunSummary summary = RunReader(run).summary();
        QCOMPARE(summary.state, RunState::Failed);
        QCOMPARE(summary.failure, fmt::format("The pictures are gone: {} cannot be read. Saved at step {}.",
                                              place.string(), summary.step));
        QCOMPARE(summary.lastCheckpointStep, summary.step);
        QCOMPARE(RunReader(run).series("validation/accuracy").step.size(), std::size_t(summary.epoch));
        const RunReader gone(run);
        for (const float loss : gone.series("validation/loss").value)
            QVERIFY(std::isfinite(loss));
        fs::rename(project.path() / "away", place);
        QVERIFY(!failureOf(run));
        QCOMPARE(RunReader(run).summary().state, RunState::Finished);
        QVERIFY(curves(run) == curves(unbroken));
        QVERIFY(tensors(run) == tensors(unbroken));
    }

    void aCacheInTheMakingThatLosesItsPicturesGoesOnLater() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.freeze.preset = "head-only";
        experiment.freeze.cache = "on";
        const fs::path run = createRun(experiment, project.runs());
        class WhileLoading final : public ProgressSink {
        public:
            explicit WhileLoading(std::function<void()> action) : m_action(std::move(action)) {}
            void onProgress(const Progress& progress) override {
                if (progress.phase == Phase::LoadingData && !progress.message.empty() && !std::exchange(m_done, true))
                    m_action();
            }

        private:
            std::function<void()> m_action;
            bool m_done = false;
        } vanish([&] { fs::rename(project.path() / "data", project.path() / "away"); });
        const auto error = failureOf(run, &vanish);
        QVERIFY(error && error->kind() == ErrorKind::DataGone);
        QVERIFY(std::string(error->what()).ends_with("Saved at step 0."));
        fs::rename(project.path() / "away", project.path() / "data");
        QVERIFY(!failureOf(run));
        QVERIFY(curves(run) == curves(trained(project, experiment)));
    }

    void anEpochWithFarFewerPicturesThanBeforeIsNone() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 6;
        const fs::path run = createRun(experiment, project.runs());
        AtStep spoil(3, [&] {
            for (const auto& entry : fs::directory_iterator(project.path() / "data/train/dark"))
                std::ofstream(entry.path()) << "no picture any more";
        });
        const auto error = failureOf(run, &spoil);
        QVERIFY(error && error->kind() == ErrorKind::DataGone);
        QVERIFY(std::string(error->what()).starts_with("Far fewer pictures can be read than before"));
        RunReader reader(run);
        QCOMPARE(reader.summary().state, RunState::Failed);
        // The pictures may be spoilt while the next epoch is read ahead, or while the last one validates.
        QVERIFY(reader.summary().epoch <= 2);
        QCOMPARE(reader.series("validation/accuracy").step.size(), std::size_t(reader.summary().epoch));
    }

    void withoutOnePictureThatCanBeReadThereIsNoEpoch_data() {
        QTest::addColumn<QString>("part");
        QTest::newRow("training") << "train";
        QTest::newRow("validation") << "val";
    }
    void withoutOnePictureThatCanBeReadThereIsNoEpoch() {
        QFETCH(QString, part);
        const tests::Project project;
        for (const auto& entry : fs::recursive_directory_iterator(project.path() / "data" / part.toStdString()))
            if (entry.is_regular_file())
                std::ofstream(entry.path()) << "no picture";
        const fs::path run = createRun(withLinearHead(project), project.runs());
        const auto error = failureOf(run);
        QVERIFY(error && error->kind() == ErrorKind::DataGone);
        QVERIFY(std::string(error->what()).starts_with("None of the "));
        RunReader reader(run);
        QCOMPARE(reader.summary().state, RunState::Failed);
        QCOMPARE(reader.summary().epoch, 0);
        QVERIFY(reader.series("validation/loss").step.empty());
        QCOMPARE(reader.summary().lastCheckpointStep, part == QLatin1String("train") ? 0 : 3);
        // Many pictures with one trouble are one line, with a count and an example.
        const std::vector<std::string> warnings = sentences(run, EventKind::Warning);
        QCOMPARE(warnings.size(), std::size_t(1));
        QVERIFY2(warnings.front().starts_with(part == QLatin1String("train") ? "24 pictures are left out, train/dark/"
                                                                             : "8 pictures are left out, val/dark/"),
                 warnings.front().c_str());
    }

    void dataWithoutAPictureToValidateWithIsRefused() {
        const tests::Project project(1, 1);
        fs::remove_all(project.path() / "data" / "val");
        const auto error = failureOf(createRun(withLinearHead(project), project.runs()));
        QVERIFY(error && error->kind() == ErrorKind::BadInput);
        QCOMPARE(std::string(error->what()), std::string("There is no picture to validate with."));
    }

    void anEpochWhoseLossIsNoNumberIsNeverTheBest() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 3;
        const fs::path run = createRun(experiment, project.runs());
        at::Tensor bias;
        trainTouched(run, [&](Backbone& backbone, std::int64_t done) { // three steps an epoch
            at::Tensor now = backbone.named_parameters()["linear.bias"];
            if (done == 3) {
                bias = now.clone();
                now[1] = std::numeric_limits<double>::quiet_NaN();
            } else if (done == 4) {
                now.copy_(bias);
            }
        });
        RunReader reader(run);
        const std::vector<float> losses = reader.series("validation/loss").value;
        QVERIFY(std::isnan(losses.at(0)) && std::isfinite(losses.at(1))); // every value is kept
        QCOMPARE(reader.summary().state, RunState::Finished);
        QVERIFY(reader.summary().bestEpoch >= 2);
        QVERIFY(std::isfinite(reader.summary().best.at("validation/loss")));
        const std::vector<std::string> epochs = sentences(run, EventKind::Epoch);
        QCOMPARE(epochs.at(0), std::string("epoch 1: the validation loss is not a number"));
        QVERIFY(epochs.at(1).ends_with(", the best so far"));
        for (const std::string& sentence : epochs)
            QVERIFY2(sentence.find("nan") == std::string::npos, sentence.c_str());
    }

    void anEpochWhoseLogitsOverflowIsNotTheBestThoughItsParametersAreNumbers() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 1;
        const fs::path run = createRun(experiment, project.runs());
        trainTouched(run, [](Backbone& backbone, std::int64_t done) {
            if (done == 3)
                backbone.named_parameters()["linear.weight"].fill_(std::numeric_limits<float>::max());
        });
        const RunReader reader(run);
        QVERIFY(std::isnan(reader.series("validation/loss").value.at(0)));
        QCOMPARE(reader.summary().bestEpoch, 0);
    }

    void aModelOfValuesThatAreNoNumbersHasNoAnswers() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 1;
        const std::vector<fs::path> files = {project.path() / "data/val/dark/100.png"};
        RunControl control;

        const fs::path spoilt = createRun(experiment, project.runs());
        trainTouched(spoilt, [](Backbone& backbone, std::int64_t) {
            backbone.named_buffers()["layer1.0.bn1.running_var"].fill_(std::numeric_limits<double>::infinity());
        });
        QVERIFY(anyHolds(sentences(spoilt, EventKind::Warning), "is spoilt: layer1.0.bn1.running_var holds values"));
        try {
            (void)Predictor::fromRun(spoilt);
            QFAIL("a spoilt model answers");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Diverged);
            QVERIFY(std::string(error.what()).find("layer1.0.bn1.running_var") != std::string::npos);
            QCOMPARE(exitCode(error.kind()), 1);
        }

        // Finite numbers, too large to compute with.
        const fs::path large = createRun(experiment, project.runs());
        trainTouched(large, [](Backbone& backbone, std::int64_t done) {
            if (done == 3)
                backbone.named_parameters()["linear.weight"].fill_(3e38);
        });
        Predictor predictor = Predictor::fromRun(large);
        const std::vector<Prediction> answers = predictor.predict(files, 2);
        QVERIFY(answers[0].top.empty() && answers[0].notANumber && !answers[0].problem.empty());
        QVERIFY(RunReader(large).summary().best.empty());
        QVERIFY_EXCEPTION_THROWN((void)evaluate(large, {}, control), Error);
    }

    void aFailureOffersNoCheckpointThatIsSpoilt() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 3;
        const fs::path run = createRun(experiment, project.runs());
        try {
            trainTouched(run, [](Backbone& backbone, std::int64_t) {
                backbone.named_parameters()["linear.bias"].fill_(std::numeric_limits<double>::quiet_NaN());
            });
            QFAIL("it did not diverge");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Diverged);
            QVERIFY(error.remedy().find("is kept") == std::string::npos);
        }
    }

    void theBestModelAnswersThoughTheLastIsAnother() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 2;
        experiment.train.learningRate = 1e-9;
        const fs::path run = createRun(experiment, project.runs());
        trainTouched(run, [](Backbone& backbone, std::int64_t done) {
            if (done <= 3) { // as wrong as the second epoch, but less sure of it
                answerAlways(backbone, 0);
                backbone.named_parameters()["linear.bias"].div_(10);
            } else {
                answerAlways(backbone, 1);
            }
        });
        const RunSummary summary = RunReader(run).summary();
        QCOMPARE(summary.bestEpoch, 1);
        Predictor predictor = Predictor::fromRun(run);
        const std::vector<fs::path> files = {project.path() / "data/val/light/100.png"};
        QCOMPARE(predictor.predict(files, 1)[0].top[0].label, std::string("dark"));
        RunControl control;
        QVERIFY(std::abs(evaluate(run, {}, control).values.at("loss") - summary.best.at("validation/loss")) < 1e-4);
    }

    void allDevicesOfAMachineWithoutAGpuAreItsCpu() {
        if (devices().size() > 1)
            QSKIP("There is a GPU here.");
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 1;
        experiment.devices.use = {"all"};
        const fs::path run = createRun(experiment, project.runs());
        QVERIFY(!failureOf(run));
        QCOMPARE(RunReader(run).summary().device, std::string("cpu"));
        QVERIFY(sentences(run, EventKind::Warning).empty());
        QVERIFY(Predictor::fromRun(run).notes().empty());
    }

    void aModelRunsElsewhereWhereItsDeviceIsNotHere() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 1;
        const fs::path run = createRun(experiment, project.runs());
        QVERIFY(!failureOf(run));
        QVERIFY(Predictor::fromRun(run).notes().empty());
        experiment.devices.use = {"cuda:99"};
        writeExperiment(experiment, run / "experiment.toml");
        const std::vector<std::string> notes = Predictor::fromRun(run).notes();
        QCOMPARE(notes.size(), std::size_t(1));
        QVERIFY2(notes[0].starts_with("The device cuda:99 is not there. The model runs on "), notes[0].c_str());
    }

    void theAccuracyOfAClassIsTheShareOfItsPictures() {
        const tests::Project project;
        fs::remove(project.path() / "data/val/light/100.png");
        Experiment experiment = withLinearHead(project);
        experiment.train.epochs = 1;
        const fs::path run = createRun(experiment, project.runs());
        trainTouched(run, [](Backbone& backbone, std::int64_t) { answerAlways(backbone, 0); });
        RunControl control;
        const Evaluation result = evaluate(run, {}, control);
        QCOMPARE(result.confusion, (std::vector<std::vector<std::int64_t>>{{4, 0}, {3, 0}})); // [true][predicted]
        QCOMPARE(result.perClass.at("accuracy"), (std::vector<double>{1, 0}));
        QCOMPARE(RunReader(run).series("validation/accuracy/dark").value, std::vector<float>{1});
        QCOMPARE(RunReader(run).series("validation/accuracy/light").value, std::vector<float>{0});
        for (const SampleResult& sample : RunReader(run).samples(1))
            QCOMPARE(sample.predicted, 0);
    }

    void everyPictureOfAStepWeighsTheSameInARun_data() {
        QTest::addColumn<int>("batchSize");
        QTest::addColumn<int>("accumulate");
        QTest::newRow("an even group") << 12 << 2;
        QTest::newRow("a short last batch") << 14 << 2;
        QTest::newRow("one picture left over") << 23 << 2;
        QTest::newRow("a group cut short") << 9 << 8;
    }
    void everyPictureOfAStepWeighsTheSameInARun() {
        QFETCH(int, batchSize);
        QFETCH(int, accumulate);
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.freeze.preset = "head-only";
        experiment.freeze.cache = "off";
        experiment.train.optimizer = "sgd";
        experiment.train.learningRate = 0.05;
        experiment.train.labelSmoothing = 0.1;
        experiment.train.epochs = 3;
        experiment.train.batchSize = 24;
        const fs::path whole = trained(project, experiment);
        experiment.train.batchSize = batchSize;
        experiment.train.accumulate = accumulate;
        const fs::path parts = trained(project, experiment);
        const auto one = WeightsFile::open(whole / "last" / "model.safetensors");
        const auto other = WeightsFile::open(parts / "last" / "model.safetensors");
        for (const char* name : {"linear.weight", "linear.bias"}) {
            const StoredTensor *a = one.find(name), *b = other.find(name);
            QVERIFY(a != nullptr && b != nullptr && a->bytes == b->bytes);
            std::vector<float> left(a->bytes / 4), right(left.size());
            std::memcpy(left.data(), a->data, a->bytes);
            std::memcpy(right.data(), b->data, b->bytes);
            for (std::size_t i = 0; i < left.size(); ++i)
                QVERIFY(std::abs(left[i] - right[i]) < 1e-6F);
        }
        const auto losses = curves(whole)["train/loss"], found = curves(parts)["train/loss"];
        QCOMPARE(found.size(), losses.size());
        for (std::size_t i = 0; i < losses.size(); ++i)
            QVERIFY2(std::abs(losses[i] - found[i]) < 1e-4F * std::max(1.0F, losses[i]),
                     fmt::format("{} {} {}", i, losses[i], found[i]).c_str());
    }

    void aStopWithinAnAccumulatedStepResumesExactly() {
        const tests::Project project;
        Experiment experiment = withLinearHead(project);
        experiment.train.batchSize = 2;
        experiment.train.accumulate = 10; // groups of 10 and 2 batches
        experiment.train.epochs = 3;
        const fs::path unbroken = trained(project, experiment);
        const fs::path run = createRun(experiment, project.runs());
        {
            // The loader is cancelled from another thread, wherever the group is.
            RunControl control;
            std::jthread other;
            AtStep stop(3, [&] { other = std::jthread([&control] { control.requestStop(); }); });
            (void)train(run, control, &stop);
        }
        RunControl control;
        (void)train(run, control);
        QVERIFY(curves(run) == curves(unbroken));
        QVERIFY(tensors(run) == tensors(unbroken));
    }

    void classesMayHaveAnyName_data() {
        QTest::addColumn<QByteArray>("dark");
        QTest::addColumn<QByteArray>("light");
        QTest::newRow("58 Cyrillic letters") << QByteArray("ж").repeated(58) << QByteArray("щ").repeated(58);
        QTest::newRow("36 Chinese characters") << QByteArray("猫").repeated(36) << QByteArray("狗").repeated(36);
        QTest::newRow("as long as the disk takes") << QByteArray(255, 'a') << QByteArray("猫").repeated(85);
        QTest::newRow("Latin-1") << QByteArray("Br\xfc"
                                               "cke")
                                 << QByteArray("Stra\xdf"
                                               "e");
        QTest::newRow("two that differ in bytes that are no text") << QByteArray("a\xe4") << QByteArray("a\xf6");
        QTest::newRow("quotes") << QByteArray("\"dark\"") << QByteArray("it's [light] = #1");
        QTest::newRow("newlines") << QByteArray("dark\none") << QByteArray("light\ttwo");
        QTest::newRow("percent and tilde") << QByteArray("%41~") << QByteArray("A~0000000000000000");
    }
    void classesMayHaveAnyName() {
        QFETCH(QByteArray, dark);
        QFETCH(QByteArray, light);
        const tests::Project project(4, 2);
        for (const char* part : {"train", "val"}) {
            const fs::path folder = project.path() / "data" / part;
            fs::rename(folder / "dark", folder / dark.toStdString());
            fs::rename(folder / "light", folder / light.toStdString());
        }
        Experiment experiment = withLinearHead(project);
        experiment.train.batchSize = 4;
        const fs::path run = createRun(experiment, project.runs());
        {
            RunControl control;
            AtStep stop(3, [&control] { control.requestStop(); });
            QCOMPARE(train(run, control, &stop).state, RunState::Stopped);
        }
        QVERIFY(!failureOf(run));
        const RunReader reader(run);
        QCOMPARE(reader.summary().state, RunState::Finished);
        std::vector<std::string> classes = {dark.toStdString(), light.toStdString()};
        std::ranges::sort(classes);
        QCOMPARE(reader.classNames(), classes);
        QVERIFY(fs::exists(run / "series" / "validation%2Faccuracy.classes"));
        for (const std::string& name : classes) {
            QCOMPARE(reader.series("validation/accuracy/" + name).step, (std::vector<std::int64_t>{2, 4}));
            QVERIFY(reader.summary().last.contains("validation/accuracy/" + name));
        }
        for (const SampleResult& sample : reader.samples(2))
            QVERIFY(fs::exists(project.path() / "data" / sample.file));
        Predictor predictor = Predictor::fromRun(run);
        QCOMPARE(predictor.classNames(), classes);
        RunControl control;
        QCOMPARE(evaluate(run, {}, control).classes, classes);
        fs::remove_all(project.path() / "data"); // Qt cannot name all of it
    }
};

QTEST_GUILESS_MAIN(TestTroubles)
#include "tst_troubles.moc"
