// What a GPU computes, against the same on the CPU.
#include "engine/device/cudamodule.h"
#include "engine/models/backbone.h"
#include "engine/ops/ops.h"
#include "engine/ops/pad.h"
#include "engine/train/kernelprofile.h"
#include "engine/train/place.h"
#include "engine/train/precision.h"
#include "engine/train/step.h"
#include "tests/models/goldenmodel.h"
#include "tests/ops/batchnormcase.h"

#include <QTest>

#include <map>

using namespace engine;

namespace {

constexpr double kBf16Tolerance = 2e-2; // against fp32, as on a CPU

double relative(const at::Tensor& found, const at::Tensor& expected) {
    const at::Tensor a = found.cpu().to(at::kDouble), b = expected.cpu().to(at::kDouble);
    return ((a - b).norm() / b.norm()).item<double>();
}

// A network of its own with everything that a step needs, on the GPU.
struct Training {
    Training(ComputeDevice& device, const char* name, const char* kind, TrainStep::Settings settings) {
        backbone = makeBackbone(name, 10, 3);
        place(*backbone, device);
        FreezeSettings freeze;
        freeze.preset = "none";
        plan = std::make_unique<FreezePlan>(freeze, 1, *backbone);
        plan->apply(*backbone, 0);
        plan->setTrainingMode(*backbone, 0);
        TrainSettings train;
        train.optimizer = kind;
        optimizer = makeOptimizer(train);
        std::map<std::string, at::Tensor> parameters;
        for (const auto& item : backbone->named_parameters())
            parameters.emplace(item.key(), item.value());
        optimizer->setParameters(parameters);
        step = std::make_unique<TrainStep>(device, *backbone, *optimizer, settings);
        step->enterPhase(plan->phases().front());
    }
    void run(const ModelBatch& batch, int count = 1) {
        for (int i = 0; i < count; ++i) {
            step->begin(++number);
            step->addBatch(batch, 1);
            step->finish(1e-3);
        }
    }
    std::vector<StepResult> results() {
        std::vector<StepResult> all;
        while (auto done = step->arrived(TrainStep::Wait::UntilAllAreDone))
            all.push_back(*done);
        return all;
    }
    [[nodiscard]] std::vector<at::Tensor> values() const {
        std::vector<at::Tensor> all;
        for (const at::Tensor& parameter : backbone->parameters())
            all.push_back(parameter.detach().cpu().clone());
        return all;
    }

    std::shared_ptr<Backbone> backbone;
    std::unique_ptr<FreezePlan> plan;
    std::unique_ptr<Optimizer> optimizer;
    std::unique_ptr<TrainStep> step;
    std::int64_t number = 0;
};

ModelBatch someBatch(std::int64_t count, int size = 64) {
    at::manual_seed(11);
    return {.input = at::randn({count, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast),
            .targets = at::randint(10, {count}, at::kLong),
            .count = count};
}

} // namespace

class TestGpu final : public QObject {
    Q_OBJECT

    std::unique_ptr<ComputeDevice> m_device;
    std::unique_ptr<DeviceScope> m_scope;

private Q_SLOTS:
    void initTestCase() {
        if (cuda().gpus.empty())
            QSKIP(cuda().absence.c_str());
        const std::vector<std::string> use = {"cuda:0"};
        m_device = openDevice(use);
        m_scope = m_device->enter();
    }

