// Several ranks train as one would that has their batches together. Ranks are threads here, over a fake group.
#include "engine/api/error.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/train/trainer.h"
#include "tests/support/fakeworld.h"
#include "tests/train/atstep.h"
#include "tests/train/rankruns.h"

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
void trainTogether(const fs::path& run, std::vector<Rank>& ranks) {
    tests::FakeWorld world(static_cast<int>(ranks.size()));
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < ranks.size(); ++i)
        threads.emplace_back([&, i] {
            const auto group = world.join(static_cast<int>(i));
            std::unique_ptr<Trainer> trainer;
            try {
                trainer = std::make_unique<Trainer>(run, ranks[i].control, ranks[i].progress,
                                                    std::vector<ChangedSetting>(), group.get());
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

double greatestDifference(const fs::path& one, const fs::path& other) {
    const WeightsFile a = WeightsFile::open(one / "last/model.safetensors"),
                      b = WeightsFile::open(other / "last/model.safetensors");
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

    [[nodiscard]] fs::path run(int batchSize, int accumulate = 1) const {
        Experiment experiment = tests::experimentOfRanks(project, batchSize);
        experiment.data.augmentation = "standard";
        experiment.train.epochs = 2;
        experiment.train.accumulate = accumulate;
        return createRun(experiment, project.runs());
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
        for (const Rank& rank : all)
            QVERIFY2(!rank.error && rank.summary, rank.error ? rank.error->what() : "");
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
        for (const Rank& rank : all)
            QVERIFY2(!rank.error && rank.summary, rank.error ? rank.error->what() : "");
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

    void aStopOfTheFirstRankIsOneOfAllAndAnotherNumberOfRanksGoesOn() {
        const Data data;
        const fs::path unbroken = data.run(8), run = data.run(4);
        RunControl alone;
        QVERIFY(train(unbroken, alone, nullptr).state == RunState::Finished);
        std::vector<Rank> two(2);
        AtStep stop(6, [&] { two[0].control.requestStop(); }); // 16 samples into the second epoch of four steps
        two[0].progress = &stop;
        trainTogether(run, two);
        for (const Rank& rank : two)
            QVERIFY2(!rank.error && rank.summary, rank.error ? rank.error->what() : "");
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
