// The smallest pictures and batches: what a backbone cannot take is said before the first step, and all else trains.
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/api/train.h"
#include "engine/train/batchneeds.h"
#include "engine/train/finite.h"
#include "engine/train/step.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <fstream>
#include <numeric>

namespace fs = std::filesystem;
using namespace engine;

namespace {

constexpr int kPictures = 5;

// Random layers as deep as ResNet-152's on pictures of one pixel can let gradients grow beyond fp32; a small share of
// each branch keeps them numbers without changing what BatchNorm needs.
void calm(Backbone& backbone) {
    const torch::NoGradGuard noGrad;
    for (const auto& module : backbone.modules())
        if (const auto* norm = module->as<torch::nn::BatchNorm2d>(); norm && norm->weight.defined())
            norm->weight.mul_(0.1);
}

// One step for each size, with all blocks trained.
void trainSteps(Backbone& backbone, const FreezePlan& plan, int side, const std::vector<std::int64_t>& sizes) {
    plan.apply(backbone, 0);
    plan.setTrainingMode(backbone, 0);
    TrainSettings settings;
    settings.optimizer = "sgd";
    settings.momentum = 0;
    const auto optimizer = makeOptimizer(settings);
    std::map<std::string, at::Tensor> parameters;
    for (const auto& item : backbone.named_parameters())
        parameters.emplace(item.key(), item.value());
    optimizer->setParameters(std::move(parameters));
    const auto device = openCpu();
    TrainStep step(*device, backbone, *optimizer, {});
    step.enterPhase(plan.phases()[0]);
    for (const std::int64_t size : sizes) {
        step.begin(1);
        step.addBatch({.input = at::randn({size, side, side, 3}).permute({0, 3, 1, 2}),
                       .targets = at::arange(size).remainder(2),
                       .indices = {},
                       .count = size},
                      1);
        step.finish(1e-3);
        const auto result = step.arrived(TrainStep::Wait::UntilAllAreDone);
        QVERIFY(result && std::isfinite(result->loss));
    }
}

bool computes(Backbone& backbone, int side) {
    const torch::NoGradGuard noGrad;
    try {
        return backbone.forward(at::zeros({2, side, side, 3}).permute({0, 3, 1, 2})).isfinite().all().item<bool>();
    } catch (const std::exception&) {
        return false;
    }
}

std::vector<Finding> findings(const Experiment& experiment) {
    std::vector<Finding> result;
    for (const Finding& finding : examine(experiment, checkData(experiment)))
        if (finding.key == "data.image_size" || finding.key == "train.batch_size")
            result.push_back(finding);
    return result;
}

// Pictures to train on: 5, and 2 to validate with.
Experiment leftoverOfOne(const tests::Project& project, const char* backbone) {
    Experiment experiment = project.experiment();
    fs::remove(project.path() / "data/train/dark/100.png");
    experiment.model.backbone = backbone;
    experiment.data.imageSize = 32;
    experiment.train.batchSize = 2;
    return experiment;
}

} // namespace

