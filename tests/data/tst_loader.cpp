#include "engine/api/error.h"
#include "engine/data/picturereader.h"
#include "tests/data/picturefolder.h"

#include <map>
#include <numeric>
#include <thread>

using namespace engine;

namespace {

// Everything a reader sees of an epoch.
struct Epoch {
    std::vector<std::vector<std::int64_t>> indices;
    std::vector<std::vector<std::byte>> pixels;
    std::vector<std::string> skipped;
    bool operator==(const Epoch&) const = default;
};

PictureLoading small() {
    PictureLoading options;
    options.batchSize = 4;
    options.preprocess = {.imageSize = 12, .resizeSize = 13};
    options.augmentation = "strong";
    options.training = true;
    options.seed = 3;
    options.epoch = 2;
    options.workers = 2;
    return options;
}

// The view of each picture, in whatever order they came.
std::map<std::int64_t, std::vector<std::byte>> byPicture(const Epoch& epoch) {
    std::map<std::int64_t, std::vector<std::byte>> views;
    for (std::size_t batch = 0; batch < epoch.indices.size(); ++batch) {
        const std::vector<std::byte>& pixels = epoch.pixels[batch];
        const std::size_t count = epoch.indices[batch].size();
        for (std::size_t row = 0; row < count; ++row)
            views[epoch.indices[batch][row]].assign(pixels.begin() + std::ptrdiff_t(pixels.size() / count * row),
                                                    pixels.begin() + std::ptrdiff_t(pixels.size() / count * (row + 1)));
    }
    return views;
}

} // namespace

class TestLoader : public QObject {
    Q_OBJECT

    tests::PictureFolder m_pictures;
    ImageFolder m_folder;

    Epoch read(const PictureLoading& options) const {
        Loader loader = pictureLoader(m_folder, m_folder.train, options);
        Epoch result;
        Batch batch;
        while (loader.next(batch)) {
            result.indices.push_back(batch.ids);
            const std::byte* pixels = batch.field(kPixels).bytes.get();
            result.pixels.emplace_back(pixels,
                                       pixels + std::size_t(batch.count) * batch.field(kPixels).spec.rowBytes());
        }
        for (const BadFile& file : loader.skipped())
            result.skipped.push_back(file.file + " " + file.reason);
        return result;
    }

private Q_SLOTS:
    void initTestCase() {
        for (const char* name : {"train/cat", "train/dog", "train/owl"})
            m_pictures.pictures(name, 7);
        m_pictures.bytes("train/cat/broken.png", "x");
        m_pictures.bytes("train/owl/empty.jpg", "");
        const auto jpeg = tests::goldenFile("rgb.jpg");
        m_pictures.bytes("train/dog/cut.jpg", {reinterpret_cast<const char*>(jpeg.data()), jpeg.size() - 30});
        m_pictures.pictures("val/cat", 1);
        m_folder = openImageFolder(m_pictures.experiment());
    }

    void theNumberOfWorkersChangesNothing() {
        PictureLoading options = small();
        options.workers = 1;
        options.prefetch = 1;
        const Epoch expected = read(options);
        QCOMPARE(expected.indices.size(), std::size_t(6));
        for (const int workers : {0, 2, 3, 8})
            for (const int prefetch : {1, 3, 50}) {
                options.workers = workers;
                options.prefetch = prefetch;
                QVERIFY(read(options) == expected);
            }
    }

    void readingFromTheMiddleGivesTheRestOfTheEpoch() {
        const Epoch whole = read(small());
        for (std::int64_t first = 0; first <= 7; ++first) {
            PictureLoading options = small();
            options.firstSample = first * options.batchSize;
            const Epoch rest = read(options);
            const auto skip = std::ptrdiff_t(std::min<std::int64_t>(first, 6));
            QCOMPARE(rest.indices, decltype(whole.indices)(whole.indices.begin() + skip, whole.indices.end()));
            QVERIFY(rest.pixels == decltype(whole.pixels)(whole.pixels.begin() + skip, whole.pixels.end()));
            Loader loader = pictureLoader(m_folder, m_folder.train, options);
            QCOMPARE(loader.batches(), std::max<std::int64_t>(0, 6 - first));
        }
    }

    void everyOrderIsAsLikelyAsAnother() {
        std::map<std::vector<std::int64_t>, int> counts;
        for (std::uint64_t seed = 0; seed < 6000; ++seed)
            ++counts[EpochOrder(3, seed, 0).all()];
        QCOMPARE(counts.size(), std::size_t(6));
        for (const auto& [order, count] : counts)
            QVERIFY2(count > 850 && count < 1150, qPrintable(QString::number(count)));
    }

