// A step of several batches weighs each picture the same, can be taken back whole, and is captured in the shape that
// comes again.
#include "engine/api/error.h"
#include "engine/train/finite.h"
#include "engine/train/step.h"

#include <QTest>

using namespace engine;

namespace {

constexpr int kClasses = 3;

ModelBatch batchOf(const ModelBatch& all, std::int64_t first, std::int64_t count) {
    if (count == 0)
        return {};
    return {.input = all.input.value.narrow(0, first, count).contiguous(at::MemoryFormat::ChannelsLast),
            .targets = all.targets.narrow(0, first, count).contiguous(),
            .indices = {},
            .count = count};
}

ModelBatch pictures(std::int64_t count) {
    at::manual_seed(5);
    return {.input = at::randn({count, 3, 32, 32}).contiguous(at::MemoryFormat::ChannelsLast),
            .targets = at::randint(kClasses, {count}, at::kLong),
            .indices = {},
            .count = count};
}

// A training of one backbone, ready for its first step.
struct Training {
    explicit Training(const char* name, const std::string& batchNorm = "frozen", double labelSmoothing = 0)
        : backbone(makeBackbone(name, kClasses, 1)),
          plan({.preset = batchNorm == "frozen" ? "head-only" : "none", .batchNorm = batchNorm}, 1, *backbone),
          device(openCpu()) {
        plan.apply(*backbone, 0);
        plan.setTrainingMode(*backbone, 0);
        TrainSettings settings;
        settings.optimizer = "sgd";
        settings.momentum = 0;
        settings.weightDecay = 0;
        optimizer = makeOptimizer(settings);
        std::map<std::string, at::Tensor> parameters;
        for (const auto& item : backbone->named_parameters())
            if (item.value().requires_grad())
                parameters.emplace(item.key(), item.value());
        optimizer->setParameters(std::move(parameters));
        step = std::make_unique<TrainStep>(*device, *backbone, *optimizer,
                                           TrainStep::Settings{.labelSmoothing = labelSmoothing});
        step->enterPhase(plan.phases()[0]);
    }

    // One step over batches of these sizes, cut from `all` in order.
    StepResult make(const ModelBatch& all, const std::vector<std::int64_t>& sizes) {
        step->begin(1);
        std::int64_t first = 0;
        for (const std::int64_t size : sizes) {
            step->addBatch(batchOf(all, first, size), static_cast<std::int64_t>(sizes.size()));
            first += size;
        }
        gradients = 0;
        for (const at::Tensor& parameter : backbone->parameters())
            gradients += parameter.grad().defined() ? parameter.grad().square().sum().item<double>() : 0;
        step->finish(0.1);
        return *step->arrived(TrainStep::Wait::UntilAllAreDone);
    }

    [[nodiscard]] at::Tensor values() const {
        std::vector<at::Tensor> all;
        for (const at::Tensor& tensor : backbone->parameters())
            all.push_back(tensor.detach().flatten());
        return at::cat(all).clone();
    }
    [[nodiscard]] std::vector<at::Tensor> buffers() const {
        std::vector<at::Tensor> all;
        for (const at::Tensor& tensor : backbone->buffers())
            all.push_back(tensor.clone());
        return all;
    }

    std::shared_ptr<Backbone> backbone;
    FreezePlan plan;
    std::unique_ptr<ComputeDevice> device;
    std::unique_ptr<Optimizer> optimizer;
    std::unique_ptr<TrainStep> step;
    double gradients = 0; // their squares, as whoever looks inside a step finds them
};

// A device that works behind our back, as far as a captured step can tell.
class FakeGpu final : public ComputeDevice {
public:
    const DeviceInfo& info() const override { return m_cpu->info(); }
    at::Device place() const override { return m_cpu->place(); }
    bool answersAtOnce() const override { return false; }
    std::unique_ptr<DeviceScope> enter() override { return m_cpu->enter(); }
    at::Tensor upload(const at::Tensor& host) override { return m_cpu->upload(host); }
    std::unique_ptr<Readback> read(const at::Tensor& small) override { return m_cpu->read(small); }
    std::shared_ptr<DeviceMark> mark() override { return m_cpu->mark(); }
    void recordTimestamp(const at::Tensor& times, std::int64_t slot) override { m_cpu->recordTimestamp(times, slot); }
    void choose(Kernels) override {}
    std::unique_ptr<CapturedWork> capture(const std::function<void()>&) override {
        struct Nothing final : CapturedWork {
            void replay() override {}
        };
        ++captures;
        return std::make_unique<Nothing>();
    }
    void synchronize() override {}
    DeviceMemory memory() const override { return {}; }
    void releaseCachedMemory() override {}