    void normalizeEqualsItsReference_data() {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        for (const auto& [n, h, w] :
             {std::tuple{1, 1, 1}, {2, 5, 7}, {3, 17, 33}, {1, 2, 1}, {7, 31, 1}, {4, 224, 224}})
            QTest::addRow("%d pictures of %dx%d", n, h, w) << n << h << w;
    }
    void normalizeEqualsItsReference() {
        QFETCH(int, count);
        QFETCH(int, height);
        QFETCH(int, width);
        const at::Tensor table = at::randn({3, 256});
        const at::Tensor images = at::randint(0, 256, {count + 1, height, width, 3}, at::kByte);
        for (const auto type : {at::kFloat, at::kBFloat16}) {
            // The second: a slice that starts anywhere.
            for (const at::Tensor& one : {images, images.slice(0, 1)}) {
                const at::Tensor there = images.to(m_device->place());
                const at::Tensor given = one.size(0) == count ? there.slice(0, 1) : there;
                const at::Tensor found = ops::normalizeU8(given, table.to(m_device->place()), type);
                const at::Tensor expected = ops::normalizeU8(one, table, type);
                QVERIFY(found.is_cuda() && found.is_contiguous(at::MemoryFormat::ChannelsLast));
                QCOMPARE(found.scalar_type(), type);
                QVERIFY(at::equal(found.cpu(), expected));
            }
        }
    }

    void padEqualsItsReference_data() {
        QTest::addColumn<int>("channels");
        for (const int channels : {1, 3, 4, 6, 8, 96, 2052})
            QTest::addRow("%d channels", channels) << channels;
    }
    void padEqualsItsReference() {
        QFETCH(int, channels);
        for (const auto type : {at::kFloat, at::kBFloat16, at::kByte}) {
            const at::Tensor all = (at::rand({4, channels, 7, 9}) * 200).to(type);
            for (const ops::Padding2d& padding : {ops::Padding2d{.right = 1, .bottom = 1},
                                                  {.left = 2, .right = 3, .top = 1, .bottom = 2},
                                                  {.left = -1, .right = 2, .top = -3, .bottom = 4},
                                                  {.left = -4, .right = -4, .top = -3, .bottom = -3}}) {
                // Whole, a slice that starts anywhere, and channels that do not lie beside each other.
                const at::Tensor channelsLast = all.contiguous(at::MemoryFormat::ChannelsLast);
                for (const at::Tensor& one : {channelsLast, channelsLast.slice(0, 1), all}) {
                    const at::Tensor there = ops::padZeros(
                        one.size(0) == 4 ? one.to(m_device->place()) : channelsLast.to(m_device->place()).slice(0, 1),
                        padding);
                    const at::Tensor here = ops::padZeros(one, padding);
                    QVERIFY(there.is_cuda() && there.suggest_memory_format() == here.suggest_memory_format());
                    QVERIFY(at::equal(there.cpu(), here));
                }
            }
        }
        const at::Tensor pictures = at::rand({2, channels, 5, 6}, m_device->place())
                                        .contiguous(at::MemoryFormat::ChannelsLast)
                                        .set_requires_grad(true);
        const at::Tensor padded = ops::padZeros(pictures, {.left = 1, .right = 0, .top = 2, .bottom = 1});
        const at::Tensor grad = at::rand_like(padded);
        const at::Tensor found = torch::autograd::grad({padded}, {pictures}, {grad})[0];
        QVERIFY(at::equal(found, grad.slice(2, 2, 7).slice(3, 1, 7)));
    }

    void batchNormEqualsItsReference_data() { tests::addBatchNormRows(); }
    void batchNormEqualsItsReference() {
        QFETCH(int, activation);
        QFETCH(bool, added);
        // Channels that fill vectors and tiles, and that do not; few rows and many; a picture of one pixel.
        for (const auto& size : {std::array<std::int64_t, 4>{2, 64, 7, 9},
                                 {3, 7, 5, 6},
                                 {9, 1, 1, 1},
                                 {5, 36, 1, 1},
                                 {3, 130, 11, 3},
                                 {2, 2052, 7, 7},
                                 {33, 24, 56, 55},
                                 {16, 256, 28, 28}}) {
            for (const auto type : {at::kFloat, at::kBFloat16}) {
                const tests::BatchNormCase one(size, added, static_cast<Activation>(activation), type);
                tests::BatchNormCase here = one.on(at::kCPU), there = one.on(m_device->place());
                QVERIFY(ops::fusesBatchNorm(there.input, there.added, there.state, there.activation));
                const auto expected = here.runOperator(), found = there.runOperator();
                const double tolerance = type == at::kBFloat16 ? 5e-3 : 1e-4;
                for (std::size_t i = 0; i < found.size(); ++i) {
                    const double error = relative(found[i], expected[i]);
                    QVERIFY2(error < tolerance, qPrintable(QStringLiteral("%1 of %2x%3x%4x%5, %6: %7")
                                                               .arg(i)
                                                               .arg(size[0])
                                                               .arg(size[1])
                                                               .arg(size[2])
                                                               .arg(size[3])
                                                               .arg(QLatin1String(at::toString(type)))
                                                               .arg(error)));
                }
                QCOMPARE(there.state.batches.item<std::int64_t>(), std::int64_t{1});
                const auto again = one.on(m_device->place()).runOperator();
                for (std::size_t i = 0; i < found.size(); ++i)
                    QVERIFY(at::equal(found[i], again[i]));
            }
        }
    }

