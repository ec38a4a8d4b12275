// Several ranks train as one would that has their batches together. Ranks are threads here, over a fake group.
#include "engine/api/error.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/train/trainer.h"
#include "tests/support/fakeworld.h"
#include "tests/train/atstep.h"
#include "tests/train/rankruns.h"

#include <QImage>
#include <QTest>

#include <cmath>
#include <map>
#include <thread>

namespace fs = std::filesystem;
using namespace engine;
using tests::AtStep;
using tests::curve;
using tests::greatestDifference;

namespace {

struct Rank {
    RunControl control;
    ProgressSink* progress = nullptr;
    Trainer::StepHook hook;
    std::map<std::int64_t, StepRequest> asks; // behind so many steps
    std::optional<RunSummary> summary;
    std::optional<Error> error;
};

// Trains the run with so many ranks, each in a thread.
void trainTogether(const fs::path& run, std::vector<Rank>& ranks, const std::vector<ChangedSetting>& changes = {}) {
    tests::FakeWorld world(static_cast<int>(ranks.size()));
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < ranks.size(); ++i)
        threads.emplace_back([&, i] {
            const auto group = world.join(static_cast<int>(i));
            std::unique_ptr<Trainer> trainer;
            try {
                trainer = std::make_unique<Trainer>(run, ranks[i].control, ranks[i].progress, changes, group.get());
                trainer->afterEachStep([&](Backbone& backbone, std::int64_t step) {
                    if (ranks[i].hook)
                        ranks[i].hook(backbone, step);
                    if (const auto ask = ranks[i].asks.find(step); ask != ranks[i].asks.end())
                        trainer->requests().add(ask->second);
                });
                ranks[i].summary = trainer->run();
            } catch (const Error& error) {
                ranks[i].error = trainer ? trainer->fail(error) : error;
            }
        });
}

// Empty: all ranks came to their end.
std::string troubleOf(const std::vector<Rank>& ranks) {
    for (const Rank& rank : ranks)
        if (rank.error || !rank.summary)
            return rank.error ? rank.error->what() : "It ended without a summary.";
    return {};
}

double greatestDifference(const fs::path& one, const fs::path& other, const char* file = "last/model.safetensors") {
    const WeightsFile a = WeightsFile::open(one / file), b = WeightsFile::open(other / file);
    if (a.tensors().size() != b.tensors().size())
        return INFINITY;
    double greatest = 0;
    for (const StoredTensor& tensor : a.tensors()) {
        const StoredTensor* twin = b.find(tensor.name);
        if (twin == nullptr || twin->bytes != tensor.bytes)
            return INFINITY;
        const auto *left = reinterpret_cast<const float*>(tensor.data),
                   *right = reinterpret_cast<const float*>(twin->data);
        if (tensor.dtype == DType::Float32)
            for (std::size_t i = 0; i < tensor.bytes / sizeof(float); ++i)
                greatest = std::max(greatest, double(std::abs(left[i] - right[i])));
    }
    return greatest;
}

// 26 pictures to train with, one of which is none, and 8 to validate with.
struct Data {
    tests::Project project{13, 4};
    Data() { writeFileAtomically(project.path() / "data/train/dark/105.png", "no picture"); }

