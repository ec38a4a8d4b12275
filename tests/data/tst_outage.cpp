// Pictures that go away while they are read: a drive that is gone for a moment, or for good.
#include "engine/api/error.h"
#include "engine/data/outage.h"
#include "engine/data/picturereader.h"
#include "tests/data/picturefolder.h"

#include <QTest>

#include <thread>

using namespace engine;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto kForEver = std::chrono::milliseconds(24h);

PictureLoading training() {
    PictureLoading options;
    options.batchSize = 4;
    options.preprocess = {.imageSize = 12, .resizeSize = 13};
    options.training = true;
    options.seed = 3;
    options.workers = 3;
    options.patience = kForEver;
    return options;
}

struct Epoch {
    std::vector<std::vector<std::int64_t>> indices;
    std::vector<std::string> skipped;
    double awaySeconds = 0;
};

Epoch readAll(Loader& loader) {
    Epoch result;
    Batch batch;
    while (loader.next(batch))
        result.indices.push_back(batch.ids);
    for (const BadFile& file : loader.skipped())
        result.skipped.push_back(file.file);
    result.awaySeconds = loader.awaySeconds();
    return result;
}

std::string refusalOf(Loader& loader) {
    try {
        (void)readAll(loader);
    } catch (const Error& error) {
        return error.kind() == ErrorKind::DataGone && !error.remedy().empty() ? error.what() : "of another kind";
    }
    return {};
}

} // namespace

class TestOutage final : public QObject {
    Q_OBJECT

    std::unique_ptr<tests::PictureFolder> m_pictures;
    ImageFolder m_folder; // 24 pictures to train on

    [[nodiscard]] fs::path at(const char* part) const { return m_pictures->path() / part; }

private Q_SLOTS:
    void init() {
        m_pictures = std::make_unique<tests::PictureFolder>();
        for (const char* name : {"data/train/cat", "data/train/dog"})
            m_pictures->pictures(name, 12);
        m_pictures->pictures("data/val/cat", 1);
        Experiment experiment;
        experiment.data.path = at("data");
        m_folder = openImageFolder(experiment);
    }

    void aFolderThatComesBackCostsNoPicture_data() {
        QTest::addColumn<QString>("folder");
        QTest::newRow("all") << "data";
        QTest::newRow("one class") << "data/train/dog";
    }
    void aFolderThatComesBackCostsNoPicture() {
        QFETCH(QString, folder);
        Loader undisturbed = pictureLoader(m_folder, m_folder.train, training());
        const Epoch expected = readAll(undisturbed);
        const fs::path place = at(folder.toUtf8().constData());
        fs::rename(place, at("away"));
        Loader loader = pictureLoader(m_folder, m_folder.train, training());
        QTRY_VERIFY(loader.waits());
        fs::rename(at("away"), place);
        const Epoch found = readAll(loader);
        QCOMPARE(found.indices, expected.indices);
        QCOMPARE(found.skipped, std::vector<std::string>());
        QVERIFY(found.awaySeconds > 0 && !loader.waits());
        QCOMPARE(expected.awaySeconds, 0.0);
    }

    void aFolderThatStaysAwayIsNamed_data() { aFolderThatComesBackCostsNoPicture_data(); }
    void aFolderThatStaysAwayIsNamed() {
        QFETCH(QString, folder);
        const fs::path place = at(folder.toUtf8().constData());
        fs::rename(place, at("away"));
        PictureLoading options = training();
        options.patience = 0ms;
        Loader loader = pictureLoader(m_folder, m_folder.train, options);
        QCOMPARE(refusalOf(loader), "The pictures are gone: " + place.string() + " cannot be read.");
        Batch batch;
        QVERIFY_EXCEPTION_THROWN((void)loader.next(batch), Error); // and not the end of an epoch
    }

    void allThatThereIsIsMoreThanAFew() {
        fs::rename(at("data"), at("away"));
        PictureLoading options = training();
        options.patience = 0ms;
        Loader loader = pictureLoader(m_folder, SampleList{m_folder.train[0]}, options);
        QCOMPARE(refusalOf(loader), "The pictures are gone: " + at("data").string() + " cannot be read.");
    }

    void whoWaitsForPicturesCanBeStopped() {
        fs::rename(at("data"), at("away"));
        Loader loader = pictureLoader(m_folder, m_folder.train, training());
        QTRY_VERIFY(loader.waits());
        std::jthread other([&] { loader.cancel(); });
        Batch batch;
        QVERIFY(!loader.next(batch));
    }