    void backboneInBf16EqualsFp32OnTheCpu_data() { tests::addGoldenRows(); }
    void backboneInBf16EqualsFp32OnTheCpu() {
        QFETCH(QJsonObject, golden);
        const torch::NoGradGuard noGrad;
        const auto backbone = tests::filledModel(golden);
        const at::Tensor pixels = tests::pictures(tests::ownSize(golden)).contiguous(at::MemoryFormat::ChannelsLast);
        const at::Tensor expected = backbone->forward(pixels);
        place(*backbone, *m_device);
        const AutocastGuard autocast(Precision::BFloat16, at::kCUDA);
        const double error = relative(backbone->forward(m_device->upload(pixels)), expected);
        qInfo("%s: %.2e", backbone->info().name.c_str(), error);
        QVERIFY2(error < kBf16Tolerance, qPrintable(QString::number(error)));
    }

    void uploadKeepsValuesAndLayoutWhileTheSourceChanges() {
        std::vector<at::Tensor> there;
        at::Tensor host = at::empty({4, 3, 32, 32}, at::MemoryFormat::ChannelsLast);
        for (int i = 0; i < 20; ++i) {
            host.fill_(i);
            there.push_back(m_device->upload(host));
        }
        for (int i = 0; i < 20; ++i) {
            QVERIFY(there[static_cast<std::size_t>(i)].strides() == host.strides());
            QVERIFY(there[static_cast<std::size_t>(i)].eq(i).all().item<bool>());
        }
    }
    void readingsKeepWhatTheTensorWas() {
        at::Tensor value = at::zeros({2}, at::TensorOptions(at::kFloat).device(m_device->place()));
        std::vector<std::unique_ptr<Readback>> readings;
        for (int i = 0; i < 10; ++i) {
            value.fill_(i);
            readings.push_back(m_device->read(value));
        }
        for (int i = 0; i < 10; ++i)
            QCOMPARE(readings[static_cast<std::size_t>(i)]->wait()[1].item<float>(), static_cast<float>(i));
    }
    void aStepRunsKernelsOfOurOwn() {
        Training training(*m_device, "tf_efficientnet_lite0", "sgd", {.graphs = TrainStep::Settings::Graphs::Off});
        const ModelBatch batch = someBatch(8);
        training.run(batch);
        (void)training.results();
        const auto kernels = profileKernels(*m_device, [&] { training.run(batch); });
        const auto calls = [&](const char* part) {
            double count = 0;
            for (const KernelTime& kernel : kernels)
                count += kernel.name.find(part) != std::string::npos ? kernel.count : 0;
            return count;
        };
        QVERIFY(std::ranges::is_sorted(kernels, std::greater(), &KernelTime::ms));
        QVERIFY(kernels.back().ms > 0);
        QCOMPARE(calls("cuda::(anonymous namespace)::forwardKernel"), 49.0); // BatchNorm layers
        QCOMPARE(calls("cuda::(anonymous namespace)::backwardKernel"), 49.0);
        QCOMPARE(calls("batch_norm") + calls("bn_fw") + calls("bn_bw"), 0.0); // torch's and cuDNN's
        QCOMPARE(calls("padKernel"), 9.0); // before five convolutions, and behind all of them but the first
    }
    void capturedWorkIsNotDoneUntilItIsReplayed() {
        at::Tensor value = at::zeros({3}, at::TensorOptions(at::kFloat).device(m_device->place()));
        value.add_(0);
        const auto captured = m_device->capture([&] { value.add_(1); });
        QVERIFY(captured);
        QCOMPARE(value.sum().item<float>(), 0.0F);
        for (int i = 0; i < 5; ++i)
            captured->replay();
        QCOMPARE(value.sum().item<float>(), 15.0F);
    }