    [[nodiscard]] Experiment experiment(int batchSize) const {
        Experiment experiment = tests::experimentOfRanks(project, batchSize);
        experiment.data.augmentation = "standard";
        experiment.train.epochs = 2;
        return experiment;
    }
    [[nodiscard]] fs::path run(const Experiment& experiment) const { return createRun(experiment, project.runs()); }
    [[nodiscard]] fs::path run(int batchSize, int accumulate = 1) const {
        Experiment experiment = this->experiment(batchSize);
        experiment.train.accumulate = accumulate;
        return run(experiment);
    }
    // A network with BatchNorm, with pictures that differ: of those that are alike its gradients are next to nothing,
    // and their last bits count.
    [[nodiscard]] fs::path normalised(int batchSize, const std::string& batchNorm, const std::string& backbone) const {
        Experiment experiment = this->experiment(batchSize);
        experiment.model.backbone = backbone;
        experiment.devices.batchNorm = batchNorm;
        experiment.data.imageSize = 64;
        experiment.data.augmentation = "none";
        experiment.train.learningRate = 1e-5;
        return run(experiment);
    }
    void drawPatches() const {
        unsigned state = 1;
        for (const auto& entry : fs::recursive_directory_iterator(project.path() / "data")) {
            if (entry.path().extension() != ".png")
                continue;
            QImage patches(8, 8, QImage::Format_RGB888);
            for (int y = 0; y < patches.height(); ++y)
                for (int x = 0; x < patches.width(); ++x) {
                    state = state * 1664525U + 1013904223U;
                    patches.setPixelColor(x, y,
                                          QColor(int(state >> 24), int(state >> 16 & 255), int(state >> 8 & 255)));
                }
            QVERIFY(patches.scaled(64, 64).save(QString::fromStdString(entry.path().string())));
        }
    }
    // One that thaws, so that parameters move to other ranks on the way.
    [[nodiscard]] fs::path thawing(int batchSize, const std::string& optimizer, const std::string& state) const {
        Experiment experiment = this->experiment(batchSize);
        experiment.train.optimizer = optimizer;
        experiment.train.epochs = 3;
        experiment.freeze.preset = "by-hand";
        experiment.freeze.phases = {
            {.fromEpoch = 1, .train = {"head"}},
            {.fromEpoch = 2, .train = {"head", "norm", "blocks.1*"}, .factors = {{"blocks.1*", 0.5}}}};
        experiment.devices.optimizer = state;
        return run(experiment);
    }
};

} // namespace

