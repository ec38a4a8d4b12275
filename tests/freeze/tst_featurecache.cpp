// Rows of features come back as they were put, or not at all.
#include "engine/base/atomicfile.h"
#include "engine/freeze/featurecache.h"
#include "engine/freeze/featurefile.h"

#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <fstream>
#include <sys/resource.h>

namespace fs = std::filesystem;
using namespace engine;

namespace {

constexpr std::int64_t kRows = 6;

FeaturePlace placeIn(const QTemporaryDir& folder, std::uint64_t key = 1) {
    return {.folder = folder.filePath(QStringLiteral("features")).toStdString(),
            .key = key,
            .mostBytes = 1'000'000'000,
            .memoryBytes = 1'000'000'000};
}

// [rows, 3, 4, 5], as a convolution leaves it.
at::Tensor values() {
    at::manual_seed(3);
    return at::rand({kRows, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast);
}

std::unique_ptr<FeatureCache> opened(const FeaturePlace& place, std::string* said = nullptr) {
    std::string warning;
    auto cache = FeatureCache::open(place, kRows, FeatureShape::of(values()), warning);
    if (said != nullptr)
        *said = warning;
    return cache;
}

void fill(FeatureCache& cache, std::int64_t count = kRows) {
    for (std::int64_t row = 0; row < count; ++row)
        cache.put(row, values(), row);
    cache.complete();
}

void flipByte(const fs::path& file, std::streamoff at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(at);
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(at);
    stream.put(byte);
}

// Rows as the stage behind the cut takes them: [N, …].
at::Tensor gather(const FeatureCache& cache, const at::Tensor& indices) {
    return cache.shape().batchOf(cache.rows().index_select(0, indices));
}

} // namespace

class TestFeatureCache final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsComeBackInTheOrderAsked() {
        const QTemporaryDir folder;
        const auto cache = opened(placeIn(folder));
        fill(*cache);
        const at::Tensor order = at::tensor({4, 0, 5}, at::kLong);
        const at::Tensor batch = gather(*cache, order);
        QVERIFY(at::equal(batch, values().index_select(0, order)));
        QVERIFY(batch.is_contiguous(at::MemoryFormat::ChannelsLast));
    }

    void rowsOfEveryShapeAndType() {
        const QTemporaryDir folder;
        std::uint64_t key = 1;
        for (const at::Tensor& value : {at::rand({kRows, 7}), at::rand({kRows, 9, 8}).to(at::kBFloat16),
                                        at::rand({kRows, 5, 1, 1}), at::rand({kRows, 2, 3, 3})}) {
            std::string warning;
            const auto cache = FeatureCache::open(placeIn(folder, key++), kRows, FeatureShape::of(value), warning);
            for (std::int64_t row = 0; row < kRows; ++row)
                cache->put(row, value, row);
            QVERIFY(at::equal(gather(*cache, at::arange(kRows)), value));
        }
    }

    void laterOpeningFindsTheRows() {
        const QTemporaryDir folder;
        {
            const auto cache = opened(placeIn(folder));
            QCOMPARE(cache->missing(), kRows);
            fill(*cache, 4);
        }
        const auto again = opened(placeIn(folder));
        QCOMPARE(again->missing(), std::int64_t(2));
        QVERIFY(again->has(3) && !again->has(4));
        QVERIFY(at::equal(gather(*again, at::arange(4)), values().slice(0, 0, 4)));
    }

    void anotherKeyOrShapeFindsNothing() {
        const QTemporaryDir folder;
        fill(*opened(placeIn(folder)));
        QCOMPARE(opened(placeIn(folder, 2))->missing(), kRows);
        std::string warning;
        const FeatureShape narrower{.sizes = {3, 4, 4}};
        QCOMPARE(FeatureCache::open(placeIn(folder), kRows, narrower, warning)->missing(), kRows);
    }

    void rowsOfAnotherLayoutAreNotFound() {
        const QTemporaryDir folder;
        fill(*opened(placeIn(folder)));
        std::string warning;
        const FeatureShape contiguous = FeatureShape::of(values().contiguous());
        QCOMPARE(FeatureCache::open(placeIn(folder), kRows, contiguous, warning)->missing(), kRows);
    }

    void damagedRowIsMissing() {
        const QTemporaryDir folder;
        fill(*opened(placeIn(folder)));
        const auto rowBytes = static_cast<std::streamoff>(FeatureShape::of(values()).bytes());
        flipByte(featureFilePath(placeIn(folder).folder, 1),
                 static_cast<std::streamoff>(FeatureFile::rowsBegin(kRows)) + 2 * rowBytes + 7);
        const auto again = opened(placeIn(folder));
        QCOMPARE(again->missing(), std::int64_t(1));
        QVERIFY(!again->has(2));
    }

    void damagedHeaderFindsNothing() {
        const QTemporaryDir folder;
        fill(*opened(placeIn(folder)));
        flipByte(featureFilePath(placeIn(folder).folder, 1), 20);
        QCOMPARE(opened(placeIn(folder))->missing(), kRows);
    }

    void fileInTheMakingIsLeftToItsMaker() {
        const QTemporaryDir folder;
        const auto maker = opened(placeIn(folder));
        maker->put(0, values(), 0);
        const auto other = opened(placeIn(folder));
        QVERIFY(maker->onDisk() && !other->onDisk());
        QCOMPARE(other->missing(), kRows);
        fill(*maker);
        const auto reader = opened(placeIn(folder));
        QVERIFY(reader->onDisk());
        QCOMPARE(reader->missing(), std::int64_t(0));
    }

    void readersRowsStayItsOwn() {
        const QTemporaryDir folder;
        fill(*opened(placeIn(folder)), 5); // the sixth picture cannot be read
        const auto first = opened(placeIn(folder));
        first->complete();
        const auto reader = opened(placeIn(folder));
        const fs::path file = featureFilePath(placeIn(folder).folder, 1);
        const std::string before = readFile(file);
        reader->put(5, values(), 5);
        reader->complete();
        QVERIFY(reader->has(5));
        QVERIFY(readFile(file) == before);
        QCOMPARE(opened(placeIn(folder))->missing(), std::int64_t(1));
    }

    void unusedLongestMakesRoom() {
        const QTemporaryDir folder;
        for (const std::uint64_t key : {1, 2})
            fill(*opened(placeIn(folder, key)));
        const fs::path oldest = featureFilePath(placeIn(folder).folder, 2);
        fs::last_write_time(oldest, fs::last_write_time(oldest) - std::chrono::hours(1));
        FeaturePlace tight = placeIn(folder, 3);
        tight.mostBytes = 2 * FeatureFile::totalBytes(kRows, FeatureShape::of(values()));
        QVERIFY(opened(tight)->onDisk());
        QVERIFY(!fs::exists(oldest));
        QVERIFY(fs::exists(featureFilePath(placeIn(folder).folder, 1)));
    }

    void cachesInUseAreNotRemoved() {
        const QTemporaryDir folder;
        const auto used = opened(placeIn(folder));
        FeaturePlace tight = placeIn(folder, 2);
        tight.mostBytes = FeatureFile::totalBytes(kRows, FeatureShape::of(values())) + 100;
        std::string warning;
        const auto other = opened(tight, &warning);
        QVERIFY(fs::exists(featureFilePath(tight.folder, 1)));
        QVERIFY(other && !other->onDisk());
        QVERIFY(!warning.empty());
    }

    void withoutRoomThereIsNoCache() {
        const QTemporaryDir folder;
        FeaturePlace none = placeIn(folder);
        none.mostBytes = none.memoryBytes = 100;
        std::string warning;
        QVERIFY(!opened(none, &warning));
        QVERIFY(!warning.empty());
    }

    void fullDiskIsAnAnswer() {
        const QTemporaryDir folder;
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{4096, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small); // as a full disk: the file cannot grow
        std::string warning;
        const auto cache = opened(placeIn(folder), &warning);
        setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(cache && !cache->onDisk());
        QVERIFY(!warning.empty());
        QVERIFY(!fs::exists(featureFilePath(placeIn(folder).folder, 1)));
    }
};

QTEST_GUILESS_MAIN(TestFeatureCache)
#include "tst_featurecache.moc"
