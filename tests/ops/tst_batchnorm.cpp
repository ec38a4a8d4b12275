// The reference of BatchNorm with what follows it, against torch's parts one after the other.
#include "engine/ops/activate.h"
#include "tests/ops/batchnormcase.h"

using namespace engine;

namespace {

at::Tensor byParts(tests::BatchNormCase& one) {
    const auto& s = one.state;
    at::Tensor value =
        at::batch_norm(one.input, s.weight, s.bias, s.runningMean, s.runningVar, true, s.momentum, s.epsilon, false);
    if (one.added.defined())
        value = value + one.added;
    return activateInPlace(value, one.activation);
}

} // namespace

class TestBatchNorm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTorchsParts_data() { tests::addBatchNormRows(); }
    void equalsTorchsParts() {
        QFETCH(int, activation);
        QFETCH(bool, added);
        const tests::BatchNormCase one({3, 7, 5, 6}, added, static_cast<Activation>(activation), at::kFloat);
        tests::BatchNormCase parts = one.on(at::kCPU), fused = one.on(at::kCPU);
        const auto expected = parts.run([&] { return byParts(parts); });
        const auto found = fused.runOperator();
        QCOMPARE(found.size(), expected.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            QVERIFY2(at::allclose(found[i], expected[i], 1e-4, 2e-5), qPrintable(QString::number(i)));
        QVERIFY(found[0].is_contiguous(at::MemoryFormat::ChannelsLast));
        QCOMPARE(fused.state.batches.item<std::int64_t>(), std::int64_t{1});
    }

    void frozenParametersAndInputsGetNoGradient() {
        tests::BatchNormCase one({2, 4, 3, 3}, true, Activation::Relu, at::kFloat);
        one.state.bias.set_requires_grad(true);
        const at::Tensor output = ops::batchNormActivate(one.input, one.added, one.state, one.activation);
        const auto gradients = torch::autograd::grad({output}, {one.state.bias}, {one.grad});
        QVERIFY(at::allclose(gradients[0], (one.grad * output.gt(0)).sum({0, 2, 3}), 1e-4, 1e-5));
    }

    void whatItCannotTakeIsRefused() {
        const tests::BatchNormCase one({2, 4, 3, 3}, true, Activation::Silu, at::kFloat);
        const auto refused = [&](const at::Tensor& input, const at::Tensor& added, Activation activation) {
            try {
                (void)ops::batchNormActivate(input, added, one.state, activation);
                return false;
            } catch (const c10::Error&) {
                return true;
            }
        };
        QVERIFY(refused(one.input, one.added, Activation::Silu)); // the sum's slope is not kept
        QVERIFY(refused(one.input.contiguous(), {}, Activation::Relu));
        QVERIFY(refused(one.input, one.added.to(at::kBFloat16), Activation::Relu));
        QVERIFY(
            refused(one.input.slice(0, 0, 1).slice(2, 0, 1).slice(3, 0, 1).contiguous(at::MemoryFormat::ChannelsLast),
                    {}, Activation::Relu));
        QVERIFY(refused(at::zeros({2, 5, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast), {}, Activation::Relu));
        QVERIFY(!refused(one.input, one.added, Activation::Relu));
        QVERIFY(!ops::fusesBatchNorm(one.input, one.added, one.state, Activation::Relu)); // no kernel here
    }
};

QTEST_APPLESS_MAIN(TestBatchNorm)
#include "tst_batchnorm.moc"
