// Sets of samples, how they are cut into batches over ranks, and how rows become a batch.
#include "engine/api/error.h"
#include "engine/data/collate.h"
#include "engine/data/picturereader.h"
#include "tests/data/picturefolder.h"

#include <QTest>

#include <cstring>
#include <fstream>
#include <numeric>
#include <unistd.h>

using namespace engine;

namespace {

constexpr std::int64_t kMany = 1'280'000, kFew = 10'000;

// As many samples as one likes, of a few files.
class MadeUpSamples final : public SampleSource {
public:
    MadeUpSamples(std::int64_t count, SampleList files) : m_count(count), m_files(std::move(files)) {}
    [[nodiscard]] std::int64_t count() const override { return m_count; }
    [[nodiscard]] ImageSample at(std::int64_t index) const override {
        return m_files[static_cast<std::size_t>(index) % m_files.size()];
    }

private:
    std::int64_t m_count;
    SampleList m_files;
};

std::int64_t residentBytes() {
    std::ifstream file("/proc/self/statm");
    std::int64_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

std::vector<std::byte> bytes(std::initializer_list<int> values) {
    std::vector<std::byte> result;
    for (const int value : values)
        result.push_back(static_cast<std::byte>(value));
    return result;
}

} // namespace

class TestSamples final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void packedSamplesComeBackAsTheyWere() {
        const std::vector<ImageSample> samples{
            {"a/one.png", 3, {}}, {"", -1, {}}, {"b/two.png", -1, {0, 4, 7}}, {"c", 0, {}}, {"d", -1, {1}}};
        const SampleList list = samples;
        QCOMPARE(list.size(), samples.size());
        std::size_t i = 0;
        for (const ImageSample& sample : list) {
            for (const ImageSample& one : {sample, list[i]}) {
                QCOMPARE(one.file, samples[i].file);
                QCOMPARE(one.label, samples[i].label);
                QCOMPARE(one.labels, samples[i].labels);
            }
            ++i;
        }
        QCOMPARE(i, samples.size());
        QVERIFY(SampleList().empty() && SampleList(std::vector<ImageSample>()).empty());
        QVERIFY(SampleList().begin() == SampleList().end());
    }

    void theOrderOfSamplesDoesNotDependOnTheNumberOfRanks() {
        for (const std::int64_t samples : {0, 1, 2, 3, 5, 24, 25, 26, 27, 29, 31, 64}) {
            for (const auto single : {Batching::Single::BatchOfItsOwn, Batching::Single::JoinsTheLast}) {
                const Batching one{.size = 8, .single = single};
                for (const int ranks : {1, 2, 4, 8}) {
                    const Batching several{.size = 8 / ranks, .single = single, .world = {0, ranks, 0}};
                    QCOMPARE(several.batches(samples), one.batches(samples));
                    for (std::int64_t batch = 0; batch < one.batches(samples); ++batch) {
                        std::int64_t at = one.begin(batch), fewest = samples, most = 0;
                        for (int rank = 0; rank < ranks; ++rank) {
                            Batching of = several;
                            of.world.rank = rank;
                            const Batching::Range part = of.part(batch, samples);
                            QCOMPARE(part.begin, at);
                            at = part.end;
                            fewest = std::min(fewest, part.count());
                            most = std::max(most, part.count());
                            QVERIFY(part.count() <= of.largest(samples));
                            if (ranks < 8 && single == Batching::Single::JoinsTheLast && samples > 1)
                                QVERIFY(part.count() != 1); // too few; a batch of one a rank is refused before
                        }
                        QCOMPARE(at, one.end(batch, samples));
                        QVERIFY(most - fewest <= (single == Batching::Single::JoinsTheLast ? 3 : 1));
                    }
                }
            }
        }
    }

