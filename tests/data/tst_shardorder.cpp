// The order in which shards are visited, and what many samples of them cost.
#include "engine/data/dataset.h"
#include "engine/data/labelchanges.h"
#include "engine/data/picturereader.h"
#include "engine/data/shards/shard.h"
#include "engine/data/storedsamples.h"
#include "tests/data/shards.h"

#include <QTest>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <set>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace engine;

namespace {

// So many samples in each group, without pictures.
class Grouped final : public SampleSource {
public:
    Grouped(const std::vector<std::int64_t>& counts, std::int64_t window) {
        m_groups.window = window;
        for (const std::int64_t count : counts)
            m_groups.ends.push_back((m_groups.ends.empty() ? 0 : m_groups.ends.back()) + count);
    }
    [[nodiscard]] std::int64_t count() const override { return m_groups.ends.back(); }
    [[nodiscard]] ImageSample at(std::int64_t index) const override {
        return {.file = std::to_string(index), .label = 0, .labels = {}};
    }
    [[nodiscard]] const ShuffleGroups& groups() const override { return m_groups; }

private:
    ShuffleGroups m_groups;
};

SampleList grouped(const std::vector<std::int64_t>& counts, std::int64_t window) {
    return SampleList(std::make_shared<const Grouped>(counts, window));
}

std::size_t groupOf(const std::vector<std::int64_t>& ends, std::int64_t sample) {
    return static_cast<std::size_t>(std::ranges::upper_bound(ends, sample) - ends.begin());
}

bool isPermutation(std::vector<std::int64_t> order) {
    std::ranges::sort(order);
    for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] != static_cast<std::int64_t>(i))
            return false;
    return true;
}

std::int64_t residentBytes() {
    std::ifstream file("/proc/self/statm");
    std::int64_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

} // namespace

class TestShardOrder final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySampleComesOnceInAnEpoch() {
        for (const std::vector<std::int64_t>& counts :
             {std::vector<std::int64_t>(40, 25), {1, 0, 900, 3, 3, 80, 0, 13}, {5, 5}, {1000}, {0, 0, 7, 9, 0}})
            for (const std::int64_t window : {1, 7, 100, 400, 999, 5000, 0})
                for (const int epoch : {0, 1}) {
                    const EpochOrder order(grouped(counts, window), 3, epoch);
                    QVERIFY(isPermutation(order.all()));
                    QVERIFY(order.all() == EpochOrder(grouped(counts, window), 3, epoch).all());
                }
        QVERIFY(EpochOrder(grouped(std::vector<std::int64_t>(40, 25), 100), 3, 0).all() !=
                EpochOrder(grouped(std::vector<std::int64_t>(40, 25), 100), 4, 0).all());
    }

    void aSetThatFitsInAWindowIsShuffledAsAFolderIs() {
        for (const std::int64_t window : {0, 1000, 4000})
            QVERIFY(EpochOrder(grouped(std::vector<std::int64_t>(40, 25), window), 3, 2).all() ==
                    EpochOrder(1000, 3, 2).all());
    }

    // What README says of its quality: windows of whole shards, drawn anew in each epoch, even within.
    void windowsAreWholeShardsAndMixedWithin() {
        constexpr std::int64_t kShards = 60, kSamples = 50, kWindow = 500;
        const SampleList samples = grouped(std::vector<std::int64_t>(kShards, kSamples), kWindow);
        const std::vector<std::int64_t> ends = samples.groups().ends;
        std::set<std::size_t> firstWindow[2];
        for (const int epoch : {0, 1}) {
            const auto order = EpochOrder(samples, 11, epoch).all();
            double steps = 0;
            for (std::int64_t window = 0; window < kShards * kSamples / kWindow; ++window) {
                std::set<std::size_t> shards;
                for (std::int64_t i = 0; i < kWindow; ++i) {
                    const auto at = static_cast<std::size_t>(window * kWindow + i);
                    shards.insert(groupOf(ends, order[at]));
                    if (i > 0 && groupOf(ends, order[at]) == groupOf(ends, order[at - 1]))
                        ++steps;
                }
                QCOMPARE(shards.size(), std::size_t(kWindow / kSamples));
                if (window == 0)
                    firstWindow[epoch] = shards;
            }
            // Neighbours are of one shard as often as by chance: a tenth.
            QVERIFY2(steps / (kShards * kSamples) > 0.07 && steps / (kShards * kSamples) < 0.13,
                     qPrintable(QString::number(steps)));
        }
        QVERIFY(firstWindow[0] != firstWindow[1]);
        // A rest that is less than half a window joins the one before.
        const auto rest = EpochOrder(grouped(std::vector<std::int64_t>(11, 50), 500), 1, 0).all();
        std::set<std::size_t> shards;
        for (std::size_t i = 0; i < 100; ++i)
            shards.insert(static_cast<std::size_t>(rest[i] / 50));
        QVERIFY(shards.size() > 9);
    }

    void whatIsLeftOutLeavesItsShardsWindow() {
        const SampleList all = grouped({10, 10, 10}, 10);
        const SampleList fewer(std::make_shared<const ChangedSamples>(all, std::vector<std::int64_t>{0, 9, 10, 29},
                                                                      std::unordered_map<std::int64_t, int>()));
        QCOMPARE(fewer.groups().ends, (std::vector<std::int64_t>{8, 17, 26}));
        QVERIFY(isPermutation(EpochOrder(fewer, 3, 0).all()));
    }

    void ranksWorkersAndResumesReadOneOrder() {
        const tests::PictureFolder pictures;
        qputenv("THAW_CACHE", QByteArray::fromStdString((pictures.path() / "cache").string()));
        for (int i = 0; i < 6; ++i)
            pictures.bytes("set/train-" + std::to_string(i) + ".tar", tests::tarOf(tests::catsAndDogs(7 * i, 7)));
        pictures.bytes("set/val-0.tar", tests::tarOf(tests::catsAndDogs(100, 2)));
        Experiment experiment;
        experiment.data.path = pictures.path() / "set";
        experiment.data.shuffleWindow = 14;
        const ImageFolder folder = openData(experiment);
        const auto read = [&](int rank, int ranks, int workers, std::int64_t first) {
            Loader loader = pictureLoader(folder, folder.train,
                                          {.batchSize = 8 / ranks,
                                           .world = {rank, ranks, 0},
                                           .preprocess = {.imageSize = 12, .resizeSize = 13},
                                           .training = true,
                                           .seed = 5,
                                           .epoch = 3,
                                           .firstSample = first,
                                           .workers = workers});
            std::vector<std::int64_t> ids;
            for (Batch batch; loader.next(batch);)
                ids.insert(ids.end(), batch.ids.begin(), batch.ids.end());
            if (!loader.skipped().empty())
                qFatal("%s", loader.skipped()[0].reason.c_str());
            return ids;
        };
        const auto alone = read(0, 1, 1, 0);
        QVERIFY(isPermutation(alone) && alone.size() == 42);
        QVERIFY(alone == EpochOrder(folder.train, 5, 3).all());
        QVERIFY(read(0, 1, 4, 0) == alone);
        for (const std::int64_t first : {0, 1, 13, 41})
            for (const int ranks : {1, 2, 4}) {
                std::vector<std::int64_t> together;
                for (int rank = 0; rank < ranks; ++rank)
                    for (const std::int64_t id : read(rank, ranks, 2, first))
                        together.push_back(id);
                std::vector<std::int64_t> rest(alone.begin() + first, alone.end());
                std::ranges::sort(together);
                std::ranges::sort(rest);
                QVERIFY(together == rest);
            }
        qunsetenv("THAW_CACHE");
    }

    void aMillionSamplesOfShardsTakeNoMemory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("A sanitizer keeps freed memory.");
