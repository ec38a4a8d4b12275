// What a checkpoint says of its training, and which one of a run is its model.
#include "engine/api/error.h"
#include "engine/train/checkpoint.h"
#include "tests/runs/checkpointfiles.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

namespace fs = std::filesystem;
using namespace engine;

class TestCheckpoint final : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_run;

    [[nodiscard]] fs::path run() const { return m_run->path().toStdString(); }
    [[nodiscard]] fs::path at(std::int64_t step) const {
        return run() / "checkpoints" / fmt::format("step-{:08}", step);
    }
    // Best in epoch 2 at step 20, last at step 30.
    void writeThree() const {
        tests::writeCheckpointFiles(at(10), {.step = 10, .epoch = 1, .bestEpoch = 1, .bestAccuracy = 0.5});
        tests::writeCheckpointFiles(at(20), {.step = 20, .epoch = 2, .bestEpoch = 2, .bestAccuracy = 0.9});
        tests::writeCheckpointFiles(at(30), {.step = 30, .epoch = 3, .bestEpoch = 2, .bestAccuracy = 0.9});
    }

private Q_SLOTS:
    void init() { m_run = std::make_unique<QTemporaryDir>(); }

    void theStateComesBackAsItWasWritten() {
        const at::Tensor weight = at::arange(6, at::kFloat);
        const KeptState kept{.model = {{"w", DType::Float32, {6}, weight.data_ptr(), weight.nbytes(), nullptr}},
                             .optimizer = {},
                             .state = {.step = 21,
                                       .epoch = 4,
                                       .samplesInEpoch = 24,
                                       .monitor = "f1",
                                       .bestValue = 0.75,
                                       .bestLoss = 0.5,
                                       .bestEpoch = 2,
                                       .improvedAt = 1}};
        writeCheckpoint(at(21), kept, {.backbone = "resnet18", .classes = {"ant", "bee"}});
        const TrainerState state = readTrainerState(at(21));
        QCOMPARE(state.step, std::int64_t(21));
        QCOMPARE(state.epoch, 4);
        QCOMPARE(state.samplesInEpoch, std::int64_t(24));
        QCOMPARE(state.monitor, std::string("f1"));
        QCOMPARE(state.bestValue, 0.75);
        QCOMPARE(state.bestLoss, 0.5);
        QCOMPARE(state.bestEpoch, 2);
        QCOMPARE(state.improvedAt, 1);
    }

    void whatIsNoNumberComesBackAsNone() {
        const KeptState kept{.model = {}, .optimizer = {}, .state = {.bestLoss = std::nan("")}};
        writeCheckpoint(at(0), kept, {.backbone = "resnet18", .classes = {"ant"}});
        QVERIFY(std::isnan(readTrainerState(at(0)).bestLoss));
        QVERIFY(std::isnan(readTrainerState(at(0)).bestValue));
    }

    void theModelOfARunIsItsBestAndNotItsNewest() {
        writeThree();
        QCOMPARE(modelCheckpoint(run()), at(20));
    }

    void whereTheBestIsGoneTheBestOfTheOthersIsTheModel() {
        writeThree();
        fs::remove_all(at(20));
        QCOMPARE(modelCheckpoint(run()), at(10));
    }

    void beforeTheFirstValidationTheNewestIsTheModel() {
        QVERIFY_EXCEPTION_THROWN((void)modelCheckpoint(run()), Error);
        tests::writeCheckpointFiles(at(4), {.step = 4, .batchInEpoch = 4});
        tests::writeCheckpointFiles(at(7), {.step = 7, .batchInEpoch = 7});
        QCOMPARE(modelCheckpoint(run()), at(7));
    }

    // It may have been the best: another in its place would answer otherwise.
    void aDamagedOneIsNotPassedOver() {
        writeThree();
        const fs::path model = at(20) / "model.safetensors";
        fs::resize_file(model, fs::file_size(model) - 1);
        try {
            (void)modelCheckpoint(run());
            QFAIL("an error was expected");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::BadWeights);
            QVERIFY(std::string(error.what()).find(at(20).string()) != std::string::npos);
        }
        fs::remove_all(at(20));
        QCOMPARE(modelCheckpoint(run()), at(10));
    }
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
