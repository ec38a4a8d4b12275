#include <QTest>

#include "engine/ops/ops.h"

#include <ATen/ATen.h>

class TestOps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void normalizesAsTorchvisionDoes() {
        const at::Tensor images = at::randint(0, 256, {2, 5, 7, 3}, at::kByte);
        const at::Tensor mean = at::tensor({0.485F, 0.456F, 0.406F}), deviation = at::tensor({0.229F, 0.224F, 0.225F});
        const at::Tensor result = engine::ops::normalizeU8(images, mean, deviation, at::kFloat);
        QVERIFY(result.sizes() == at::IntArrayRef({2, 3, 5, 7}));
        QVERIFY(result.is_contiguous(at::MemoryFormat::ChannelsLast));
        for (int c = 0; c < 3; ++c) {
            const at::Tensor expected = (images.select(3, c).to(at::kFloat) / 255 - mean[c]) / deviation[c];
            QVERIFY(at::allclose(result.select(1, c), expected, 1e-5, 1e-5));
        }
    }

    void bfloat16IsTheRoundedFloat() {
        const at::Tensor images = at::randint(0, 256, {1, 4, 4, 3}, at::kByte);
        const at::Tensor half = at::full({3}, 0.5F);
        const at::Tensor exact = engine::ops::normalizeU8(images, half, half, at::kFloat);
        const at::Tensor rounded = engine::ops::normalizeU8(images, half, half, at::kBFloat16);
        QCOMPARE(rounded.scalar_type(), at::kBFloat16);
        QVERIFY(at::equal(rounded, exact.to(at::kBFloat16)));
    }

    void wrongShapesAreRefused() {
        const at::Tensor mean = at::zeros({3});
        QVERIFY_EXCEPTION_THROWN(engine::ops::normalizeU8(at::zeros({1, 3, 4, 4}, at::kByte), mean, mean, at::kFloat),
                                 c10::Error);
        QVERIFY_EXCEPTION_THROWN(engine::ops::normalizeU8(at::zeros({1, 4, 4, 3}), mean, mean, at::kFloat), c10::Error);
    }
};

QTEST_APPLESS_MAIN(TestOps)
#include "tst_ops.moc"
