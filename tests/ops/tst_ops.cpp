#include <QTest>

#include "engine/ops/ops.h"
#include "engine/ops/pad.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

class TestOps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyByteBecomesTheTablesValue() {
        const at::Tensor images = at::arange(256, at::kByte).repeat({6}).view({2, 16, 16, 3});
        const at::Tensor table = at::rand({3, 256});
        const at::Tensor result = engine::ops::normalizeU8(images, table, at::kFloat);
        QVERIFY(result.sizes() == at::IntArrayRef({2, 3, 16, 16}));
        QVERIFY(result.is_contiguous(at::MemoryFormat::ChannelsLast));
        for (int c = 0; c < 3; ++c)
            QVERIFY(at::equal(result.select(1, c), table[c].index({images.select(3, c).to(at::kLong)})));
    }

    void bfloat16IsTheRoundedFloat() {
        const at::Tensor images = at::randint(0, 256, {1, 4, 4, 3}, at::kByte);
        const at::Tensor table = at::randn({3, 256});
        const at::Tensor exact = engine::ops::normalizeU8(images, table, at::kFloat);
        const at::Tensor rounded = engine::ops::normalizeU8(images, table, at::kBFloat16);
        QCOMPARE(rounded.scalar_type(), at::kBFloat16);
        QVERIFY(at::equal(rounded, exact.to(at::kBFloat16)));
    }

    void wrongShapesAreRefused() {
        const at::Tensor table = at::zeros({3, 256});
        const auto normalize = [](const at::Tensor& images, const at::Tensor& by) {
            return engine::ops::normalizeU8(images, by, at::kFloat);
        };
        QVERIFY_EXCEPTION_THROWN((void)normalize(at::zeros({1, 3, 4, 4}, at::kByte), table), c10::Error);
        QVERIFY_EXCEPTION_THROWN((void)normalize(at::zeros({1, 4, 4, 3}), table), c10::Error);
        QVERIFY_EXCEPTION_THROWN((void)normalize(at::zeros({1, 4, 4, 3}, at::kByte), at::zeros({3, 255})), c10::Error);
    }

    void zerosComeAroundPicturesAndGradientsFromWithin() {
        const at::Tensor pictures =
            at::rand({2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(true);
        const at::Tensor padded = engine::ops::padZeros(pictures, {.left = 1, .right = 2, .top = 0, .bottom = 3});
        QVERIFY(padded.sizes() == at::IntArrayRef({2, 3, 7, 8}));
        QVERIFY(padded.is_contiguous(at::MemoryFormat::ChannelsLast));
        const auto within = [](const at::Tensor& all) { return all.slice(2, 0, 4).slice(3, 1, 6); };
        QVERIFY(at::equal(within(padded), pictures));
        QVERIFY(std::abs((padded.sum() - pictures.sum()).item<double>()) < 1e-4);
        const at::Tensor grad = at::rand(padded.sizes());
        QVERIFY(at::equal(torch::autograd::grad({padded}, {pictures}, {grad})[0], within(grad)));
    }

    void negativeSidesCutOff() {
        const at::Tensor pictures = at::rand({1, 2, 5, 6}).set_requires_grad(true);
        const at::Tensor cut = engine::ops::padZeros(pictures, {.left = -1, .right = 1, .top = -2, .bottom = -1});
        QVERIFY(cut.sizes() == at::IntArrayRef({1, 2, 2, 6}));
        QVERIFY(at::equal(cut.slice(3, 0, 5), pictures.slice(2, 2, 4).slice(3, 1, 6)));
        const at::Tensor grad = torch::autograd::grad({cut.sum()}, {pictures})[0];
        QCOMPARE(grad.sum().item<double>(), 20.0); // 2 channels, 2 rows, 5 columns
        QVERIFY_EXCEPTION_THROWN((void)engine::ops::padZeros(pictures, {.top = -6}), c10::Error);
        QVERIFY_EXCEPTION_THROWN((void)engine::ops::padZeros(at::rand({2, 3, 4}), {}), c10::Error);
    }
};

QTEST_APPLESS_MAIN(TestOps)
#include "tst_ops.moc"
