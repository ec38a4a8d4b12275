// What is frozen stays as it was, bit for bit; phases thaw and resume exactly.
#include "engine/api/error.h"
#include "engine/api/train.h"
#include "engine/freeze/freezeplan.h"
#include "engine/models/weights/weightsfile.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <cstring>

namespace fs = std::filesystem;
using namespace engine;

namespace {

std::map<std::string, std::string> tensors(const fs::path& checkpoint) {
    const WeightsFile file = WeightsFile::open(checkpoint / "model.safetensors");
    std::map<std::string, std::string> result;
    for (const StoredTensor& tensor : file.tensors())
        result[tensor.name] = std::string(reinterpret_cast<const char*>(tensor.data), tensor.bytes);
    return result;
}

std::map<std::string, std::string> startOf(const Experiment& experiment, const fs::path& folder) {
    Experiment untouched = experiment;
    untouched.train.epochs = 1;
    untouched.train.optimizer = "sgd";
    untouched.train.learningRate = 1e-9;
    untouched.train.weightDecay = 0;
    untouched.train.momentum = 0;
    const fs::path run = createRun(untouched, folder);
    RunControl control;
    control.requestStop();
    (void)train(run, control);
    return tensors(run / "last");
}

class StopAt final : public ProgressSink {
public:
    StopAt(std::int64_t step, RunControl& control) : m_step(step), m_control(control) {}
    void onProgress(const Progress& progress) override {
        if (progress.step >= m_step)
            m_control.requestStop();
    }

private:
    std::int64_t m_step;
    RunControl& m_control;
};

std::vector<float> losses(const fs::path& run) { return RunReader(run).series("train/loss").value; }

} // namespace

class TestPhases final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void frozenTensorsKeepEveryBit_data() {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QString>("batchNorm");
        for (const char* preset : {"head-only", "last-stages:1"})
            for (const char* batchNorm : {"frozen", "train", "affine-only"})
                QTest::addRow("%s, BatchNorm %s", preset, batchNorm) << preset << batchNorm;
        QTest::newRow("frozen behind what trains") << "by-hand"
                                                   << "frozen";
    }
    void frozenTensorsKeepEveryBit() {
        QFETCH(QString, preset);
        QFETCH(QString, batchNorm);
        const tests::Project project(8, 2);
        Experiment experiment = project.experiment();
        experiment.model.backbone = "resnet18";
        experiment.freeze.preset = preset.toStdString();
        if (preset == QLatin1String("by-hand"))
            experiment.freeze.phases = {{.fromEpoch = 1, .train = {"fc", "layer2"}}};
        experiment.freeze.batchNorm = batchNorm.toStdString();
        experiment.train.epochs = 1;
        experiment.train.weightDecay = 0.1;
        experiment.train.learningRate = 1e-2;
        const auto before = startOf(experiment, project.runs());
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        (void)train(run, control);
        const auto after = tensors(run / "last");

        for (const auto& [name, bytes] : after) {
            const bool head = name.starts_with("fc.");
            const char* stage = preset == QLatin1String("by-hand") ? "layer2." : "layer4.";
            const bool lastStage = name.starts_with(stage) && preset != QLatin1String("head-only");
            const bool norm = name.find("bn") != std::string::npos || name.find("downsample.1") != std::string::npos;
            const bool statistics = name.find("running_") != std::string::npos || name.ends_with("num_batches_tracked");
            bool changes = head || lastStage;
            if (statistics)
                changes = batchNorm == QLatin1String("train") || (lastStage && batchNorm == QLatin1String("frozen"));
            else if (norm && batchNorm == QLatin1String("affine-only"))
                changes = true;
            QVERIFY2((bytes != before.at(name)) == changes, name.c_str());
        }
    }

    void threePhasesThawAndResumeInTheSecond() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.model.backbone = "resnet18";
        experiment.freeze.preset = "by-hand";
        experiment.freeze.phases = {{.fromEpoch = 1, .train = {"fc"}},
                                    {.fromEpoch = 2, .train = {"fc", "layer4"}, .learningRateFactor = 0.5},
                                    {.fromEpoch = 3,
                                     .train = {"*"},
                                     .learningRateFactor = 0.1,
                                     .factors = {{"layer4", 0.5}, {"re:layer[1-3]", 0.25}}}};
        experiment.train.epochs = 3;
        const fs::path unbroken = createRun(experiment, project.runs());
        RunControl free;
        (void)train(unbroken, free);
        const fs::path resumed = createRun(experiment, project.runs());
        {
            RunControl control;
            StopAt stop(5, control); // steps 4 to 6 are the second phase
            QCOMPARE(train(resumed, control, &stop).state, RunState::Stopped);
        }
        RunControl control;
        (void)train(resumed, control);
        QCOMPARE(losses(resumed).size(), std::size_t(9));
        QVERIFY(losses(resumed) == losses(unbroken));
        const auto rates = RunReader(unbroken).series("learning_rate").value;
        QVERIFY(rates.at(3) < 0.6F * rates.at(2));
    }

    void presetsAndPatternsResolve() {
        const auto head = resolveFreeze({.preset = "head-only"}, 5, "resnet18", 2);
        QCOMPARE(head.size(), std::size_t(1));
        QCOMPARE(head[0].trainableParameters, std::int64_t(1026));
        const auto all = resolveFreeze({.preset = "none"}, 5, "resnet18", 2);
        QCOMPARE(all[0].frozenParameters, std::int64_t(0));
        const auto last = resolveFreeze({.preset = "last-stages:1"}, 5, "resnet18", 2);
        QVERIFY(std::ranges::find(last[0].trainedBlocks, "layer4") != last[0].trainedBlocks.end());
        QVERIFY(std::ranges::find(last[0].frozenBlocks, "layer3") != last[0].frozenBlocks.end());
    }

    void plansThatTrainNothingAreRefusedByName() {
        for (const FreezeSettings& settings :
             {FreezeSettings{.preset = "last-stages:0"}, FreezeSettings{.preset = "melt"},
              FreezeSettings{.preset = "by-hand"},
              FreezeSettings{.preset = "by-hand", .phases = {{.fromEpoch = 1, .train = {"layer9"}}}}}) {
            try {
                (void)resolveFreeze(settings, 5, "resnet18", 2);
                QFAIL(settings.preset.c_str());
            } catch (const Error& error) {
                QCOMPARE(error.kind(), ErrorKind::BadInput);
                QVERIFY(!error.remedy().empty());
            }
        }
    }

    void everyBackboneTakesEveryPreset() {
        for (const BackboneInfo& info : backbones())
            for (const char* preset : {"none", "head-only", "last-stages:1", "last-stages:3"}) {
                const auto outcome = resolveFreeze({.preset = preset}, 5, info.name, 3);
                QVERIFY2(outcome.at(0).trainableParameters > 0, info.name.c_str());
            }
    }
};

QTEST_GUILESS_MAIN(TestPhases)
#include "tst_phases.moc"