class TestSmallest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyBackboneTrainsAtItsSmallestPictureWithOneLeftOver_data() {
        QTest::addColumn<QString>("name");
        for (const BackboneInfo& info : backbones())
            QTest::newRow(info.name.c_str()) << QString::fromStdString(info.name);
    }
    void everyBackboneTrainsAtItsSmallestPictureWithOneLeftOver() {
        QFETCH(QString, name);
        const std::string backboneName = name.toStdString();
        const auto backbone = makeBackbone(backboneName, 2, 1);
        backbone->eval();
        const int side = smallestPicture(backboneName);
        QVERIFY(side >= 1 && side <= 64);
        QVERIFY(computes(*backbone, side));
        QVERIFY(side == 1 || !computes(*backbone, side - 1));
        const FreezePlan plan({.preset = "none"}, 1, *backbone);
        const BatchQuestion question{
            .plan = plan, .backbone = backboneName, .imageSize = side, .batchSize = 2, .pictures = kPictures};
        QVERIFY(batchFindings(question).empty());
        const Batching batching = batchingOf(question);
        std::vector<std::int64_t> sizes;
        for (std::int64_t batch = 0; batch < batching.batches(kPictures); ++batch)
            sizes.push_back(batching.end(batch, kPictures) - batching.begin(batch));
        QCOMPARE(std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}), kPictures);
        sizes.erase(sizes.begin());
        calm(*backbone);
        trainSteps(*backbone, plan, side, sizes);
        QCOMPARE(notFinite(*backbone), std::string());
    }

    void oneIsTooFewWhereBatchNormSeesOneValueOfIt_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("enough"); // the least side at which one picture can be trained alone
        for (const char* name : {"resnet18", "mobilenet_v2", "efficientnet_b0", "regnet_y_400mf"})
            QTest::newRow(name) << name << 33;
        QTest::newRow("densenet121") << "densenet121" << 61;
        QTest::newRow("cifar_resnet20") << "cifar_resnet20" << 5;
        QTest::newRow("squeezenet1_1") << "squeezenet1_1" << 1;
        QTest::newRow("vit_tiny_patch16_224") << "vit_tiny_patch16_224" << 1;
    }
    void oneIsTooFewWhereBatchNormSeesOneValueOfIt() {
        QFETCH(QString, name);
        QFETCH(int, enough);
        const std::string backbone = name.toStdString();
        const FreezePlan all({.preset = "none"}, 1, layoutOf(backbone, 2));
        const FreezePlan head({.preset = "head-only"}, 1, layoutOf(backbone, 2));
        for (const int side : {enough, enough + 1, 224})
            QVERIFY2(!oneIsTooFew(all, backbone, side), qPrintable(QString::number(side)));
        if (enough > 1)
            QVERIFY(oneIsTooFew(all, backbone, enough - 1));
        QVERIFY(!oneIsTooFew(head, backbone, std::max(1, enough - 1))); // frozen BatchNorm needs nothing
    }

    void aPhaseThatComesLaterCountsFromTheFirst() {
        const FreezePlan plan(
            {.preset = "by-hand", .phases = {{.fromEpoch = 1, .train = {"fc"}}, {.fromEpoch = 4, .train = {"*"}}}}, 6,
            layoutOf("resnet18", 2));
        QVERIFY(oneIsTooFew(plan, "resnet18", 32));
        const FreezePlan follows({.preset = "head-only", .batchNorm = "train"}, 6, layoutOf("resnet18", 2));
        QVERIFY(oneIsTooFew(follows, "resnet18", 32));
    }

    void onePictureLeftOverIsTrainedWithTheOthers_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"resnet18", "tf_efficientnet_lite0", "mobilenet_v2", "efficientnet_b0", "densenet121",
                                 "regnet_y_400mf", "mobilenet_v3_small"})
            QTest::newRow(name) << name;
    }
    void onePictureLeftOverIsTrainedWithTheOthers() {
        QFETCH(QString, name);
        const tests::Project project(3, 1);
        Experiment experiment = leftoverOfOne(project, name.toUtf8().constData());
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        const RunSummary summary = train(run, control);
        QCOMPARE(summary.state, RunState::Finished);
        QCOMPARE(summary.step, 4); // 2 and 3 pictures an epoch
        QCOMPARE(summary.steps, 4);
        QCOMPARE(estimateCost(experiment, checkData(experiment)).steps, 4);
        QVERIFY(findings(experiment).empty());
        const RunReader reader(run);
        QVERIFY(std::ranges::any_of(reader.events(), [](const RunEvent& event) {
            return event.text.starts_with("The picture that is left over in an epoch is trained with the batch before");
        }));
        for (const auto& [series, value] : summary.last)
            QVERIFY2(std::isfinite(value), series.c_str());

        const fs::path stopped = createRun(experiment, project.runs());
        class StopAtOne final : public ProgressSink {
        public:
            explicit StopAtOne(RunControl& control) : m_control(control) {}
            void onProgress(const Progress& progress) override {
                if (progress.step == 1)
                    m_control.requestStop();
            }

        private:
            RunControl& m_control;
        };
        {
            RunControl interrupted;
            StopAtOne stop(interrupted);
            QCOMPARE(train(stopped, interrupted, &stop).step, 1);
        }
        RunControl again;
        QCOMPARE(train(stopped, again).step, 4);
        QVERIFY(RunReader(stopped).series("train/loss").value == reader.series("train/loss").value);
    }

    void whereFrozenBatchNormNeedsNothingTheLastBatchIsItsOwn() {
        const tests::Project project(3, 1);
        Experiment experiment = leftoverOfOne(project, "resnet18");
        experiment.freeze.preset = "head-only";
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        QCOMPARE(train(run, control).step, 6); // 2, 2 and 1
        QCOMPARE(estimateCost(experiment, checkData(experiment)).steps, 6);
    }

    void batchesOfOnePictureAreRefusedWhereBatchNormCannotBeTrained() {
        const tests::Project project(3, 1);
        Experiment experiment = leftoverOfOne(project, "resnet18");
        experiment.train.batchSize = 1;
        const std::vector<Finding> found = findings(experiment);
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(found[0].fixKey, std::string("train.batch_size"));
        QCOMPARE(found[0].fixValue, std::string("2"));
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        try {
            (void)train(run, control);
            QFAIL("it trained");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::BadInput);
            QCOMPARE(error.what(), found[0].message.c_str());
        }
        QCOMPARE(RunReader(run).summary().step, 0);
        experiment.data.imageSize = 48; // 2 × 2 values
        QVERIFY(findings(experiment).empty());
        QCOMPARE(train(createRun(experiment, project.runs()), control).step, 10);
    }

    void aPictureWhoseBatchCannotBeReadIsLeftOut() {
        const tests::Project project(3, 1);
        Experiment experiment = leftoverOfOne(project, "resnet18");
        experiment.data.path = "data";
        fs::copy(project.path() / "data/train/light/100.png", project.path() / "data/train/light/200.png");
        // Batches of two of six: one of them must be broken in part, whatever the order.
        for (const char* name : {"dark/101.png", "light/101.png", "light/102.png"})
            std::ofstream(project.path() / "data/train" / name) << "no picture";
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        QCOMPARE(train(run, control).state, RunState::Finished);
        const RunReader reader(run);
        QVERIFY(std::ranges::any_of(reader.events(), [](const RunEvent& event) {
            return event.text.find("is left out this time") != std::string::npos;
        }));
    }

    void picturesThatAreTooSmallAreRefusedWithTheSmallest_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"densenet121", "vgg16", "vit_tiny_patch16_224", "squeezenet1_0"})
            QTest::newRow(name) << name;
    }
    void picturesThatAreTooSmallAreRefusedWithTheSmallest() {
        QFETCH(QString, name);
        const tests::Project project(3, 1);
        Experiment experiment = leftoverOfOne(project, name.toUtf8().constData());
        const int least = smallestPicture(experiment.model.backbone);
        QVERIFY(least > 1);
        experiment.data.imageSize = least - 1;
        const std::vector<Finding> found = findings(experiment);
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(found[0].severity, Severity::Problem);
        QCOMPARE(found[0].fixKey, std::string("data.image_size"));
        QCOMPARE(found[0].fixValue, std::to_string(least));
        RunControl control;
        try {
            (void)train(createRun(experiment, project.runs()), control);
            QFAIL("it trained");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::BadInput);
            QCOMPARE(error.what(), found[0].message.c_str());
        }
        experiment.data.imageSize = least;
        QVERIFY(findings(experiment).empty());
    }

    void sidesThatDoNotHoldWholePatchesAreRefused() {
        const tests::Project project(3, 1);
        Experiment experiment = leftoverOfOne(project, "vit_tiny_patch16_224");
        for (const auto& [side, fix] : {std::pair(100, 96), {120, 128}, {40, 32}, {47, 32}}) {
            experiment.data.imageSize = side;
            const std::vector<Finding> found = findings(experiment);
            QCOMPARE(found.size(), std::size_t(1));
            QVERIFY(found[0].message.starts_with("vit_tiny_patch16_224 cannot compute"));
            QCOMPARE(found[0].fixValue, std::to_string(fix));
        }
        for (const int side : {32, 48, 96, 112, 160}) {
            experiment.data.imageSize = side;
            QVERIFY(findings(experiment).empty());
        }
    }
};

QTEST_GUILESS_MAIN(TestSmallest)
#include "tst_smallest.moc"
