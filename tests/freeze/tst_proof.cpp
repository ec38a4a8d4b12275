// What is frozen is watched to the last bit.
#include "engine/freeze/proof.h"

#include <QTest>

#include <algorithm>

using namespace engine;

namespace {

std::int64_t fingerprint(const at::Tensor& tensor) { return fingerprints({{"t", tensor}}).at(0); }

bool watches(const std::vector<NamedTensor>& tensors, const std::string& name) {
    return std::ranges::any_of(tensors, [&](const NamedTensor& entry) { return entry.name == name; });
}

} // namespace

class TestProof final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anyChangedElementShows_data() {
        QTest::addColumn<int>("elements");
        for (const int elements : {1, 7, 65535, 65536, 65537, 3 * 65536, 200'000})
            QTest::addRow("%d elements", elements) << elements;
    }
    void anyChangedElementShows() {
        QFETCH(int, elements);
        at::manual_seed(1);
        const at::Tensor tensor = at::randn({elements});
        const std::int64_t before = fingerprint(tensor);
        QCOMPARE(fingerprint(tensor.clone()), before);
        for (const int place : {0, elements / 3, elements / 2, elements - 1}) {
            const float kept = tensor[place].item<float>();
            tensor[place].fill_(std::nextafter(kept, 10.0F)); // the lowest bit
            QVERIFY(fingerprint(tensor) != before);
            tensor[place].fill_(-kept); // the highest
            QVERIFY(fingerprint(tensor) != before);
            tensor[place].fill_(kept);
        }
        QCOMPARE(fingerprint(tensor), before);
    }

    void orderCounts() {
        const at::Tensor tensor = at::arange(200'000, at::kFloat);
        QVERIFY(fingerprint(tensor) != fingerprint(tensor.flip(0).contiguous()));
        QVERIFY(fingerprint(tensor) != fingerprint(tensor.roll(65536).contiguous()));
        QVERIFY(fingerprint(tensor) != fingerprint(tensor.roll(1).contiguous()));
        for (const int elements : {7, 2 * 65536}) { // within one row, and of whole rows
            const at::Tensor few = at::arange(elements, at::kFloat);
            const at::Tensor exchanged = few.clone();
            exchanged[1].fill_(few[elements - 2].item<float>());
            exchanged[elements - 2].fill_(few[1].item<float>());
            QVERIFY(fingerprint(few) != fingerprint(exchanged));
            QVERIFY(fingerprint(few) != fingerprint(few.roll(elements / 2).contiguous()));
        }
    }

    void everyTypeAndLayoutIsWatched() {
        for (const at::ScalarType type :
             {at::kFloat, at::kDouble, at::kLong, at::kInt, at::kHalf, at::kBFloat16, at::kByte, at::kBool}) {
            const at::Tensor tensor = at::zeros({3, 5}, type);
            const std::int64_t before = fingerprint(tensor);
            tensor[1][2].fill_(1);
            QVERIFY2(fingerprint(tensor) != before, at::toString(type));
        }
        const at::Tensor number = at::zeros({}, at::kLong);
        const std::int64_t none = fingerprint(number);
        number.add_(1);
        QVERIFY(fingerprint(number) != none);
        const at::Tensor picture = at::randn({2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t before = fingerprint(picture);
        picture[1][2][3][4].add_(1);
        QVERIFY(fingerprint(picture) != before);
        (void)fingerprint(at::empty({0}));
    }

    void oneNumberForAllShowsAChangeInAnyOfThem() {
        at::manual_seed(1);
        std::vector<NamedTensor> tensors;
        for (const int elements : {5, 65'536, 20, 9'000'000, 9'000'000, 70'000})
            tensors.push_back({"t", at::randn({elements})});
        tensors.push_back({"n", at::zeros({}, at::kLong)});
        const std::int64_t before = fingerprintOfAll(tensors);
        QCOMPARE(fingerprintOfAll(tensors), before);
        for (NamedTensor& entry : tensors) {
            const at::Tensor kept = entry.tensor.clone();
            entry.tensor.view(-1)[-1].add_(1);
            QVERIFY(fingerprintOfAll(tensors) != before);
            entry.tensor.copy_(kept);
        }
        std::swap(tensors[3], tensors[4]);
        QVERIFY(fingerprintOfAll(tensors) != before);
    }

    void aChangeIsNamedOnceAndThenWatchedAnew() {
        const at::Tensor one = at::ones({5}), two = at::ones({6});
        FrozenProof proof;
        proof.watch({{"one", one}, {"two", two}}, 10);
        QCOMPARE(proof.lastVerified(), 10);
        QVERIFY(proof.changed(20).empty());
        QCOMPARE(proof.lastVerified(), 20);
        two[3].fill_(2);
        QCOMPARE(proof.changed(30), std::vector<std::string>{"two"});
        QVERIFY(proof.changed(40).empty());
    }

    void whatStaysFrozenIsComparedAcrossPhases() {
        const at::Tensor one = at::ones({5}), two = at::ones({6});
        FrozenProof proof;
        proof.watch({{"one", one}, {"two", two}}, 0);
        one.add_(1); // after the last look, before the next phase
        two.add_(1);
        proof.watch({{"one", one}}, 5);
        QCOMPARE(proof.changed(6), std::vector<std::string>{"one"});
        proof.watch({{"one", one}, {"two", two}}, 7); // two is frozen again as it is now
        QVERIFY(proof.changed(8).empty());
    }

    void watchedIsWhatMustNotChange() {
        const auto backbone = makeBackbone("resnet18", 2, 1);
        const auto tensors = [&](const std::string& preset, const std::string& batchNorm) {
            const FreezePlan plan({.preset = preset, .batchNorm = batchNorm}, 5, *backbone);
            return plan.frozenTensors(*backbone, 0);
        };
        // 62 parameters and 60 buffers in all.
        QCOMPARE(tensors("head-only", "frozen").size(), std::size_t(120));
        QCOMPARE(tensors("head-only", "train").size(), std::size_t(60));
        QCOMPARE(tensors("head-only", "affine-only").size(), std::size_t(80));
        QCOMPARE(tensors("none", "frozen").size(), std::size_t(0));
        QCOMPARE(tensors("none", "affine-only").size(), std::size_t(60));
        const auto last = tensors("last-stages:1", "frozen");
        QVERIFY(watches(last, "layer3.0.bn1.running_mean") && watches(last, "layer3.0.bn1.num_batches_tracked"));
        QVERIFY(!watches(last, "layer4.0.bn1.running_mean") && !watches(last, "layer4.0.conv1.weight"));
    }
};

QTEST_GUILESS_MAIN(TestProof)
#include "tst_proof.moc"
