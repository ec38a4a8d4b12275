// A sweep's runs: every combination, told apart by name.
#include "engine/api/parameter.h"
#include "engine/api/sweep.h"
#include "tests/runs/runbench.h"

#include <QTest>

using namespace engine;
using namespace tests;

class TestSweep final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void valuesStandApartByCommasOrAsRanges() {
        QCOMPARE(parseSweepAxis("train.learning_rate=1e-3, 3e-3").values, (std::vector<std::string>{"1e-3", "3e-3"}));
        QCOMPARE(parseSweepAxis("experiment.seed=7..9,12").values, (std::vector<std::string>{"7", "8", "9", "12"}));
        QCOMPARE(parseSweepAxis("freeze.preset=head-only").key, std::string("freeze.preset"));
        for (const char* wrong : {"train.epochs", "train.epochs=", "train.epochs=1,,2", "experiment.seed=9..7",
                                  "experiment.seed=1..100000"}) {
            const auto error = errorOf([&] { (void)parseSweepAxis(wrong); });
            QVERIFY2(error && error->kind() == ErrorKind::BadInput, wrong);
        }
    }
    void everyCombinationIsThereTheSecondSeedAfterAllOthers() {
        const auto all =
            sweep(named("parts"), {parseSweepAxis("experiment.seed=7,8"),
                                   parseSweepAxis("train.learning_rate=0.1,0.01"), parseSweepAxis("train.epochs=3,4")});
        QCOMPARE(all.size(), std::size_t(8));
        std::string said;
        for (const Experiment& one : all)
            said += std::to_string(one.seed) + " " + parameterValue(one, "train.learning_rate") + " " +
                    std::to_string(one.train.epochs) + "|";
        QCOMPARE(said, std::string("7 0.1 3|7 0.1 4|7 0.01 3|7 0.01 4|8 0.1 3|8 0.1 4|8 0.01 3|8 0.01 4|"));
        QCOMPARE(all.front().name, std::string("learning rate 0.1, epochs 3, seed 7"));
    }
    void withoutAnAxisItIsTheExperimentItself() {
        const auto all = sweep(named("parts"), {});
        QCOMPARE(all.size(), std::size_t(1));
        QCOMPARE(all.front().name, std::string("parts"));
    }
    void whatCannotBeIsSaid() {
        const auto refused = [](std::vector<SweepAxis> axes) {
            const auto error = errorOf([&] { (void)sweep(named("parts"), std::move(axes)); });
            return error ? std::string(error->what()) : std::string();
        };
        QVERIFY(!refused({parseSweepAxis("train.learning_rat=1")}).empty());
        QVERIFY(!refused({parseSweepAxis("train.epochs=3,many")}).empty());
        QCOMPARE(refused({parseSweepAxis("train.epochs=3"), parseSweepAxis("train.epochs=4")}),
                 std::string("train.epochs is varied twice."));
        QCOMPARE(refused({parseSweepAxis("experiment.seed=1..500"), parseSweepAxis("train.epochs=1..3")}),
                 std::string("That makes 1500 runs; a sweep has 1000 at most."));
    }
};

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
