// BatchNorm over the samples of several ranks is BatchNorm of their batch: values, gradients and statistics. Ranks are
// threads.
#include "engine/ops/syncbatchnorm.h"

#include <QTest>

#include <barrier>
#include <thread>
#include <torch/torch.h>
#include <vector>

using namespace engine::ops;

namespace {

constexpr std::int64_t kChannels = 5;

struct Layer {
    at::Tensor weight, bias;
    BatchNormState state;

    Layer() {
        const auto numbers = at::TensorOptions(at::kFloat);
        weight = at::linspace(0.5, 1.5, kChannels, numbers).requires_grad_();
        bias = at::linspace(-1, 1, kChannels, numbers).requires_grad_();
        state = {.weight = weight,
                 .bias = bias,
                 .runningMean = at::linspace(-0.1, 0.1, kChannels, numbers),
                 .runningVar = at::linspace(0.9, 1.1, kChannels, numbers),
                 .batches = at::zeros({}, at::kLong)};
    }
};

// Sums over threads that call in the same order.
class Ranks final {
public:
    explicit Ranks(std::ptrdiff_t size) : m_given(static_cast<std::size_t>(size)), m_barrier(size) {}
    void sum(std::size_t rank, at::Tensor& tensor) {
        m_given[rank] = tensor;
        m_barrier.arrive_and_wait();
        at::Tensor all = m_given.front().clone();
        for (std::size_t other = 1; other < m_given.size(); ++other)
            all += m_given[other];
        m_barrier.arrive_and_wait();
        tensor = all;
    }

private:
    std::vector<at::Tensor> m_given;
    std::barrier<> m_barrier;
};

bool close(const at::Tensor& one, const at::Tensor& other, double tolerance) {
    return at::allclose(one.to(at::kDouble), other.to(at::kDouble), tolerance, tolerance);
}

} // namespace

class TestSyncBatchNorm final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ranksComputeWhatOneWould_data() {
        QTest::addColumn<QList<int>>("samples"); // of each rank
        QTest::addColumn<int>("side");
        QTest::addColumn<double>("away"); // mean of the input
        QTest::newRow("two alike") << QList<int>{4, 4} << 6 << 0.0;
        QTest::newRow("three unlike") << QList<int>{1, 5, 2} << 3 << 0.0;
        QTest::newRow("one without samples") << QList<int>{3, 0} << 4 << 0.0;
        QTest::newRow("one value each") << QList<int>{1, 1} << 1 << 0.0;
        QTest::newRow("far from zero") << QList<int>{2, 3} << 5 << 1000.0;
    }
    void ranksComputeWhatOneWould() {
        QFETCH(QList<int>, samples);
        QFETCH(int, side);
        QFETCH(double, away);
        torch::manual_seed(3);
        std::int64_t count = 0;
        for (const int some : samples)
            count += some;
        const at::Tensor input = at::randn({count, kChannels, side, side}) + away;
        const at::Tensor upstream = at::randn_like(input);

        Layer alone;
        const at::Tensor whole = input.to(at::kDouble).requires_grad_();
        const at::Tensor weight = alone.weight.detach().to(at::kDouble).requires_grad_(),
                         bias = alone.bias.detach().to(at::kDouble).requires_grad_();
        at::Tensor mean = alone.state.runningMean.to(at::kDouble), variance = alone.state.runningVar.to(at::kDouble);
        const at::Tensor expected = at::batch_norm(whole, weight, bias, mean, variance, true, 0.1, 1e-5, false);
        expected.backward(upstream.to(at::kDouble));

        Ranks ranks(samples.size());
        std::vector<Layer> layers(static_cast<std::size_t>(samples.size()));
        std::vector<at::Tensor> outputs(layers.size()), gradients(layers.size());
        std::vector<std::jthread> threads;
        std::int64_t begin = 0;
        for (std::size_t rank = 0; rank < layers.size(); ++rank) {
            const std::int64_t some = samples[static_cast<qsizetype>(rank)];
            threads.emplace_back([&, rank, begin, some] {
                const BatchNormOfAll scope([&, rank](at::Tensor& tensor) { ranks.sum(rank, tensor); });
                const at::Tensor mine = input.narrow(0, begin, some).clone().requires_grad_();
                outputs[rank] = syncBatchNorm(mine, layers[rank].state);
                outputs[rank].backward(upstream.narrow(0, begin, some));
                gradients[rank] = mine.grad();
            });
            begin += some;
        }
        threads.clear();
        const double tolerance = away > 0 ? 1e-2 : 2e-5; // 1000 has 24 bits as well
        QVERIFY(close(at::cat(outputs).detach(), expected.detach(), tolerance));
        QVERIFY(close(at::cat(gradients), whole.grad(), tolerance));
        at::Tensor ofWeight = at::zeros({kChannels}), ofBias = at::zeros({kChannels});
        for (const Layer& layer : layers) {
            ofWeight += layer.weight.grad();
            ofBias += layer.bias.grad();
            QVERIFY(close(layer.state.runningMean, mean, 1e-5));
            QVERIFY(close(layer.state.runningVar, variance, 1e-4));
            QCOMPARE(layer.state.batches.item<std::int64_t>(), std::int64_t(1));
        }
        QVERIFY(close(ofWeight, weight.grad(), tolerance * 10));
        QVERIFY(close(ofBias, bias.grad(), 1e-4));
    }

    void outsideTheScopeNothingIsShared() {
        QVERIFY(!BatchNormOfAll::applies());
        {
            const BatchNormOfAll scope([](at::Tensor&) {});
            QVERIFY(BatchNormOfAll::applies());
            const BatchNormOfAll none(SumOverRanks{});
            QVERIFY(!BatchNormOfAll::applies());
        }
        QVERIFY(!BatchNormOfAll::applies());
        Layer layer;
        QVERIFY_EXCEPTION_THROWN(syncBatchNorm(at::zeros({2, kChannels, 1, 1}), layer.state), c10::Error);
    }
};

QTEST_APPLESS_MAIN(TestSyncBatchNorm)
#include "tst_syncbatchnorm.moc"