    void aPictureThatIsDeletedIsLeftOutWithoutWaiting() {
        fs::remove(at("data/train/cat/1003.png"));
        Loader loader = pictureLoader(m_folder, m_folder.train, training());
        const Epoch epoch = readAll(loader);
        QCOMPARE(epoch.skipped, std::vector<std::string>{"train/cat/1003.png"});
        QCOMPARE(epoch.awaySeconds, 0.0);
        // And tried again in the next epoch.
        m_pictures->picture("data/train/cat/1003.png", 3);
        Loader next = pictureLoader(m_folder, m_folder.train, training());
        QCOMPARE(readAll(next).skipped, std::vector<std::string>());
    }

    void moreThanAFewThatAreDeletedAreNoEpoch() {
        fs::remove(at("data/train/cat/1003.png"));
        fs::remove(at("data/train/dog/1007.png"));
        Loader loader = pictureLoader(m_folder, m_folder.train, training());
        const std::string sentence = refusalOf(loader);
        QVERIFY2(sentence.starts_with("The pictures are gone: 2 of the 24 in " + at("data").string()),
                 sentence.c_str());
    }

    void damagedPicturesAreLeftOutUnlessTheyWereFine() {
        for (const char* file : {"cat/1000.png", "cat/1001.png", "cat/1002.png", "dog/1000.png"})
            m_pictures->bytes(std::string("data/train/") + file, "no picture");
        Loader first = pictureLoader(m_folder, m_folder.train, training());
        QCOMPARE(readAll(first).skipped.size(), std::size_t(4));
        PictureLoading options = training();
        options.mostSkipped = 4;
        Loader asBefore = pictureLoader(m_folder, m_folder.train, options);
        QCOMPARE(readAll(asBefore).skipped.size(), std::size_t(4));
        options.mostSkipped = 3;
        Loader fewer = pictureLoader(m_folder, m_folder.train, options);
        QVERIFY(refusalOf(fewer).starts_with("Far fewer pictures can be read than before: 4 of the 24"));
    }

    void whatIsAwaySaysWhere() {
        const fs::path root = at("data");
        const std::string file = "train/cat/1000.png";
        QVERIFY(absenceOf(root, file).kind == Absence::Kind::Unreachable); // it is there: whatever it was is over
        QVERIFY(absenceOf(root, "train/cat/none.png").kind == Absence::Kind::Gone);
        for (const char* part : {"data/train/cat", "data/train", "data"}) {
            fs::remove_all(at(part));
            const Absence absence = absenceOf(root, file);
            QVERIFY(absence.kind == Absence::Kind::FolderAway);
            QCOMPARE(absence.where, at(part));
        }
    }

    void patienceIsSharedAndGrowsAnewWithEachReturn() {
        const Absence away{Absence::Kind::FolderAway, "/media/stick"};
        Outage patient(kForEver);
        std::chrono::milliseconds last{0};
        for (int tries = 1; tries <= 12; ++tries) {
            const auto pause = patient.pauseAfter(away, tries);
            QVERIFY(pause && *pause >= last && *pause > 0ms && *pause <= 1s);
            last = *pause;
        }
        Outage hasty(0ms);
        QVERIFY(!hasty.pauseAfter(away, 1) && hasty.lasts());
        hasty.over();
        QVERIFY(!hasty.lasts() && hasty.seconds() >= 0);
        QVERIFY(!patient.pauseAfter({Absence::Kind::NotAllowed, {}}, 1));
        QVERIFY(patient.pauseAfter({Absence::Kind::Gone, {}}, 1)); // its folder may be back by now
        QVERIFY(!patient.pauseAfter({Absence::Kind::Gone, {}}, 3));
    }

    void aFewOfThePicturesAreFivePerCentOrOne() {
        QCOMPARE(fewOf(3), 1);
        QCOMPARE(fewOf(24), 1);
        QCOMPARE(fewOf(100), 5);
        QCOMPARE(fewOf(1000), 50);
    }

    void aSinglePictureLeftOverJoinsTheBatchBeforeIt() {
        for (const int size : {1, 2, 3, 4, 7, 8, 23, 24, 30}) {
            PictureLoading options = training();
            options.batchSize = size;
            Loader usual = pictureLoader(m_folder, m_folder.train, options);
            const auto batches = readAll(usual).indices;
            options.single = Batching::Single::JoinsTheLast;
            Loader joining = pictureLoader(m_folder, m_folder.train, options);
            auto expected = batches;
            if (size > 1 && size < 24 && expected.back().size() == 1) {
                expected[expected.size() - 2].push_back(expected.back().front());
                expected.pop_back();
            }
            QCOMPARE(joining.batches(), std::int64_t(expected.size()));
            QCOMPARE(readAll(joining).indices, expected);
            options.firstSample = (std::int64_t(expected.size()) - 1) * size;
            Loader last = pictureLoader(m_folder, m_folder.train, options);
            QCOMPARE(readAll(last).indices, (std::vector<std::vector<std::int64_t>>{expected.back()}));
        }
    }
};

QTEST_GUILESS_MAIN(TestOutage)
#include "tst_outage.moc"
