// Training by a freeze plan: rates per stage, proof, insight, adapters, a plan changed under way.
#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/api/predict.h"
#include "engine/api/schedule.h"
#include "engine/api/train.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/train/schedule.h"
#include "engine/train/trainedmodel.h"
#include "engine/train/trainer.h"
#include "tests/train/atstep.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fs = std::filesystem;
using namespace engine;
using tests::AtStep;

namespace {

// ResNet-18 on tiny pictures; three steps an epoch.
Experiment small(const tests::Project& project, const std::string& preset, int epochs) {
    Experiment experiment = project.experiment();
    experiment.model.backbone = "resnet18";
    experiment.data.imageSize = 32;
    experiment.freeze.preset = preset;
    experiment.train.epochs = epochs;
    experiment.train.learningRate = 1e-3;
    return experiment;
}

fs::path trained(const tests::Project& project, const Experiment& experiment) {
    const fs::path run = createRun(experiment, project.runs());
    RunControl control;
    (void)train(run, control);
    return run;
}

std::vector<RunEvent> eventsOf(const fs::path& run, EventKind kind) {
    const RunReader reader(run);
    std::vector<RunEvent> result;
    for (const RunEvent& event : reader.events())
        if (event.kind == kind)
            result.push_back(event);
    return result;
}

std::map<std::string, std::vector<float>> curves(const fs::path& run) {
    RunReader reader(run);
    std::map<std::string, std::vector<float>> result;
    for (const std::string& name : reader.seriesNames())
        if (name.starts_with("train/") || name.starts_with("validation/") || name.starts_with("learning_rate") ||
            name.starts_with("insight/"))
            result[name] = reader.series(name).value;
    return result;
}

// Trains with a hand that changes `tensor` after step `step`.
void trainTouched(const fs::path& run, const std::string& tensor, std::int64_t step) {
    RunControl control;
    Trainer trainer(run, control, nullptr);
    trainer.afterEachStep([&](Backbone& backbone, std::int64_t done) {
        if (done != step)
            return;
        const torch::NoGradGuard noGrad;
        at::Tensor touched = backbone.named_parameters().contains(tensor) ? backbone.named_parameters()[tensor]
                                                                          : backbone.named_buffers()[tensor];
        touched.select(0, 0).add_(1e-3);
    });
    try {
        (void)trainer.run();
    } catch (const Error& error) {
        throw Error(trainer.fail(error));
    }
}

std::map<std::string, std::string> tensorsOf(const fs::path& checkpoint) {
    const WeightsFile file = WeightsFile::open(checkpoint / "model.safetensors");
    std::map<std::string, std::string> result;
    for (const StoredTensor& tensor : file.tensors())
        result[tensor.name] = std::string(reinterpret_cast<const char*>(tensor.data), tensor.bytes);
    return result;
}

bool near(double a, double b, double relative = 1e-5) { return std::abs(a - b) <= relative * std::abs(b); }

} // namespace

