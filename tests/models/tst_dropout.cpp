// Dropout on a CPU: as torch's in what it promises, whatever the number of threads.
#include <QTest>

#include "engine/models/dropout.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <cmath>

using engine::dropoutOf;

namespace {

at::Tensor ones(at::ScalarType type) { return at::ones({8, 64, 13, 13}, at::TensorOptions(type)); }

} // namespace

class TestDropout final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void outsideTrainingNothingHappens() {
        QVERIFY(at::equal(dropoutOf(ones(at::kFloat), 0.5, false), ones(at::kFloat)));
    }

    void theShareThatGoesIsAsAskedAndTheMeanStays_data() {
        QTest::addColumn<double>("p");
        QTest::addColumn<int>("type");
        for (const double p : {0.1, 0.2, 0.5, 0.9})
            for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
                QTest::addRow("%.1f %s", p, at::toString(type)) << p << static_cast<int>(type);
    }
    void theShareThatGoesIsAsAskedAndTheMeanStays() {
        QFETCH(double, p);
        QFETCH(int, type);
        at::manual_seed(1);
        const at::Tensor out = dropoutOf(ones(static_cast<at::ScalarType>(type)), p, true);
        QCOMPARE(out.scalar_type(), static_cast<at::ScalarType>(type));
        const at::Tensor values = out.to(at::kDouble);
        const double count = static_cast<double>(values.numel());
        const double deviation = std::sqrt(p * (1 - p) / count); // of the share
        const double gone = (values == 0).sum().item<double>() / count;
        QVERIFY2(std::abs(gone - p) < 4 * deviation, qPrintable(QString::number(gone)));
        QVERIFY(std::abs(values.max().item<double>() * (1 - p) - 1) < 5e-3);
    }

    void theSeedDecidesAndNotTheThreads() {
        const auto drawn = [](int threads, std::uint64_t seed) {
            at::set_num_threads(threads);
            at::manual_seed(seed);
            return dropoutOf(ones(at::kFloat), 0.5, true);
        };
        const at::Tensor first = drawn(1, 5);
        QVERIFY(at::equal(first, drawn(2, 5)));
        QVERIFY(!at::equal(first, drawn(2, 6)));
        QVERIFY(!at::equal(first, dropoutOf(ones(at::kFloat), 0.5, true))); // the next one of the same seed
    }

    void neighboursAreIndependent() {
        at::manual_seed(3);
        const at::Tensor kept = (dropoutOf(ones(at::kFloat), 0.5, true) != 0).to(at::kDouble).flatten();
        for (const std::int64_t apart : {1, 2, 3, 4, 5, 8, 169, 1024}) {
            const std::int64_t count = kept.numel() - apart;
            const double both = (kept.narrow(0, 0, count) * kept.narrow(0, apart, count)).mean().item<double>();
            QVERIFY2(std::abs(both - 0.25) < 4 * 0.433 / std::sqrt(double(count)), qPrintable(QString::number(both)));
        }
    }

    void theGradientGoesWhereTheValueWent() {
        at::Tensor input = ones(at::kFloat).requires_grad_(true);
        const at::Tensor out = dropoutOf(input, 0.2, true);
        out.sum().backward();
        QVERIFY(at::equal(input.grad(), out.detach()));
    }

    void channelsLastStaysChannelsLast() {
        const at::Tensor input = ones(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
        QVERIFY(dropoutOf(input, 0.5, true).is_contiguous(at::MemoryFormat::ChannelsLast));
    }
};

QTEST_GUILESS_MAIN(TestDropout)
#include "tst_dropout.moc"