    void capturedStepsLearnAsOthersDo_data() {
        QTest::addColumn<QString>("optimizer");
        QTest::newRow("adamw") << QStringLiteral("adamw");
        QTest::newRow("sgd") << QStringLiteral("sgd");
    }
    void capturedStepsLearnAsOthersDo() {
        QFETCH(QString, optimizer);
        const ModelBatch batch = someBatch(8);
        std::vector<std::vector<StepResult>> runs;
        for (const auto graphs : {TrainStep::Settings::Graphs::Off, TrainStep::Settings::Graphs::Captured}) {
            Training training(*m_device, "resnet18", qPrintable(optimizer), {.graphs = graphs});
            training.run(batch, 12);
            runs.push_back(training.results());
        }
        QCOMPARE(runs[0].size(), std::size_t{12});
        QCOMPARE(runs[1].size(), std::size_t{12});
        QVERIFY(!runs[0].back().replayed && !runs[1].front().replayed && runs[1].back().replayed);
        for (std::size_t i = 0; i < 12; ++i) {
            QCOMPARE(runs[1][i].number, static_cast<std::int64_t>(i + 1));
            QVERIFY2(std::abs(runs[0][i].loss - runs[1][i].loss) < 2e-2 * std::max(0.05, runs[0][i].loss),
                     qPrintable(QStringLiteral("step %1: %2, %3").arg(i).arg(runs[0][i].loss).arg(runs[1][i].loss)));
        }
        QVERIFY(runs[1].back().loss < runs[1].front().loss);
    }
    void everyStepIsTimedByItsParts() {
        // As one graph or not, the parts are those of the same kernels; a larger batch takes them longer.
        std::map<int, std::vector<StepResult>> captured;
        for (const int pictures : {16, 128}) {
            for (const auto graphs : {TrainStep::Settings::Graphs::Off, TrainStep::Settings::Graphs::Captured}) {
                Training training(*m_device, "resnet18", "adamw", {.graphs = graphs});
                training.run(someBatch(pictures, 224), 10);
                const auto results = training.results();
                for (const StepResult& step : results) {
                    QVERIFY(step.forwardMs > 0 && step.backwardMs > 0 && step.optimizerMs > 0 && step.otherMs >= 0);
                    const double parts =
                        step.dataMs + step.forwardMs + step.backwardMs + step.optimizerMs + step.otherMs;
                    QVERIFY2(std::abs(parts - step.seconds * 1e3) < 0.02, qPrintable(QString::number(parts)));
                }
                if (results.back().replayed)
                    captured[pictures] = results;
            }
        }
        const StepResult &few = captured.at(16).back(), &many = captured.at(128).back();
        QVERIFY(many.forwardMs > 2 * few.forwardMs && many.backwardMs > 2 * few.backwardMs);
        QVERIFY(many.backwardMs > many.forwardMs); // two convolutions for each of the forward pass
        qInfo("resnet18, batch 128: forward %.3f, backward %.3f, optimizer %.3f, other %.3f ms", many.forwardMs,
              many.backwardMs, many.optimizerMs, many.otherMs);
    }
    void capturedWorkMeasuresItselfAtEachReplay() {
        const auto onDevice = at::TensorOptions(at::kFloat).device(m_device->place());
        const at::Tensor times = at::zeros({3}, onDevice.dtype(at::kDouble)), value = at::ones({8192, 8192}, onDevice);
        at::mm(value, value);
        const auto captured = m_device->capture([&] {
            m_device->recordTimestamp(times, 0);
            for (int i = 0; i < 4; ++i)
                at::mm(value, value);
            m_device->recordTimestamp(times, 1);
            m_device->recordTimestamp(times, 2);
        });
        for (int i = 0; i < 3; ++i) {
            times.zero_();
            const auto begin = m_device->mark();
            captured->replay();
            const auto end = m_device->mark();
            const auto read = m_device->read(times);
            const auto* ms = read->wait().const_data_ptr<double>();
            const double whole = end->millisecondsSince(*begin);
            QVERIFY2(ms[1] > 0.7 * whole && ms[1] < whole + 0.01 && ms[2] > ms[1] && ms[2] - ms[1] < 0.5,
                     qPrintable(QStringLiteral("%1 %2 of %3").arg(ms[1]).arg(ms[2]).arg(whole)));
        }
    }
    void smallerLastBatchesRunBetweenCapturedSteps() {
        Training training(*m_device, "resnet18", "adamw", {});
        const ModelBatch whole = someBatch(8), last = someBatch(3);
        for (int epoch = 0; epoch < 4; ++epoch) {
            training.run(whole, 3);
            training.run(last);
        }
        const auto results = training.results();
        QCOMPARE(results.size(), std::size_t{16});
        for (std::size_t i = 0; i < results.size(); ++i) {
            QCOMPARE(results[i].samples, std::int64_t{i % 4 == 3 ? 3 : 8});
            QVERIFY(std::isfinite(results[i].loss));
        }
        QVERIFY(results[14].loss < results[0].loss);
    }
    void gradientsAreThereWhereTheyAreWanted() {
        Training training(*m_device, "squeezenet1_1", "adamw", {});
        const ModelBatch batch = someBatch(8);
        training.run(batch, 6);
        training.step->begin(7, TrainStep::Gradients::Wanted);
        training.step->addBatch(batch, 1);
        for (const at::Tensor& parameter : training.backbone->parameters())
            QVERIFY(parameter.grad().defined());
        training.step->finish(1e-3);
        training.number = 7;
        training.run(batch, 2);
        const auto results = training.results();
        QCOMPARE(results.size(), std::size_t{9});
        QVERIFY(results[5].replayed && !results[6].replayed && results[7].replayed);
    }
    void aLossThatIsNoNumberChangesNothing_data() { capturedStepsLearnAsOthersDo_data(); }
    void aLossThatIsNoNumberChangesNothing() {
        QFETCH(QString, optimizer);
        const ModelBatch good = someBatch(8);
        ModelBatch bad = someBatch(8);
        bad.input.value.select(0, 0).fill_(std::nan(""));
        for (const auto graphs : {TrainStep::Settings::Graphs::Off, TrainStep::Settings::Graphs::Captured}) {
            Training training(*m_device, "squeezenet1_1", qPrintable(optimizer), {.graphs = graphs});
            training.run(good, 6);
            (void)training.results();
            const auto before = training.values();
            training.run(bad);
            const auto results = training.results();
            QVERIFY(std::isnan(results.front().loss));
            const auto after = training.values();
            for (std::size_t i = 0; i < before.size(); ++i)
                QVERIFY(at::equal(before[i], after[i]));
            training.run(good);
            QVERIFY(std::isfinite(training.results().front().loss));
        }
    }
    void memoryIsToldAndGivenBack() {
        m_device->releaseCachedMemory();
        const std::uint64_t before = m_device->memory().used;
        {
            const at::Tensor large =
                at::zeros({256, 1024, 1024}, at::TensorOptions(at::kFloat).device(m_device->place()));
            QVERIFY(m_device->memory().used >= before + (std::uint64_t{1} << 30));
        }
        m_device->releaseCachedMemory();
        QVERIFY(m_device->memory().used <= before);
        QVERIFY(m_device->memory().peak >= before + (std::uint64_t{1} << 30));
    }
    void cleanupTestCase() {
        m_scope.reset();
        m_device.reset();
    }
};

QTEST_APPLESS_MAIN(TestGpu)
#include "tst_gpu.moc"