    int captures = 0;

private:
    std::unique_ptr<ComputeDevice> m_cpu = openCpu();
};

} // namespace

class TestStep final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPictureOfAStepWeighsTheSame_data() {
        QTest::addColumn<QList<int>>("sizes");
        QTest::addColumn<double>("labelSmoothing");
        for (const double smoothing : {0.0, 0.2}) {
            QTest::addRow("even, smoothing %g", smoothing) << QList<int>{10, 10} << smoothing;
            QTest::addRow("a short last one, smoothing %g", smoothing) << QList<int>{12, 8} << smoothing;
            QTest::addRow("one picture, smoothing %g", smoothing) << QList<int>{6, 6, 7, 1} << smoothing;
            QTest::addRow("a short first one, smoothing %g", smoothing) << QList<int>{2, 12, 6} << smoothing;
            QTest::addRow("none at all in some, smoothing %g", smoothing) << QList<int>{0, 12, 0, 8} << smoothing;
            QTest::addRow("the others empty, smoothing %g", smoothing) << QList<int>{20, 0, 0} << smoothing;
        }
    }
    void everyPictureOfAStepWeighsTheSame() {
        QFETCH(QList<int>, sizes);
        QFETCH(double, labelSmoothing);
        const ModelBatch all = pictures(20);
        for (const char* name : {"squeezenet1_1", "cifar_resnet20"}) { // without BatchNorm; with it, frozen
            Training whole(name, "frozen", labelSmoothing), parts(name, "frozen", labelSmoothing);
            // Dropout draws as the batches lie.
            whole.backbone->eval();
            parts.backbone->eval();
            const at::Tensor before = whole.values();
            const StepResult expected = whole.make(all, {20});
            const StepResult found = parts.make(all, std::vector<std::int64_t>(sizes.begin(), sizes.end()));
            QVERIFY(!before.equal(whole.values()));
            QVERIFY((parts.values() - whole.values()).abs().max().item<double>() < 1e-6);
            QVERIFY2(std::abs(found.loss / expected.loss - 1) < 1e-6,
                     qPrintable(QStringLiteral("%1 %2").arg(found.loss, 0, 'g', 12).arg(expected.loss, 0, 'g', 12)));
            QVERIFY(std::abs(parts.gradients / whole.gradients - 1) < 1e-4);
            QCOMPARE(found.samples, expected.samples);
            QCOMPARE(found.metrics, expected.metrics);
        }
    }

    void aGroupWithoutPicturesChangesNothing() {
        Training training("cifar_resnet20");
        const at::Tensor before = training.values();
        const StepResult result = training.make(pictures(1), {0, 0});
        QCOMPARE(result.samples, 0);
        QVERIFY(training.values().equal(before));
    }

    void aStepThatIsNotMadeLeavesEverythingAsItWas() {
        const ModelBatch all = pictures(12);
        Training undisturbed("cifar_resnet20", "train"), disturbed("cifar_resnet20", "train");
        const std::vector<at::Tensor> before = disturbed.buffers();
        disturbed.step->begin(1);
        disturbed.step->addBatch(batchOf(all, 6, 4), 3);
        disturbed.step->addBatch(batchOf(all, 2, 4), 3);
        QVERIFY(!disturbed.buffers().front().equal(before.front()));
        disturbed.step->abandon();
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(disturbed.buffers()[i].equal(before[i]));
        QVERIFY(!disturbed.step->arrived(TrainStep::Wait::UntilAllAreDone));
        const StepResult one = undisturbed.make(all, {4, 4, 4}), other = disturbed.make(all, {4, 4, 4});
        QCOMPARE(other.loss, one.loss);
        QCOMPARE(other.samples, one.samples);
        QVERIFY(disturbed.values().equal(undisturbed.values()));
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(disturbed.buffers()[i].equal(undisturbed.buffers()[i]));
        // A step that is made is not taken back by who gives up before the next.
        disturbed.step->abandon();
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(disturbed.buffers()[i].equal(undisturbed.buffers()[i]));
    }

    void shapesThatComeOftenAreCaptured_data() {
        QTest::addColumn<QList<int>>("epoch");
        QTest::addColumn<int>("begin");
        QTest::addColumn<QList<int>>("captured");
        const QList<int> long8(31, 8);
        QTest::newRow("even") << QList<int>{8, 8, 8, 8} << 0 << QList<int>{8};
        QTest::newRow("a smaller one in four") << QList<int>{8, 8, 8, 3} << 0 << QList<int>{3, 8};
        QTest::newRow("a small one in turn") << QList<int>{8, 3} << 1 << QList<int>{3, 8};
        QTest::newRow("a single batch") << QList<int>{9} << 0 << QList<int>{9};
        QTest::newRow("a smaller last one of many") << long8 + QList<int>{3} << 0 << QList<int>{8};
        QTest::newRow("a larger last one of many") << long8 + QList<int>{9} << 0 << QList<int>{8};
        QTest::newRow("resumed at the last one") << long8 + QList<int>{3} << 31 << QList<int>{8};
    }
    void shapesThatComeOftenAreCaptured() {
        QFETCH(QList<int>, epoch);
        QFETCH(int, begin);
        QFETCH(QList<int>, captured);
        FakeGpu gpu;
        StepGraph graph(gpu, ComputeDevice::Kernels::ByRule);
        const ModelBatch all = pictures(9);
        int replays = 0, often = 0;
        for (int step = begin; step < 12 * epoch.size(); ++step) {
            const int size = epoch[step % epoch.size()];
            (void)graph.run(batchOf(all, 0, size), [](const ModelBatch& batch) { return batch.input.value.sum(); });
            if (graph.replayed())
                QVERIFY(captured.contains(size));
            replays += graph.replayed() ? 1 : 0;
            often += captured.contains(size) ? 1 : 0;
        }
        QCOMPARE(gpu.captures, int(captured.size()));
        QCOMPARE(replays, often - 3 * int(captured.size())); // all but the first three of each
    }

    void ofManyShapesTheOneUnusedForLongestGivesWay() {
        FakeGpu gpu;
        StepGraph graph(gpu, ComputeDevice::Kernels::ByRule);
        const ModelBatch all = pictures(9);
        const auto repeat = [&](int size, int times) {
            for (int i = 0; i < times; ++i)
                (void)graph.run(batchOf(all, 0, size), [](const ModelBatch& batch) { return batch.input.value.sum(); });
            return graph.replayed();
        };
        for (const int size : {1, 2, 3, 4, 5}) // one more than is kept
            QVERIFY(repeat(size, 8));
        QCOMPARE(gpu.captures, 5);
        QVERIFY(repeat(5, 1) && repeat(2, 1));
        QVERIFY(!repeat(1, 1));
    }

    void aValueThatIsNoNumberIsFoundByTheNameOfItsTensor() {
        const auto backbone = makeBackbone("cifar_resnet20", kClasses, 1);
        QCOMPARE(notFinite(*backbone), std::string());
        const torch::NoGradGuard noGrad;
        backbone->named_buffers()["layer2.0.bn1.running_var"][3] = std::numeric_limits<double>::infinity();
        QCOMPARE(notFinite(*backbone), std::string("layer2.0.bn1.running_var"));
        backbone->named_parameters()["linear.bias"][0] = std::numeric_limits<double>::quiet_NaN();
        QCOMPARE(notFinite(*backbone), std::string("linear.bias")); // parameters first
    }
};

QTEST_GUILESS_MAIN(TestStep)
#include "tst_step.moc"
