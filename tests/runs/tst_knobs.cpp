// Settings that are changed while a run is trained: what counts when, what is refused, and the way back.
#include "engine/api/parameter.h"
#include "engine/runs/knobs.h"
#include "tests/runs/runbench.h"

#include <QTest>

#include <limits>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();

Knobs after(const Experiment& experiment, const std::vector<std::pair<std::int64_t, ChangedSetting>>& changes) {
    Knobs knobs;
    for (const auto& [step, setting] : changes)
        setKnobs(knobs, experiment, {setting}, step);
    return knobs;
}

} // namespace

class TestKnobs final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void whatIsSetCountsFromItsStepOn() {
        Experiment experiment;
        experiment.train.learningRate = 0.01;
        experiment.train.weightDecay = 0.1;
        const Knobs knobs = after(experiment, {{5, {"train.learning_rate", "5e-3"}},
                                               {8, {"train.weight_decay", "0"}},
                                               {9, {"train.learning_rate", "0.02"}}});
        QCOMPARE(knobValue(experiment, knobs, "train.learning_rate", 4), std::string("0.01"));
        QCOMPARE(knobValue(experiment, knobs, "train.learning_rate", 5), std::string("0.005"));
        QCOMPARE(knobValue(experiment, knobs, "train.weight_decay", 7), std::string("0.1"));
        QCOMPARE(knobValue(experiment, knobs, "train.weight_decay", 8), std::string("0"));
        QCOMPARE(learningRateKnob(experiment.train, knobs, 4), 1.0);
        QCOMPARE(learningRateKnob(experiment.train, knobs, 8), 0.5);
        QCOMPARE(learningRateKnob(experiment.train, knobs, 9), 2.0);
        QCOMPARE(words(experiment, knobs, knobs.back()), std::string("Learning rate 0.005 → 0.02"));
    }

    void whatCountsAlreadyIsNoChangeAndTheLastOfAStepCounts() {
        const Experiment experiment;
        Knobs knobs;
        setKnobs(knobs, experiment, {{"data.augmentation", experiment.data.augmentation}}, 3);
        QVERIFY(knobs.empty());
        setKnobs(knobs, experiment, {{"data.augmentation", "strong"}}, 3);
        setKnobs(knobs, experiment, {{"data.augmentation", "light"}}, 3);
        QCOMPARE(knobs.size(), std::size_t{1});
        QCOMPARE(knobs.front().value, std::string("light"));
        setKnobs(knobs, experiment, {{"data.augmentation", experiment.data.augmentation}}, 3);
        QVERIFY(knobs.empty());
    }

    void nothingIsSetWhereOneOfSeveralIsRefused() {
        const Experiment experiment;
        for (const ChangedSetting& bad :
             {ChangedSetting{"train.learning_rate", "0"}, {"train.optimizer", "sgd"}, {"data.augmentation", "wild"}}) {
            Knobs knobs;
            const auto error = errorOf([&] { setKnobs(knobs, experiment, {{"train.weight_decay", "0.5"}, bad}, 1); });
            QVERIFY(error && error->kind() == ErrorKind::BadInput && !error->remedy().empty());
            QVERIFY(knobs.empty());
        }
    }

    void aScheduleThatBeginsWithAResumeBeginsWithoutThem() {
        Experiment experiment;
        experiment.train.learningRate = 0.01;
        const Knobs knobs = after(experiment, {{5, {"train.learning_rate", "0.005"}}});
        experiment.train.parts = {{0, 10, 0.01, "cosine", 0}, {10, 20, 0.004, "cosine", 0}};
        QCOMPARE(learningRateKnob(experiment.train, knobs, 9), 0.5);
        QCOMPARE(learningRateKnob(experiment.train, knobs, 10), 1.0);
        QCOMPARE(knobValue(experiment, knobs, "train.learning_rate", 10), std::string("0.01"));
    }

    void theWayBackLeadsThroughAllChangesAndNotInACircle() {
        Experiment experiment;
        experiment.train.learningRate = 0.01;
        Knobs knobs = after(experiment, {{2, {"train.learning_rate", "0.02"}},
                                         {4, {"train.weight_decay", "0.5"}},
                                         {6, {"train.learning_rate", "0.04"}}});
        std::vector<std::string> back;
        std::int64_t step = 10;
        while (const auto undo = undoOfKnobs(experiment, knobs)) {
            back.push_back(undo->setting.key + "=" + undo->setting.value);
            setKnobs(knobs, experiment, {undo->setting}, step++);
        }
        const std::string decay = parameterValue(experiment, "train.weight_decay");
        QCOMPARE(back, (std::vector<std::string>{"train.learning_rate=0.02", "train.weight_decay=" + decay,
                                                 "train.learning_rate=0.01"}));
        QCOMPARE(learningRateKnob(experiment.train, knobs, kEver), 1.0);
    }

    void aRunKeepsThemAndAnotherRepeatsThem() {
        const fs::path run = newRun(), other = newRun();
        QVERIFY(readKnobs(run).empty());
        const Knobs knobs =
            after({}, {{5, {"train.learning_rate", "3.0000000001e-4"}}, {7, {"data.augmentation", "none"}}});
        writeKnobs(knobs, run);
        QVERIFY(readKnobs(run) == knobs);
        repeatKnobs(run, other);
        QVERIFY(readKnobs(other) == knobs);
    }

    void damagedOnesAreSaid() {
        const fs::path run = newRun();
        for (const char* text :
             {"[", "{\"a\": 1}", "[{\"from_step\": -3, \"setting\": \"train.weight_decay\", \"value\": \"0\"}]",
              "[{\"from_step\": 3, \"setting\": \"train.optimizer\", \"value\": \"sgd\"}]",
              "[{\"from_step\": 3, \"setting\": \"train.weight_decay\", \"value\": \"x\"}]"}) {
            writeFileAtomically(run / "knobs.json", text);
            const auto error = errorOf([&] { (void)readKnobs(run); });
            QVERIFY2(error && error->kind() == ErrorKind::BadInput && !error->remedy().empty(), text);
        }
    }
};

QTEST_APPLESS_MAIN(TestKnobs)
#include "tst_knobs.moc"