class TestGradual final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void resumedInTheSecondPhaseEqualsUnbroken_data() {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<int>("stopAfter");
        QTest::newRow("gradual") << "gradual" << 5; // phases begin at epochs 1, 2 and 4
        QTest::newRow("gradual, at a phase's end") << "gradual" << 9;
        QTest::newRow("fine-tune") << "fine-tune" << 7;
    }
    void resumedInTheSecondPhaseEqualsUnbroken() {
        QFETCH(QString, preset);
        QFETCH(int, stopAfter);
        const tests::Project project;
        const Experiment experiment = small(project, preset.toStdString(), 5);
        const fs::path unbroken = trained(project, experiment);
        const fs::path resumed = createRun(experiment, project.runs());
        {
            RunControl control;
            AtStep stop(stopAfter, [&control] { control.requestStop(); });
            QCOMPARE(train(resumed, control, &stop).state, RunState::Stopped);
        }
        RunControl control;
        QCOMPARE(train(resumed, control).state, RunState::Finished);
        QCOMPARE(curves(resumed).at("train/loss").size(), std::size_t(15));
        QVERIFY(curves(resumed) == curves(unbroken));
        QVERIFY(tensorsOf(resumed / "last") == tensorsOf(unbroken / "last"));
    }

    void stagesOfTheirOwnRateHaveTheirSeries() {
        const tests::Project project;
        Experiment experiment = small(project, "gradual", 5);
        experiment.train.schedule = "constant";
        const fs::path run = trained(project, experiment);
        RunReader reader(run);
        const Series& last = reader.series("learning_rate/layer4");
        QCOMPARE(last.step.front(), 4); // the first step of the second phase
        QVERIFY(near(last.value.front(), 0.5e-3));
        QVERIFY(near(reader.series("learning_rate/layer2").value.front(), 0.25e-3));
        QVERIFY(near(reader.series("learning_rate").value.back(), 1e-3));
        QVERIFY(reader.series("learning_rate/fc").step.empty());
    }

    void fineTuneFollowsFastaisCurve() {
        TrainSettings settings;
        settings.learningRate = 2e-3;
        settings.epochs = 5;
        const FreezePlan plan({.preset = "fine-tune"}, 5, layoutOf("resnet18", 2));
        const auto rate = [&](std::int64_t step) {
            return learningRateAt(settings, plan.phases()[step < 10 ? 0 : 1], step, 10);
        };
        // combined_cos(0.99, lr/25, lr, lr/1e5), then combined_cos(0.3, lr/5, lr, lr/1e5) with lr/2 over 40 steps.
        QVERIFY(near(rate(0), 2e-3 / 25));
        QVERIFY(near(rate(9), 2e-3 / 25 + (2e-3 - 2e-3 / 25) * (1 - std::cos(std::numbers::pi * 0.9 / 0.99)) / 2));
        QVERIFY(near(rate(10), 1e-3 / 5));
        QVERIFY(near(rate(22), 1e-3));
        QVERIFY(near(rate(36), 1e-3 / 1e5 + (1e-3 - 1e-3 / 1e5) *
                                                (1 + std::cos(std::numbers::pi * (26.0 / 40 - 0.3) / 0.7)) / 2));
    }

    void theShareOfTheRateIsWhatIsTrainedWith() {
        const tests::Project project;
        const Experiment experiment = small(project, "fine-tune", 5);
        RunReader reader(trained(project, experiment));
        const auto& recorded = reader.series("learning_rate").value;
        QCOMPARE(recorded.size(), std::size_t(15));
        const auto phases = freezePhases(experiment.freeze, 5, experiment.model.backbone);
        for (std::size_t i = 0; i < recorded.size(); ++i) {
            const bool first = i < 3;
            const PhaseSchedule phase{first ? 1 : 2, first ? 1 : 5, phases[first ? 0 : 1].schedule};
            const double share = learningRateShare(experiment.train, phase, static_cast<std::int64_t>(i), 3);
            QVERIFY(near(recorded[i], 1e-3 * phases[first ? 0 : 1].learningRateFactor * share));
        }
    }

    void theProofIsInTheRecord() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, "head-only", 2));
        const auto verified = eventsOf(run, EventKind::Verified);
        QCOMPARE(verified.size(), std::size_t(2));
        QCOMPARE(verified[1].text, std::string("120 frozen tensors are unchanged at step 6"));
        QVERIFY(eventsOf(run, EventKind::Alarm).empty());
        Experiment off = small(project, "head-only", 1);
        off.freeze.verify = "off";
        QVERIFY(eventsOf(trained(project, off), EventKind::Verified).empty());
    }

    void aFrozenTensorThatChangesRaisesTheAlarm_data() {
        QTest::addColumn<QString>("tensor");
        QTest::newRow("parameter") << "layer2.0.conv1.weight";
        QTest::newRow("statistics") << "layer4.1.bn2.running_var";
    }
    void aFrozenTensorThatChangesRaisesTheAlarm() {
        QFETCH(QString, tensor);
        const tests::Project project;
        const fs::path run = createRun(small(project, "head-only", 3), project.runs());
        const std::string words = "The frozen tensor " + tensor.toStdString() + " changed between steps 3 and 6.";
        try {
            trainTouched(run, tensor.toStdString(), 5);
            QFAIL("nobody saw it");
        } catch (const Error& error) {
            QCOMPARE(error.what(), words.c_str());
            QVERIFY(!error.remedy().empty());
        }
        QCOMPARE(eventsOf(run, EventKind::Alarm).size(), std::size_t(1));
        QCOMPARE(RunReader(run).summary().failure, words);
        // The checkpoint from before is kept, and the run goes on from it to the end it would have had.
        QCOMPARE(readTrainerState(run / "last").step, 3);
        RunControl control;
        QCOMPARE(train(run, control).state, RunState::Finished);
        QVERIFY(tensorsOf(run / "last") == tensorsOf(trained(project, small(project, "head-only", 3)) / "last"));
    }

    void aRunThatOnlyWarnsGoesOn() {
        const tests::Project project;
        Experiment experiment = small(project, "head-only", 3);
        experiment.freeze.verify = "warn";
        const fs::path run = createRun(experiment, project.runs());
        trainTouched(run, "conv1.weight", 2);
        QCOMPARE(RunReader(run).summary().state, RunState::Finished);
        QCOMPARE(eventsOf(run, EventKind::Alarm).size(), std::size_t(1));
        QCOMPARE(eventsOf(run, EventKind::Verified).size(), std::size_t(2));
    }

    void whatTrainsRaisesNoAlarm() {
        const tests::Project project;
        const fs::path run = createRun(small(project, "last-stages:1", 1), project.runs());
        trainTouched(run, "layer4.0.bn1.running_mean", 2);
        QVERIFY(eventsOf(run, EventKind::Alarm).empty());
    }

    void insightTellsWhichStagesLearn() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, "gradual", 5));
        const auto series = curves(run);
        QCOMPARE(series.at("insight/fc/gradient_norm").size(), std::size_t(2)); // steps 1 and 11
        QCOMPARE(series.at("insight/layer4/distance").size(), std::size_t(1));  // thawed since step 4
        QVERIFY(!series.contains("insight/conv1/distance"));
        for (const auto& [name, values] : series)
            if (name.starts_with("insight/"))
                for (const float value : values)
                    QVERIFY2(value > 0 && value < 100, name.c_str());
        // One step from the beginning the distance is that step.
        QVERIFY(near(series.at("insight/fc/distance").front(), series.at("insight/fc/update_ratio").front()));
    }

    void thePlanCanBeChangedUnderWay() {
        const tests::Project project;
        Experiment experiment = small(project, "head-only", 4);
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        AtStep change(4, [&control] { // in the second epoch
            control.replaceFreeze({.settings = {.preset = "last-stages:1"}, .fromEpoch = 1, .words = "Thaw layer4"});
        });
        (void)train(run, control, &change);
        QVERIFY(!control.freezeChangeWaits());
        const Experiment recorded = readExperiment(run / "experiment.toml");
        QCOMPARE(recorded.freeze.preset, std::string("by-hand"));
        QCOMPARE(recorded.freeze.phases.size(), std::size_t(2));
        QCOMPARE(recorded.freeze.phases[0].train, std::vector<std::string>{"fc"});
        QCOMPARE(recorded.freeze.phases[1].fromEpoch, 3);
        const auto knobs = eventsOf(run, EventKind::Knob);
        QCOMPARE(knobs.size(), std::size_t(1));
        QCOMPARE(knobs[0].text, std::string("Thaw layer4; it came in time for epoch 3"));
        QVERIFY(eventsOf(run, EventKind::Alarm).empty());
        // As if it had been planned so.
        experiment.freeze = recorded.freeze;
        QVERIFY(curves(run) == curves(trained(project, experiment)));
    }

    void aPlanThatCannotBeFollowedIsNotTaken() {
        const tests::Project project;
        const fs::path run = createRun(small(project, "head-only", 3), project.runs());
        RunControl control;
        AtStep change(1, [&control] {
            control.replaceFreeze(
                {.settings = {.preset = "by-hand", .phases = {{.fromEpoch = 1, .train = {"layer9"}}}}, .fromEpoch = 2});
        });
        QCOMPARE(train(run, control, &change).state, RunState::Finished);
        const auto warnings = eventsOf(run, EventKind::Refused);
        QCOMPARE(warnings.size(), std::size_t(1));
        QVERIFY(warnings[0].text.starts_with("The new freeze plan is not followed."));
        QCOMPARE(readExperiment(run / "experiment.toml").freeze.preset, std::string("head-only"));
    }

    void longerRunsKeepTheEpochsInWhichTheyThaw() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, "gradual", 3)); // thaws at 2 and 3
        RunControl control;
        (void)train(run, control, nullptr, 12);
        const auto phases = readExperiment(run / "experiment.toml").freeze.phases;
        QCOMPARE(phases.size(), std::size_t(3));
        QCOMPARE(phases[2].fromEpoch, 3);
    }

    void adaptersTrainAloneResumeAndMerge() {
        const tests::Project project(8, 4);
        Experiment experiment = small(project, "head-only", 2);
        experiment.model.backbone = "vit_tiny_patch16_224";
        experiment.freeze.loraRank = 4;
        const fs::path run = createRun(experiment, project.runs());
        {
            RunControl control;
            AtStep stop(2, [&control] { control.requestStop(); });
            (void)train(run, control, &stop);
        }
        const auto middle = tensorsOf(run / "last");
        RunControl control;
        QCOMPARE(train(run, control).state, RunState::Finished);
        const auto after = tensorsOf(run / "last");
        for (const auto& [name, bytes] : after)
            QVERIFY2((bytes != middle.at(name)) == (name.starts_with("head.") || isAdapterParameter(name)),
                     name.c_str());
        QVERIFY(after.contains("blocks.0.attn.qkv.lora_B.weight"));
        QVERIFY(curves(run) == curves(trained(project, experiment)));

        const TrainedModel merged = loadTrainedModel(run / "last");
        QVERIFY(!merged.backbone->named_parameters().contains("blocks.0.attn.qkv.lora_B.weight"));
        RunControl other;
        const Evaluation evaluation = evaluate(run, {}, other);
        QVERIFY(near(evaluation.values.at("loss"), RunReader(run).summary().best.at("validation/loss"), 1e-4));
    }

    void smallBackbonesTrainWithEveryPreset_data() {
        QTest::addColumn<QString>("backbone");
        for (const char* name : {"squeezenet1_1", "mobilenet_v3_small", "vit_tiny_patch16_224", "cifar_resnet20"})
            if (std::ranges::any_of(backbones(), [&](const BackboneInfo& info) { return info.name == name; }))
                QTest::newRow(name) << name;
    }
    void smallBackbonesTrainWithEveryPreset() {
        QFETCH(QString, backbone);
        const tests::Project project(4, 1);
        for (const char* preset : {"none", "head-only", "last-stages:2", "gradual", "fine-tune"}) {
            Experiment experiment = small(project, preset, 3);
            experiment.model.backbone = backbone.toStdString();
            const fs::path run = trained(project, experiment);
            QCOMPARE(RunReader(run).summary().state, RunState::Finished);
            QVERIFY(eventsOf(run, EventKind::Alarm).empty());
        }
    }

    void aPlanThatNamesNothingIsAProblemAtItsField() {
        DataReport data;
        data.classes.resize(2);
        data.trainSamples = 320;
        data.validationSamples = 32;
        const auto keyFor = [&](const FreezeSettings& freeze) {
            Experiment experiment;
            experiment.model.backbone = "resnet18";
            experiment.model.weights = "none";
            experiment.freeze = freeze;
            for (const Finding& finding : examine(experiment, data))
                if (finding.severity == Severity::Problem)
                    return finding.key;
            return std::string();
        };
        QCOMPARE(keyFor({.preset = "gradual"}), std::string());
        QCOMPARE(keyFor({.preset = "by-hand", .phases = {{.fromEpoch = 1, .train = {"layer9"}}}}),
                 std::string("freeze.phase"));
        QCOMPARE(
            keyFor({.preset = "by-hand", .phases = {{.fromEpoch = 1, .train = {"fc"}, .factors = {{"layer9", 0.5}}}}}),
            std::string("freeze.phase"));
        QCOMPARE(keyFor({.preset = "gradual", .loraRank = 4}), std::string("freeze.lora_rank"));
        QCOMPARE(keyFor({.preset = "gradual", .loraRank = 4, .loraTargets = {"conv1"}}),
                 std::string("freeze.lora_targets"));
    }

    void theCostOfEachPhaseIsTold() {
        DataReport data;
        data.classes.resize(2);
        data.trainSamples = 320;
        data.validationSamples = 32;
        Experiment experiment;
        experiment.model.backbone = "resnet50";
        experiment.train.epochs = 12;
        experiment.freeze.preset = "gradual";
        const Cost cost = estimateCost(experiment, data);
        QCOMPARE(cost.phases.size(), std::size_t(3));
        double sum = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            sum += cost.phases[i].seconds;
            if (i > 0) {
                QVERIFY(cost.phases[i].stepSeconds > cost.phases[i - 1].stepSeconds);
                QVERIFY(cost.phases[i].trainableParameters > cost.phases[i - 1].trainableParameters);
            }
        }
        QVERIFY(near(sum + cost.startSeconds, cost.seconds));
        QVERIFY(cost.stepSecondsAll > cost.phases[2].stepSeconds);
        QCOMPARE(cost.neverTrained, cost.parameters - cost.phases[2].trainableParameters);
        QCOMPARE(cost.phases[1].fromEpoch, 3);
    }
};

QTEST_GUILESS_MAIN(TestGradual)
#include "tst_gradual.moc"