    void ranksReadTheSameEpochTogether() {
        tests::PictureFolder pictures;
        for (const char* name : {"train/cat", "train/dog"})
            pictures.pictures(name, 11);
        pictures.pictures("val/cat", 1);
        const ImageFolder folder = openImageFolder(pictures.experiment());
        const auto idsOf = [&](int rank, int ranks) {
            Loader loader = pictureLoader(folder, folder.train,
                                          {.batchSize = 8 / ranks,
                                           .world = {rank, ranks, 0},
                                           .preprocess = {.imageSize = 12, .resizeSize = 13},
                                           .training = true,
                                           .seed = 3,
                                           .firstSample = 3});
            std::vector<std::vector<std::int64_t>> batches;
            for (Batch batch; loader.next(batch);)
                batches.push_back(batch.ids);
            return batches;
        };
        const auto alone = idsOf(0, 1);
        QCOMPARE(alone.size(), std::size_t(3)); // of 19 samples
        for (const int ranks : {2, 4}) {
            std::vector<std::vector<std::int64_t>> together(alone.size());
            for (int rank = 0; rank < ranks; ++rank) {
                const auto part = idsOf(rank, ranks);
                QCOMPARE(part.size(), alone.size());
                for (std::size_t i = 0; i < part.size(); ++i)
                    together[i].insert(together[i].end(), part[i].begin(), part[i].end());
            }
            QCOMPARE(together, alone);
        }
    }

    void rowsAreStackedAndGapsClosed() {
        const Stack stack({{.name = "tokens", .type = FieldType::Int64, .shape = {1}},
                           {.name = "bytes", .type = FieldType::UInt8, .shape = {3}}},
                          4);
        QCOMPARE(stack.bytes(), std::size_t(128)); // each field begins at a 64th byte
        const std::shared_ptr<std::byte[]> buffer(new std::byte[stack.bytes()]);
        for (std::int64_t row = 0; row < 4; ++row) {
            const auto rows = stack.row(buffer.get(), row);
            const std::int64_t token = 100 + row;
            std::memcpy(rows[0].data(), &token, rows[0].size());
            std::ranges::fill(rows[1], static_cast<std::byte>(row));
        }
        const std::vector<char> good{0, 1, 0, 1};
        const std::vector<std::int64_t> ids{7, 8, 9, 10};
        const Batch batch = stack.batch(buffer, good, ids);
        QCOMPARE(batch.count, std::int64_t(2));
        QCOMPARE(batch.ids, (std::vector<std::int64_t>{8, 10}));
        const auto* tokens = reinterpret_cast<const std::int64_t*>(batch.field("tokens").bytes.get());
        QCOMPARE(tokens[0], std::int64_t(101));
        QCOMPARE(tokens[1], std::int64_t(103));
        const std::byte* found = batch.field("bytes").bytes.get();
        QVERIFY(std::vector<std::byte>(found, found + 6) == bytes({1, 1, 1, 3, 3, 3}));
        QVERIFY_EXCEPTION_THROWN((void)batch.field("lengths"), Error);
    }

    void aMillionSamplesTakeNoMemory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("A sanitizer keeps freed memory.");
#endif
        tests::PictureFolder pictures;
        for (const char* name : {"train/cat", "train/dog"})
            pictures.pictures(name, 5);
        pictures.pictures("val/cat", 1);
        const ImageFolder folder = openImageFolder(pictures.experiment());
        const auto residentWhileReading = [&](std::int64_t count) {
            Loader loader =
                pictureLoader(folder, SampleList(std::make_shared<const MadeUpSamples>(count, folder.train)),
                              {.preprocess = {.imageSize = 12, .resizeSize = 13}, .training = true});
            Batch batch;
            for (int i = 0; i < 20 && loader.next(batch); ++i)
                if (batch.count != 32)
                    return std::int64_t(0);
            return residentBytes();
        };
        (void)residentWhileReading(kFew); // what is made once
        const std::int64_t few = residentWhileReading(kFew), many = residentWhileReading(kMany);
        QVERIFY2(few > 0 && double(many) < 1.1 * double(few),
                 qPrintable(QStringLiteral("%1 and %2 bytes").arg(few).arg(many)));
    }
};

QTEST_GUILESS_MAIN(TestSamples)
#include "tst_samples.moc"
