// Dropout on a CPU: as torch's in what it promises, whatever the number of threads.
#include <QTest>

#include "engine/models/dropout.h"
#include "engine/models/layers.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <cmath>
#include <vector>

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

    void branchesThatStayAreScaledUp() {
        at::manual_seed(2);
        const at::Tensor out = engine::dropPath(at::ones({4000, 3, 2}), 0.25).view({4000, 6});
        const at::Tensor stays = out.amax(1) > 0;
        QVERIFY(at::equal(out.amin(1), out.amax(1))); // a branch goes or stays for the whole picture
        QVERIFY(std::abs(out.max().item<double>() - 1 / 0.75) < 1e-6);
        const double share = stays.to(at::kDouble).mean().item<double>();
        QVERIFY2(std::abs(share - 0.75) < 4 * std::sqrt(0.25 * 0.75 / 4000), qPrintable(QString::number(share)));
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

    void oneWithTheConvolutionItIsTheSame_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("outputs");
        QTest::addColumn<bool>("channelsLast");
        for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
            const auto row = [type](const char* name) { return &(QTest::addRow("%s %s", at::toString(type), name)); };
            *row("two classes") << int(type) << 512 << 2 << true;
            *row("odd sizes") << int(type) << 48 << 7 << true;
            *row("many outputs") << int(type) << 64 << 17 << true;
            *row("odd channels") << int(type) << 33 << 3 << true;
            *row("channels first") << int(type) << 64 << 2 << false;
        }
    }
    void oneWithTheConvolutionItIsTheSame() {
        QFETCH(int, type);
        QFETCH(int, channels);
        QFETCH(int, outputs);
        QFETCH(bool, channelsLast);
        at::manual_seed(7);
        const at::Tensor drawn = at::randn({5, channels, 7, 9}).to(static_cast<at::ScalarType>(type));
        const at::Tensor maps =
            channelsLast ? drawn.contiguous(at::MemoryFormat::ChannelsLast) : drawn; // not a leaf of its own yet
        const at::Tensor weight = at::randn({outputs, channels, 1, 1}), bias = at::randn({outputs});
        const at::Tensor outer = at::randn({5, outputs, 7, 9});
        const auto computed = [&](const auto& operation) {
            std::vector<at::Tensor> leaves;
            for (const at::Tensor& tensor : {maps, weight, bias})
                leaves.push_back(tensor.detach().clone(at::MemoryFormat::Preserve).requires_grad_(true));
            at::manual_seed(9);
            std::vector<at::Tensor> all{operation(leaves[0], leaves[1], leaves[2])};
            (all[0].to(at::kFloat) * outer).sum().backward();
            for (const at::Tensor& leaf : leaves)
                all.push_back(leaf.grad());
            return all;
        };
        // In double from the same draws, for neither order of summing is the right one.
        const auto expected = computed([](const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
            return at::conv2d(engine::dropoutOf(x, 0.3, true).to(at::kDouble), w.to(at::kDouble), b.to(at::kDouble));
        });
        const auto found = computed([type](const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
            const auto kind = static_cast<at::ScalarType>(type);
            if (w.size(0) > 16 || w.size(1) % 16 != 0 || !x.is_contiguous(at::MemoryFormat::ChannelsLast))
                return engine::dropoutThenPointwise(x, w.to(kind), b.to(kind), 0.3); // torch's, in one type
            return engine::dropoutThenPointwise(x, w, b, 0.3);
        });
        const double tolerance = type == int(at::kFloat) ? 1e-5 : 2e-2;
        for (std::size_t i = 0; i < found.size(); ++i) {
            QVERIFY(found[i].defined());
            const at::Tensor difference = found[i].to(at::kDouble) - expected[i].to(at::kDouble);
            const double relative = (difference.norm() / expected[i].to(at::kDouble).norm()).item<double>();
            QVERIFY2(relative < tolerance, qPrintable(QStringLiteral("%1: %2").arg(i).arg(relative)));
        }
    }

    void oneWithTheConvolutionThreadsDoNotMatter() {
        const auto gradient = [](int threads) {
            at::set_num_threads(threads);
            at::manual_seed(5);
            const at::Tensor weight = at::ones({2, 64, 1, 1}).requires_grad_(true);
            const at::Tensor maps = at::rand({8, 64, 13, 13}).contiguous(at::MemoryFormat::ChannelsLast);
            engine::dropoutThenPointwise(maps, weight, {}, 0.5).square().sum().backward();
            return weight.grad();
        };
        QVERIFY(at::equal(gradient(1), gradient(2)));
    }

    void channelsLastStaysChannelsLast() {
        const at::Tensor input = ones(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
        QVERIFY(dropoutOf(input, 0.5, true).is_contiguous(at::MemoryFormat::ChannelsLast));
    }
};

QTEST_GUILESS_MAIN(TestDropout)
#include "tst_dropout.moc"