#endif
        const tests::PictureFolder pictures;
        qputenv("THAW_CACHE", QByteArray::fromStdString((pictures.path() / "cache").string()));
        pictures.bytes("train.tar", tests::tarOf(tests::catsAndDogs(0, 8)));
        Experiment experiment;
        experiment.data.path = pictures.path() / "train.tar";
        const ImageFolder folder = openData(experiment);
        const auto residentWhileReading = [&](std::int64_t count) {
            StoredSamplesWriter writer;
            ImageSample sample = folder.train[0];
            for (std::int64_t i = 0; i < count; ++i) {
                if (i % 1000 == 0)
                    sample.place.shard = std::make_shared<const Shard>(sample.place.shard->file());
                sample.file = "train-" + std::to_string(i / 1000) + ".tar/" + std::to_string(i) + ".png";
                writer.add(sample);
            }
            const SampleList list = writer.list(100'000);
            Loader loader =
                pictureLoader(folder, list, {.preprocess = {.imageSize = 12, .resizeSize = 13}, .training = true});
            Batch batch;
            for (int i = 0; i < 20 && loader.next(batch); ++i)
                if (batch.count != 32)
                    return std::int64_t(0);
            if (list[static_cast<std::size_t>(count - 1)].file !=
                "train-" + std::to_string((count - 1) / 1000) + ".tar/" + std::to_string(count - 1) + ".png")
                return std::int64_t(0);
            return residentBytes();
        };
        (void)residentWhileReading(10'000); // what is made once
        const std::int64_t few = residentWhileReading(10'000), many = residentWhileReading(1'280'000);
        QVERIFY2(few > 0 && double(many) < 1.1 * double(few),
                 qPrintable(QStringLiteral("%1 and %2 bytes").arg(few).arg(many)));
        qunsetenv("THAW_CACHE");
    }
};

QTEST_GUILESS_MAIN(TestShardOrder)
#include "tst_shardorder.moc"
