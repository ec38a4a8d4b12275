// A new run from a point of another's curve.
#include "engine/api/error.h"
#include "engine/api/fork.h"
#include "engine/api/predict.h"
#include "tests/train/asking.h"

#include <QTest>

#include <algorithm>

namespace fs = std::filesystem;
using namespace engine;
using namespace tests;

namespace {

// Twelve steps, a checkpoint that stays at step 6, and knobs before and behind it.
fs::path forkable(const Project& project) {
    const fs::path run = createRun(small(project), project.runs());
    (void)trainAsking(run, {{3, {kSet, {{"train.learning_rate", "5e-4"}}}},
                            {6, {StepRequest::Kind::Checkpoint}},
                            {9, {kSet, {{"train.weight_decay", "0.3"}}}}});
    return run;
}

std::vector<float> head(std::vector<float> values, std::size_t count) {
    values.resize(std::min(values.size(), count));
    return values;
}

} // namespace

class TestFork final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itBeginsWithTheCheckpointBeforeTheStepAndSaysWhich() {
        const Project project(8, 4);
        const fs::path run = forkable(project);
        QCOMPARE(forkPoint(run, 7).step, std::int64_t(6));
        QCOMPARE(forkPoint(run, 7).epoch, 1);
        const fs::path fork = forkRun(run, 7);
        const RunReader reader(fork);
        const RunSummary& summary = reader.summary();
        QCOMPARE(summary.name, std::string("test, from step 6"));
        QVERIFY(summary.state == RunState::Stopped);
        QCOMPARE(summary.step, std::int64_t(6));
        QCOMPARE(summary.epoch, 1);
        QCOMPARE(summary.bestEpoch, 1);
        QCOMPARE(summary.lastCheckpointStep, std::int64_t(6));
        QVERIFY(summary.damage.empty());
        const auto lineage = lineageOf(fork);
        QVERIFY(lineage && lineage->run == run.filename().string() && lineage->name == "test" && lineage->step == 6);
        QVERIFY(!lineageOf(run));
        // What it has of the other's curves is the same, and nothing behind the point.
        for (const char* series : {"train/loss", "learning_rate"})
            QCOMPARE(curve(fork, series), head(curve(run, series), 6));
        QCOMPARE(curve(fork, "validation/loss"), head(curve(run, "validation/loss"), 1));
        QCOMPARE(told(fork, EventKind::Knob),
                 (std::vector<std::string>{"3 Learning rate 0.001 → 0.0005", "6 Checkpoint as asked; it is kept",
                                           "6 Forked from test at step 6"}));
        QCOMPARE(readKnobs(fork).size(), std::size_t{1});
        QVERIFY(reader.samples(1).size() == 8 && reader.samples(2).empty());
        (void)Predictor::fromRun(fork);
    }

    void goneOnWithAlikeItIsTheOtherRunBitForBit() {
        const Project project(8, 4);
        const fs::path run = forkable(project);
        const fs::path fork = forkRun(run, 6, "other way");
        (void)trainAsking(fork, {{9, {kSet, {{"train.weight_decay", "0.3"}}}}});
        QVERIFY(endOf(fork) == endOf(run));
        QCOMPARE(RunReader(fork).summary().name, std::string("other way"));
        QVERIFY(RunReader(run).summary().state == RunState::Finished); // untouched
    }

    void goneOnWithOtherwiseItsCurveJoinsWhereItForked() {
        const Project project(8, 4);
        const fs::path run = forkable(project);
        const fs::path fork = forkRun(run, 7);
        (void)trainAsking(fork, {}, -1, {{"train.epochs", "5"}});
        const RunReader reader(fork);
        const Series& loss = reader.series("train/loss");
        QCOMPARE(loss.step.size(), std::size_t{20});
        for (std::size_t i = 0; i < loss.step.size(); ++i)
            QCOMPARE(loss.step[i], static_cast<std::int64_t>(i + 1)); // no gap, none twice
        const auto before = curve(run, "train/loss"), rates = curve(fork, "learning_rate");
        QCOMPARE(head(loss.value, 7), head(before, 7)); // step 7 begins from the same parameters and pictures
        for (std::size_t i = 4; i < rates.size(); ++i)
            QVERIFY(rates[i] < rates[i - 1]);
    }

    void aRunThatIsTrainedCanBeForkedMeanwhile() {
        const Project project(8, 4);
        const fs::path run = createRun(small(project), project.runs());
        fs::path fork;
        RunControl control;
        Trainer trainer(run, control, nullptr);
        trainer.afterEachStep([&](Backbone&, std::int64_t step) {
            if (step == 2)
                trainer.requests().add({StepRequest::Kind::Checkpoint});
            if (step == 3) // within the epoch: no other checkpoint comes between
                fork = forkRun(run, 3);
        });
        (void)trainer.run();
        QCOMPARE(RunReader(fork).summary().step, std::int64_t(2));
        (void)trainAsking(fork, {});
        QVERIFY(endOf(fork) == endOf(run));
    }

    void whereNoCheckpointIsItSaysWhichThereAre() {
        const Project project(8, 4);
        const fs::path run = forkable(project);
        const auto refused = [&](const fs::path& of) -> std::string {
            try {
                (void)forkRun(of, 1);
            } catch (const Error& error) {
                return error.kind() == ErrorKind::NotFound ? error.remedy() : std::string();
            }
            return {};
        };
        QVERIFY(refused(run).find("step ") != std::string::npos);
        QVERIFY(!refused(createRun(small(project), project.runs())).empty());
        QCOMPARE(listRuns(project.runs()).size(), std::size_t{2}); // nothing was made
    }
};

QTEST_GUILESS_MAIN(TestFork)
#include "tst_fork.moc"
