// What a training records of its steps and blocks, and what it reckons before it keeps outputs of frozen blocks.
#include "engine/api/train.h"
#include "engine/device/cpufeatures.h"
#include "engine/train/cacheplan.h"
#include "engine/train/insight.h"
#include "engine/train/precision.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <cmath>

using namespace engine;

namespace {

bool near(double a, double b) { return std::abs(a - b) <= 1e-5 * std::max(1.0, std::abs(b)); }

double normOf(const std::vector<at::Tensor>& tensors) {
    double squares = 0;
    for (const at::Tensor& tensor : tensors)
        squares += tensor.detach().to(at::kDouble).square().sum().item<double>();
    return std::sqrt(squares);
}

// Parameters of the blocks whose names begin so.
std::vector<at::Tensor> parametersOf(Backbone& backbone, const std::string& block) {
    std::vector<at::Tensor> found;
    for (const auto& item : backbone.named_parameters())
        if (item.key().starts_with(block + "."))
            found.push_back(item.value());
    return found;
}

void addToAll(const std::vector<at::Tensor>& tensors, double value) {
    const torch::NoGradGuard noGrad;
    for (at::Tensor tensor : tensors)
        tensor.add_(value);
}

} // namespace

class TestRecord final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunRecordsWhatItsStepsDid() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.schedule = "constant";
        const auto run = createRun(experiment, project.runs());
        RunControl control;
        (void)train(run, control);
        const RunReader reader(run);
        const auto& rate = reader.series("learning_rate").value;
        const auto& accuracy = reader.series("train/accuracy").value;
        QCOMPARE(rate.size(), std::size_t(6));
        QCOMPARE(accuracy.size(), std::size_t(6));
        for (std::size_t i = 0; i < 6; ++i) {
            QVERIFY(near(double(rate[i]), 1e-4));
            const double right = 8 * double(accuracy[i]); // of a batch of eight
            QVERIFY(right >= 0 && right <= 8 && near(right, std::round(right)));
        }
        QVERIFY(std::ranges::any_of(accuracy, [](float share) { return share > 0 && share < 1; }));
    }

    void insightMeasuresNormsAndDistances() {
        const auto backbone = makeBackbone("cifar_resnet20", 3, 1);
        const FreezePlan plan({.preset = "head-only"}, 1, *backbone);
        Insight insight(*backbone, plan, 1);
        insight.enterPhase(plan.phases()[0]);
        const auto head = parametersOf(*backbone, "linear");
        const double begun = normOf(head);
        double count = 0;
        for (at::Tensor parameter : head) {
            count += double(parameter.numel());
            parameter.mutable_grad() = at::full_like(parameter.detach(), 2);
        }
        for (int step = 1; step <= 2; ++step) {
            const double before = normOf(head);
            insight.beforeUpdate();
            addToAll(head, 1);
            const auto values = insight.afterUpdate();
            QVERIFY(near(values.at("insight/linear/gradient_norm"), 2 * std::sqrt(count)));
            QVERIFY(near(values.at("insight/linear/update_ratio"), std::sqrt(count) / before));
            QVERIFY(near(values.at("insight/linear/distance"), step * std::sqrt(count) / begun));
        }
        // A plan that was changed on the way thaws what no phase did before.
        const FreezePlan whole({.preset = "none"}, 1, *backbone);
        insight.enterPhase(whole.phases()[0]);
        const auto layer = parametersOf(*backbone, "layer1");
        const double was = normOf(layer);
        count = 0;
        for (const at::Tensor& parameter : layer)
            count += double(parameter.numel());
        insight.beforeUpdate();
        addToAll(layer, 1);
        QVERIFY(near(insight.afterUpdate().at("insight/layer1/distance"), std::sqrt(count) / was));
    }

    void aCacheIsKeptWhereItIsReadMoreThanOnceAndFits() {
        Experiment experiment;
        experiment.data.augmentation = "none";
        CacheQuestion question{.cut = 2,
                               .epochs = 1,
                               .trainPictures = 100,
                               .validationPictures = 20,
                               .rowBytes = 1000,
                               .secondsPerPicture = 0.01};
        QVERIFY(!planCache(experiment, question).training && !planCache(experiment, question).validation);
        question.epochs = 3;
        CachePlan plan = planCache(experiment, question);
        QVERIFY(plan.training && plan.validation);
        QCOMPARE(plan.bytes, std::uint64_t(120'000));
        QVERIFY(near(plan.savesSeconds, (100 * 2 + 20 * 2) * 0.01)); // the first epoch computes what the others read
        question.mostBytes = 50'000;
        plan = planCache(experiment, question);
        QVERIFY(!plan.training && plan.validation);
        QCOMPARE(plan.bytes, std::uint64_t(20'000));
        question.mostBytes = 10'000;
        QCOMPARE(planCache(experiment, question).bytes, std::uint64_t(0));
        question.mostBytes = UINT64_MAX;
        question.epochs = 5;
        experiment.data.augmentation = "light";
        experiment.freeze.views = 2;
        plan = planCache(experiment, question);
        QCOMPARE(plan.bytes, std::uint64_t(220'000));
        QVERIFY(near(plan.savesSeconds, (100 * 3 + 20 * 4) * 0.01));
        experiment.freeze.cache = "off";
        QVERIFY(!planCache(experiment, question).training);
    }

    void aCpuThatCannotComputeInBfloat16IsSaid() {
        QVERIFY(computesBf16("fpu avx2 avx512dq avx512bw avx512vl") && computesBf16("avx_ne_convert"));
        QVERIFY(!computesBf16("fpu avx avx2") && !computesBf16("avx512bw avx512vl") &&
                !computesBf16("avx512bwx avx512vl avx512dq"));
        TrainSettings settings;
        settings.precision = "bf16";
        QVERIFY(precisionFindings(settings, {.id = "cuda:0"}).empty());
        const bool can = cpuComputesBf16();
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.precision = "bf16";
        experiment.train.epochs = 1;
        const auto run = createRun(experiment, project.runs());
        RunControl control;
        std::string refusal;
        try {
            (void)train(run, control);
        } catch (const Error& error) {
            refusal = error.what();
        }
        QCOMPARE(refusal, can ? std::string() : std::string("This CPU cannot compute in bf16."));
        QCOMPARE(precisionFindings(settings, {.id = "cpu"}).empty(), can);
        settings.precision = "auto";
        QVERIFY(precisionFindings(settings, {.id = "cpu"}).empty());
    }

    void autoTakesBfloat16WhereTheDeviceHasIt() {
        TrainSettings settings;
        settings.precision = "auto";
        QVERIFY(pickPrecision(settings, {.bf16 = true}) == Precision::BFloat16);
        QVERIFY(pickPrecision(settings, {.bf16 = false}) == Precision::Float32);
        settings.precision = "fp32";
        QVERIFY(pickPrecision(settings, {.bf16 = true}) == Precision::Float32);
        settings.precision = "bf16";
        QVERIFY(pickPrecision(settings, {.bf16 = false}) == Precision::BFloat16);
        QCOMPARE(nameOf(Precision::BFloat16), std::string_view("bf16"));
    }
};

QTEST_GUILESS_MAIN(TestRecord)
#include "tst_record.moc"
