// A prefix that only infers says what the backbone says.
#include "engine/device/cpufeatures.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/models/layers.h"
#include "tests/models/goldenmodel.h"

#include <QTest>

using namespace engine;

namespace {

constexpr double kFoldTolerance = 1e-4;
constexpr int kSize = 64;

// Parameters and statistics by a formula that keeps activations near one.
std::shared_ptr<Backbone> filled(const QString& name, double gain) {
    return tests::filledModel({{QStringLiteral("name"), name}, {QStringLiteral("gain"), gain}});
}

at::Tensor pictures(int size = kSize) { return tests::pictures(size).contiguous(at::MemoryFormat::ChannelsLast); }

double greatest(const at::Tensor& value) { return value.abs().max().item<double>(); }

int batchNorms(Backbone& model) {
    int count = 0;
    for (const auto& module : model.modules(false))
        count += module->as<torch::nn::BatchNorm2dImpl>() != nullptr ? 1 : 0;
    return count;
}

} // namespace

class TestPrefix final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(2); }

    void foldedEqualsUnfoldedForEveryBackbone_data() { tests::addGoldenRows(); }
    void foldedEqualsUnfoldedForEveryBackbone() {
        const torch::NoGradGuard noGrad;
        QFETCH(QJsonObject, golden);
        const auto model = tests::filledModel(golden);
        const at::Tensor input = pictures(tests::ownSize(golden));
        at::Tensor expected = input;
        const auto stages = model->stages();
        for (std::size_t cut = 1; cut <= stages.size(); ++cut) {
            expected = stages[cut - 1].forward(expected).value;
            if (cut != 1 && cut + 1 != stages.size() && cut != stages.size())
                continue;
            const FrozenPrefix prefix(*model, cut, at::kFloat);
            const at::Tensor value = prefix.forward(input).value;
            QCOMPARE(value.sizes(), expected.sizes());
            const double difference = greatest(value - expected) / std::max(1.0, greatest(expected));
            QVERIFY2(difference < kFoldTolerance, qPrintable(QStringLiteral("%1 stages: %2").arg(cut).arg(difference)));
        }
    }

    void normalisationIsNotComputedAnyMore() {
        const torch::NoGradGuard noGrad;
        for (const char* name : {"resnet18", "tf_efficientnet_lite0", "mobilenet_v3_small", "vgg16_bn"}) {
            const auto model = filled(QLatin1String(name), 1.5);
            QVERIFY(batchNorms(*model) > 0);
            const FrozenPrefix prefix(*model, model->stages().size(), at::kFloat);
            const at::Tensor before = prefix.forward(pictures()).value;
            // Statistics that change after folding no longer reach the prefix.
            for (const auto& module : model->modules(false))
                if (auto* norm = module->as<torch::nn::BatchNorm2dImpl>())
                    norm->running_mean.add_(1);
            QVERIFY2(at::equal(before, prefix.forward(pictures()).value), name);
        }
    }

    void onePictureOfOnePixelAtTheEndIsFolded() {
        const torch::NoGradGuard noGrad;
        for (const char* name : {"resnet18", "efficientnet_b0", "mobilenet_v3_small"}) {
            const auto model = filled(QLatin1String(name), 1.5);
            const FrozenPrefix prefix(*model, model->stages().size(), at::kFloat);
            const at::Tensor one = pictures(32).narrow(0, 0, 1);
            const at::Tensor expected = model->forward(one);
            QVERIFY2(greatest(prefix.forward(one).value - expected) / std::max(1.0, greatest(expected)) <
                         kFoldTolerance,
                     name);
        }
    }

    void bfloat16StaysNear() {
        if (!cpuComputesBf16())
            QSKIP("This CPU cannot compute in bf16.");
        const torch::NoGradGuard noGrad;
        const auto model = filled(QStringLiteral("resnet18"), 1.5);
        const at::Tensor input = pictures(), expected = model->forward(input);
        const FrozenPrefix prefix(*model, model->stages().size(), at::kBFloat16);
        at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
        at::autocast::set_autocast_enabled(at::kCPU, true);
        const at::Tensor value = prefix.forward(input).value;
        at::autocast::set_autocast_enabled(at::kCPU, false);
        QCOMPARE(value.scalar_type(), at::kBFloat16);
        QVERIFY(((value.to(at::kFloat) - expected).norm() / expected.norm()).item<double>() < 0.03);
    }

    void backboneIsLeftAsItIs() {
        if (!cpuComputesBf16())
            QSKIP("This CPU cannot compute in bf16.");
        const auto model = filled(QStringLiteral("resnet18"), 1.5);
        model->train();
        const std::uint64_t before = weightsHash(*model, model->stages().size());
        const FrozenPrefix prefix(*model, 3, at::kBFloat16);
        static_cast<void>(prefix.forward(pictures().to(at::kBFloat16)));
        QCOMPARE(weightsHash(*model, model->stages().size()), before);
        for (const auto& parameter : model->parameters())
            QVERIFY(parameter.requires_grad() && parameter.scalar_type() == at::kFloat);
        QVERIFY(model->is_training());
    }

    void hashKnowsTheStagesBelowTheCutAndNoOthers() {
        const torch::NoGradGuard noGrad;
        const auto model = filled(QStringLiteral("resnet18"), 1.5);
        const std::uint64_t before = weightsHash(*model, 4);
        model->named_parameters()["layer4.0.conv1.weight"].add_(1);
        QCOMPARE(weightsHash(*model, 4), before);
        model->named_buffers()["layer3.0.bn1.running_mean"].add_(1);
        QVERIFY(weightsHash(*model, 4) != before);
    }
};

QTEST_GUILESS_MAIN(TestPrefix)
#include "tst_prefix.moc"