class TestRanks final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // The first is asked; all set it with the same step, else their parameters part.
    void whatIsSetMeanwhileAllSetWithTheSameStep() {
        const Data data;
        const fs::path alone = data.run(8), together = data.run(4);
        const std::vector<ChangedSetting> settings{
            {"train.learning_rate", "0.02"}, {"train.weight_decay", "0.3"}, {"data.augmentation", "none"}};
        Knobs knobs;
        setKnobs(knobs, readExperiment(alone / "experiment.toml"), settings, 2);
        writeKnobs(knobs, alone);
        RunControl control;
        QVERIFY(train(alone, control, nullptr).state == RunState::Finished);
        std::vector<Rank> all(2);
        all[0].asks = {{2, {StepRequest::Kind::Set, settings}}, {5, {StepRequest::Kind::StopAfterEpoch}}};
        trainTogether(together, all);
        QCOMPARE(troubleOf(all), std::string());
        QVERIFY(readKnobs(together) == knobs);
        for (const char* series : {"train/loss", "validation/loss", "learning_rate"}) {
            const double difference = greatestDifference(curve(alone, series), curve(together, series));
            QVERIFY2(difference < 1e-6, qPrintable(QString::number(difference)));
        }
        QVERIFY(greatestDifference(alone, together) < 1e-5);
    }

    void ranksGiveTheCurveOfOne_data() {
        QTest::addColumn<int>("ranks");
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("accumulate");
        QTest::newRow("two ranks") << 2 << 4 << 1;
        QTest::newRow("two ranks, two batches a step") << 2 << 2 << 2;
        QTest::newRow("four ranks") << 4 << 2 << 1;
        QTest::newRow("three ranks, some without a sample of the last batch") << 3 << 8 << 1; // 26 = 24 + 2
    }
    void ranksGiveTheCurveOfOne() {
        QFETCH(int, ranks);
        QFETCH(int, batch);
        QFETCH(int, accumulate);
        const Data data;
        const fs::path alone = data.run(ranks * batch, accumulate), together = data.run(batch, accumulate);
        RunControl control;
        QVERIFY(train(alone, control, nullptr).state == RunState::Finished);
        std::vector<Rank> all(static_cast<std::size_t>(ranks));
        trainTogether(together, all);
        QCOMPARE(troubleOf(all), std::string());
        for (const char* series : {"train/loss", "train/accuracy", "validation/loss", "validation/accuracy"}) {
            const double apart = greatestDifference(curve(alone, series), curve(together, series));
            QVERIFY2(apart < 1e-6, qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(series)).arg(apart)));
        }
        const double apart = greatestDifference(alone, together);
        QVERIFY2(apart < 1e-6, qPrintable(QString::number(apart)));
        const RunSummary one = RunReader(alone).summary(), several = RunReader(together).summary();
        QCOMPARE(several.step, one.step);
        QCOMPARE(several.bestEpoch, one.bestEpoch);
        // What one rank could not read, the first one tells.
        const RunReader reader(together);
        QCOMPARE(reader.events().front().text, "on cpu, the first of " + std::to_string(ranks) + " ranks");
        QCOMPARE(std::ranges::count_if(reader.events(),
                                       [](const RunEvent& event) {
                                           return event.kind == EventKind::Warning &&
                                                  event.text.find("105.png is left out") != std::string::npos;
                                       }),
                 1);
    }

    void ranksThatShareBatchNormGiveTheCurveOfOne_data() {
        QTest::addColumn<QString>("backbone");
        QTest::addColumn<int>("ranks");
        QTest::addColumn<int>("batch");
        QTest::addColumn<qsizetype>("steps"); // that are compared
        QTest::addColumn<double>("tolerance");
        const qsizetype all = 8;
        // A processor's own kernels round in their own way, and ResNet-18's gradients are large: 2e-6 on one, 3e-5 on
        // another. Ranks that do not share it are more than 1e-3 apart.
        for (const auto& [backbone, tolerance] : {std::pair{"resnet18", 1e-4}, std::pair{"cifar_resnet20", 1e-5}}) {
            QTest::addRow("%s, two ranks", backbone) << backbone << 2 << 4 << all << tolerance;
            QTest::addRow("%s, four ranks", backbone) << backbone << 4 << 2 << all << tolerance;
        }
        // 26 = 24 + 2
        QTest::newRow("some ranks without a sample of the last batch") << "resnet18" << 3 << 8 << all << 1e-4;
        QTest::newRow("ranks with one sample of the last batch") << "resnet18" << 2 << 6 << all << 1e-4;
        // At a random place the gradients of deeper networks are far too large to take the same way twice.
        for (const char* backbone : {"regnet_y_400mf", "densenet121"})
            QTest::addRow("%s, the first step", backbone) << backbone << 2 << 4 << qsizetype(1) << 5e-5;
    }
    void ranksThatShareBatchNormGiveTheCurveOfOne() {
        QFETCH(QString, backbone);
        QFETCH(int, ranks);
        QFETCH(int, batch);
        QFETCH(qsizetype, steps);
        QFETCH(double, tolerance);
        const Data data;
        data.drawPatches();
        const std::string name = backbone.toStdString();
        const fs::path alone = data.normalised(ranks * batch, "synchronized", name),
                       together = data.normalised(batch, "synchronized", name);
        RunControl control;
        QVERIFY(train(alone, control, nullptr).state == RunState::Finished);
        std::vector<Rank> all(static_cast<std::size_t>(ranks));
        trainTogether(together, all);
        QCOMPARE(troubleOf(all), std::string());
        auto one = curve(alone, "train/loss"), several = curve(together, "train/loss");
        QCOMPARE(several.size(), one.size());
        one.resize(std::min(one.size(), static_cast<std::size_t>(steps)));
        several.resize(one.size());
        const double apart = greatestDifference(one, several);
        QVERIFY2(apart < tolerance, qPrintable(QString::number(apart)));
        if (steps > 1) {
            QVERIFY(greatestDifference(curve(alone, "validation/loss"), curve(together, "validation/loss")) <
                    tolerance);
            QVERIFY(greatestDifference(alone, together) < std::max(1e-4, 5 * tolerance));
        }
    }

    void ranksThatDoNotShareItGiveAnother() {
        const Data data;
        const fs::path alone = data.normalised(8, "per-rank", "resnet18"),
                       together = data.normalised(4, "per-rank", "resnet18");
        RunControl control;
        QVERIFY(train(alone, control, nullptr).state == RunState::Finished);
        std::vector<Rank> two(2);
        trainTogether(together, two);
        QVERIFY(greatestDifference(curve(alone, "train/loss"), curve(together, "train/loss")) > 1e-3);
    }

    void aShardedOptimizerLearnsAndSavesTheSame_data() {
        QTest::addColumn<QString>("optimizer");
        QTest::addColumn<int>("ranks");
        QTest::addColumn<double>("tolerance"); // of parameters
        QTest::newRow("AdamW, two ranks") << "adamw" << 2 << 1e-6;
        QTest::newRow("SGD, three ranks") << "sgd" << 3 << 1e-6;
        // Four gradients are added up in another order, and Adam moves a parameter whose gradient is nothing but such
        // rounding (a bias of attention's keys) as far as any other. The losses do not see it.
        QTest::newRow("Adam, four ranks") << "adam" << 4 << 1e-3;
    }
    void aShardedOptimizerLearnsAndSavesTheSame() {
        QFETCH(QString, optimizer);
        QFETCH(int, ranks);
        QFETCH(double, tolerance);
        const Data data;
        const fs::path plain = data.thawing(2, optimizer.toStdString(), "replicated"),
                       sharded = data.thawing(2, optimizer.toStdString(), "sharded");
        for (const fs::path& run : {plain, sharded}) {
            std::vector<Rank> all(static_cast<std::size_t>(ranks));
            trainTogether(run, all);
            QCOMPARE(troubleOf(all), std::string());
        }
        QVERIFY(greatestDifference(curve(plain, "train/loss"), curve(sharded, "train/loss")) < 1e-6);
        QVERIFY(greatestDifference(curve(plain, "insight/head/gradient_norm"),
                                   curve(sharded, "insight/head/gradient_norm")) < 1e-5);
        const double apart = greatestDifference(plain, sharded);
        QVERIFY2(apart < tolerance, qPrintable(QString::number(apart)));
        QVERIFY(greatestDifference(plain, sharded, "last/optimizer.safetensors") < 1e-6);
    }

    void aShardedRunGoesOnWithAnotherNumberOfRanks_data() {
        QTest::addColumn<int>("before");
        QTest::addColumn<int>("after");
        QTest::newRow("two, then one") << 2 << 1;
        QTest::newRow("two, then four") << 2 << 4;
        QTest::newRow("four, then two") << 4 << 2;
        QTest::newRow("one, then two") << 1 << 2;
    }
    void aShardedRunGoesOnWithAnotherNumberOfRanks() {
        QFETCH(int, before);
        QFETCH(int, after);
        const Data data;
        const fs::path plain = data.thawing(8 / before, "adamw", "replicated"),
                       sharded = data.thawing(8 / before, "adamw", "sharded");
        for (const fs::path& run : {plain, sharded}) {
            std::vector<Rank> first(static_cast<std::size_t>(before));
            AtStep stop(6, [&] { first[0].control.requestStop(); }); // in the second phase
            first[0].progress = &stop;
            trainTogether(run, first);
            QVERIFY(RunReader(run).summary().state == RunState::Stopped);
            std::vector<Rank> then(static_cast<std::size_t>(after));
            trainTogether(run, then, {{"train.batch_size", std::to_string(8 / after)}});
            QCOMPARE(troubleOf(then), std::string());
        }
        QVERIFY(greatestDifference(curve(plain, "train/loss"), curve(sharded, "train/loss")) < 1e-6);
        // Where a gradient is nearly zero its last bits decide the direction of Adam's step.
        QVERIFY(greatestDifference(plain, sharded) < 1e-4);
        QVERIFY(greatestDifference(plain, sharded, "last/optimizer.safetensors") < 1e-4);
    }

    void gradientsThatAreSentAsBf16AreRoundedAndNoMore() {
        const Data data;
        Experiment experiment = data.experiment(4);
        const fs::path exact = data.run(experiment);
        experiment.devices.gradients = "bf16";
        const fs::path rounded = data.run(experiment);
        for (const fs::path& run : {exact, rounded}) {
            std::vector<Rank> two(2);
            trainTogether(run, two);
            QVERIFY(two[0].summary && two[1].summary);
        }
        const double apart = greatestDifference(curve(exact, "train/loss"), curve(rounded, "train/loss"));
        QVERIFY2(apart > 0 && apart < 1e-3, qPrintable(QString::number(apart)));
    }

    void theLearningRateGrowsWithTheRanksWhereThatIsChosen() {
        const Data data;
        Experiment experiment = data.experiment(4);
        const fs::path asSet = data.run(experiment);
        experiment.devices.learningRate = "linear";
        const fs::path linear = data.run(experiment);
        for (const fs::path& run : {asSet, linear}) {
            std::vector<Rank> two(2);
            trainTogether(run, two);
            QVERIFY(two[0].summary && two[1].summary);
        }
        const auto one = curve(asSet, "learning_rate"), other = curve(linear, "learning_rate");
        QCOMPARE(other.size(), one.size());
        for (std::size_t i = 0; i < one.size(); ++i)
            QCOMPARE(other[i], 2 * one[i]);
    }

    void aStopOfTheFirstRankIsOneOfAllAndAnotherNumberOfRanksGoesOn() {
        const Data data;
        const fs::path unbroken = data.run(8), run = data.run(4);
        RunControl alone;
        QVERIFY(train(unbroken, alone, nullptr).state == RunState::Finished);
        std::vector<Rank> two(2);
        AtStep stop(6, [&] { two[0].control.requestStop(); }); // 16 samples into the second epoch of four steps
        two[0].progress = &stop;
        trainTogether(run, two);
        QCOMPARE(troubleOf(two), std::string());
        QVERIFY(RunReader(run).summary().state == RunState::Stopped);
        const std::int64_t stopped = RunReader(run).summary().step;
        QVERIFY(stopped >= 6 && stopped < 8);
        // One rank takes twice the batch in their place; its dropout and augmentation do not know it.
        RunControl control;
        QVERIFY(train(run, control, nullptr, {{"train.batch_size", "8"}}).state == RunState::Finished);
        QVERIFY(greatestDifference(curve(unbroken, "train/loss"), curve(run, "train/loss")) < 1e-6);
        QVERIFY(greatestDifference(unbroken, run) < 1e-6);
    }

    void aPauseHoldsAllRanks() {
        const Data data;
        const fs::path run = data.run(4);
        std::vector<Rank> two(2);
        AtStep pause(3, [&] { two[0].control.pause(); });
        two[0].progress = &pause;
        std::jthread trains([&] { trainTogether(run, two); });
        QTRY_VERIFY(RunReader(run).summary().state == RunState::Paused);
        two[0].control.resume();
        trains.join();
        QVERIFY(two[0].summary && two[0].summary->state == RunState::Finished);
        QVERIFY(two[1].summary && !two[1].error);
    }

    void aRankThatFailsEndsTheOthers() {
        const Data data;
        const fs::path run = data.run(4);
        std::vector<Rank> two(2);
        two[1].hook = [](Backbone&, std::int64_t step) {
            if (step == 5)
                throw Error(ErrorKind::OutOfMemory, "The second rank has no room.", {});
        };
        trainTogether(run, two);
        QVERIFY(two[1].error && two[1].error->kind() == ErrorKind::OutOfMemory);
        QVERIFY(two[0].error && two[0].error->kind() == ErrorKind::Device);
        const RunSummary summary = RunReader(run).summary();
        QVERIFY(summary.state == RunState::Failed);
        QVERIFY(summary.failure.find("The second rank has no room.") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestRanks)
#include "tst_ranks.moc"