    void aLargeOrderIsAPermutationWithoutATable() {
        constexpr std::int64_t kCount = EpochOrder::kLargestTable + 4321;
        const EpochOrder order(kCount, 7, 2), same(kCount, 7, 2), other(kCount, 7, 3);
        std::vector<char> seen(std::size_t(kCount), 0);
        std::int64_t differs = 0, stays = 0, neighbours = 0, before = -2;
        for (std::int64_t place = 0; place < kCount; ++place) {
            const std::int64_t sample = order.at(place);
            QVERIFY(sample >= 0 && sample < kCount && seen[std::size_t(sample)] == 0);
            seen[std::size_t(sample)] = 1;
            differs += other.at(place) != sample ? 1 : 0;
            stays += sample == place ? 1 : 0;
            neighbours += sample == before + 1 ? 1 : 0;
            before = sample;
        }
        QVERIFY(same.at(12345) == order.at(12345));
        QVERIFY(differs > kCount - 50 && stays < 50 && neighbours < 50);
        QCOMPARE(EpochOrder(5).all(), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
    }

    void aLargeOrderIsEvenlySpread() {
        constexpr std::int64_t kCount = EpochOrder::kLargestTable + 1;
        const EpochOrder order(kCount, 3, 0);
        std::array<int, 10> tenths{};
        for (std::int64_t place = 0; place < 100'000; ++place) // where the first tenth of the order comes from
            ++tenths[std::size_t(order.at(place) * 10 / kCount)];
        for (const int count : tenths)
            QVERIFY2(count > 9'500 && count < 10'500, qPrintable(QString::number(count)));
    }

    void everyEpochShowsEveryPictureOnceInAnotherOrder() {
        PictureLoading options = small();
        const Epoch second = read(options);
        options.epoch = 3;
        const Epoch third = read(options);
        QVERIFY(second.indices != third.indices);
        options.epoch = 2;
        options.seed = 4;
        QVERIFY(second.indices != read(options).indices);
        for (const Epoch& epoch : {second, third}) {
            std::vector<std::int64_t> seen;
            for (std::size_t i = 0; i < epoch.indices.size(); ++i)
                seen.insert(seen.end(), epoch.indices[i].begin(), epoch.indices[i].end());
            std::sort(seen.begin(), seen.end());
            QCOMPARE(seen.size(), std::size_t(21));
            QVERIFY(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
        }
    }

    void whatCannotBeReadIsLeftOutAndNamedInEveryEpoch() {
        const std::vector<std::string> expected{
            "train/cat/broken.png is not a picture (JPEG, PNG, WebP, BMP, GIF, TIFF, PPM, HEIC and AVIF are read)",
            "train/dog/cut.jpg ends early; a part of the picture is missing", "train/owl/empty.jpg is empty"};
        PictureLoading options = small();
        for (options.epoch = 1; options.epoch <= 8; ++options.epoch)
            QCOMPARE(read(options).skipped, expected);
        options.training = false;
        QCOMPARE(read(options).skipped, expected);
    }

    // Its crop is the middle of it: what is missing below would never be seen.
    void aPictureThatEndsBelowItsCropIsLeftOutAsWell() {
        const tests::PictureFolder folder;
        const std::filesystem::path file = folder.path() / "tall.jpg";
        const RgbImage tall = tests::pattern(32, 512);
        QVERIFY(QImage(tall.pixels.data(), tall.width, tall.height, tall.width * 3, QImage::Format_RGB888)
                    .save(QString::fromStdString(file.string())));
        std::filesystem::resize_file(file, std::filesystem::file_size(file) - 50);
        ImageFolder one;
        one.root = folder.path();
        one.train = {{"tall.jpg", 0, {}}};
        for (const bool training : {true, false}) {
            PictureLoading options = small();
            options.training = training;
            Loader loader = pictureLoader(one, one.train, options);
            Batch batch;
            QVERIFY(loader.next(batch));
            QCOMPARE(batch.count, std::int64_t{0});
            const auto skipped = loader.skipped();
            QCOMPARE(skipped.size(), std::size_t(1));
            QCOMPARE(skipped.front().reason, std::string("ends early; a part of the picture is missing"));
        }
    }

    void viewsComeAgainAfterTheirNumber() {
        PictureLoading options = small();
        options.views = 2;
        std::vector<std::map<std::int64_t, std::vector<std::byte>>> views;
        for (options.epoch = 0; options.epoch < 5; ++options.epoch)
            views.push_back(byPicture(read(options)));
        QVERIFY(views[0] != views[1]);
        for (std::size_t epoch = 2; epoch < views.size(); ++epoch)
            QVERIFY(views[epoch] == views[epoch % 2]);
    }

    void aBatchOfBrokenPicturesIsEmpty() {
        std::vector<ImageSample> samples;
        for (const ImageSample& sample : m_folder.train)
            if (sample.file.ends_with("broken.png") || sample.file.ends_with("empty.jpg"))
                samples.push_back(sample);
        PictureLoading options = small();
        Loader loader = pictureLoader(m_folder, samples, options);
        Batch batch;
        QVERIFY(loader.next(batch));
        QCOMPARE(batch.count, std::int64_t{0});
        QVERIFY(!loader.next(batch));
    }

    void validationComesInOrderAndUnchanged() {
        PictureLoading options = small();
        options.training = false;
        const Epoch first = read(options);
        options.seed = 99;
        options.epoch = 7;
        QVERIFY(read(options) == first);
        std::vector<std::int64_t> seen;
        for (const auto& batch : first.indices)
            seen.insert(seen.end(), batch.begin(), batch.end());
        QVERIFY(std::is_sorted(seen.begin(), seen.end()));
        QCOMPARE(first.indices.back().size(), std::size_t(3)); // one of four is empty
    }

    void theLastBatchHoldsWhatIsLeft() {
        PictureLoading options = small();
        options.batchSize = 100;
        const Epoch all = read(options);
        QCOMPARE(all.indices.size(), std::size_t(1));
        QCOMPARE(all.indices[0].size(), std::size_t(21));
        options.batchSize = 23;
        QCOMPARE(read(options).indices.size(), std::size_t(2));
    }

    void batchesAreAlignedAndOutliveTheLoader() {
        Batch kept;
        std::vector<std::byte> before;
        const auto pixels = [&] { return kept.field(kPixels).bytes.get(); };
        {
            Loader loader = pictureLoader(m_folder, m_folder.train, small());
            QVERIFY(loader.next(kept));
            QCOMPARE(reinterpret_cast<std::uintptr_t>(pixels()) % 64, std::uintptr_t(0));
            before.assign(pixels(), pixels() + kept.count * 12 * 12 * 3);
            Batch other;
            while (loader.next(other)) {
            }
        }
        QVERIFY(std::equal(before.begin(), before.end(), pixels()));
    }

    void cancellingWakesTheReader() {
        for (int round = 0; round < 50; ++round) {
            PictureLoading options = small();
            options.batchSize = 1 + round % 5;
            Loader loader = pictureLoader(m_folder, m_folder.train, options);
            std::jthread other([&] { loader.cancel(); });
            Batch batch;
            while (loader.next(batch)) {
            }
            other.join();
            QVERIFY(!loader.next(batch));
        }
    }

    void leavingInTheMiddleEndsTheThreads() {
        for (int round = 0; round < 50; ++round) {
            PictureLoading options = small();
            options.workers = 1 + round % 7;
            Loader loader = pictureLoader(m_folder, m_folder.train, options);
            Batch batch;
            for (int i = 0; i < round % 4; ++i)
                QVERIFY(loader.next(batch));
        }
    }

    void nothingToReadIsNoBatch() {
        Loader loader = pictureLoader(m_folder, {}, small());
        Batch batch;
        QCOMPARE(loader.batches(), std::int64_t(0));
        QVERIFY(!loader.next(batch));
    }

    void anUnknownAugmentationIsSaid() {
        PictureLoading options = small();
        options.augmentation = "wild";
        QVERIFY_EXCEPTION_THROWN((void)pictureLoader(m_folder, m_folder.train, options), Error);
    }

    void theOrderIsAPermutationThatTheSeedDecides() {
        for (const std::int64_t count : {0, 1, 2, 1000}) {
            auto order = EpochOrder(count, 5, 1).all();
            QCOMPARE(order, EpochOrder(count, 5, 1).all());
            if (count == 1000) {
                QVERIFY(order != EpochOrder(count, 5, 2).all());
                QVERIFY(order != EpochOrder(count, 6, 1).all());
            }
            std::sort(order.begin(), order.end());
            std::vector<std::int64_t> all(static_cast<std::size_t>(count));
            std::iota(all.begin(), all.end(), std::int64_t{0});
            QCOMPARE(order, all);
        }
    }
};

QTEST_GUILESS_MAIN(TestLoader)
#include "tst_loader.moc"
