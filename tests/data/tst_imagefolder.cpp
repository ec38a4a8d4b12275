#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/data/imagefolder.h"
#include "tests/data/picturefolder.h"

#include <set>

using namespace engine;
using tests::PictureFolder;
namespace fs = std::filesystem;

namespace {

std::set<std::string> filesOf(const SampleList& samples) {
    std::set<std::string> result;
    for (const ImageSample& sample : samples)
        result.insert(sample.file);
    return result;
}

std::string complaint(const Experiment& experiment) {
    try {
        (void)checkData(experiment);
        return {};
    } catch (const Error& error) {
        return error.remedy().empty() ? "no remedy" : error.what();
    }
}

bool ends(const std::string& text, std::string_view end) { return text.ends_with(end); }

} // namespace

class TestImageFolder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void trainAndValidationFoldersAreFoundByTheUsualNames_data() {
        QTest::addColumn<QString>("train");
        QTest::addColumn<QString>("validation");
        const char* pairs[][2] = {
            {"train", "val"},  {"train", "valid"},      {"training", "validation"}, {"training_set", "test_set"},
            {"Train", "Test"}, {"trainset", "testset"}, {"train_set", "dev"},       {"training", "testing"},
            {"TRAIN", "eval"}};
        for (const auto& pair : pairs)
            QTest::newRow(pair[1]) << QString::fromLatin1(pair[0]) << QString::fromLatin1(pair[1]);
    }
    void trainAndValidationFoldersAreFoundByTheUsualNames() {
        QFETCH(QString, train);
        QFETCH(QString, validation);
        PictureFolder folder;
        for (const char* name : {"cat", "dog"}) {
            folder.pictures(train.toStdString() + "/" + name, 3);
            folder.pictures(validation.toStdString() + "/" + name, 2);
        }
        const ImageFolder found = openImageFolder(folder.experiment());
        QCOMPARE(found.trainFolder, train.toStdString());
        QCOMPARE(found.validationFolder, validation.toStdString());
        QVERIFY(!found.seededSplit);
        QCOMPARE(found.train.size(), std::size_t(6));
        QCOMPARE(found.validation.size(), std::size_t(4));
        QCOMPARE(found.classes, (std::vector<std::string>{"cat", "dog"}));
        QCOMPARE(found.train[3].label, 1);
        QCOMPARE(found.train[3].file, train.toStdString() + "/dog/1000.png");
    }

    void validationComesBeforeTest() {
        PictureFolder folder;
        for (const char* part : {"train", "test", "val"})
            for (const char* name : {"/cat", "/dog"})
                folder.pictures(std::string(part) + name, 2);
        QCOMPARE(openImageFolder(folder.experiment()).validationFolder, std::string("val"));
    }

    void theExperimentSaysWhichFolders() {
        PictureFolder folder;
        for (const char* name : {"cat", "dog"}) {
            folder.pictures(std::string("parts/one/") + name, 3);
            folder.pictures(std::string("parts/two/") + name, 2);
        }
        Experiment experiment = folder.experiment();
        experiment.data.train = "parts/one/";
        experiment.data.validation = "./parts/two";
        const ImageFolder found = openImageFolder(experiment);
        QCOMPARE(found.trainFolder, std::string("parts/one"));
        QCOMPARE(found.validationFolder, std::string("parts/two"));
        QCOMPARE(found.train[0].file, std::string("parts/one/cat/1000.png"));

        experiment.data.train = "parts/three";
        try {
            (void)openImageFolder(experiment);
            QFAIL("no such folder");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::NotFound);
            QVERIFY(std::string(error.what()).find("parts/three") != std::string::npos);
        }
    }

    void aValidationFolderBesideClassFoldersIsNoClass() {
        PictureFolder folder;
        for (const char* name : {"cat", "dog", "later/cat", "later/dog"})
            folder.pictures(name, 3);
        Experiment experiment = folder.experiment();
        experiment.data.validation = "later";
        const ImageFolder found = openImageFolder(experiment);
        QCOMPARE(found.classes, (std::vector<std::string>{"cat", "dog"}));
        QCOMPARE(found.train.size(), std::size_t(6));
        QCOMPARE(found.validation.size(), std::size_t(6));
    }

    void whatIsTrainedOnIsNotValidatedOn() {
        PictureFolder folder;
        folder.pictures("test/cat", 10);
        folder.pictures("test/dog", 10);
        Experiment experiment = folder.experiment();
        experiment.data.train = "test";
        const ImageFolder found = openImageFolder(experiment);
        QVERIFY(found.seededSplit);
        for (const std::string& file : filesOf(found.validation))
            QVERIFY(!filesOf(found.train).contains(file));
    }

    void withoutAValidationPartEveryClassGivesItsShare() {
        PictureFolder folder;
        folder.pictures("common", 50);
        folder.pictures("few", 5);
        folder.pictures("pair", 2);
        folder.pictures("single", 1);
        Experiment experiment = folder.experiment();
        experiment.data.validationShare = 0.2;
        const ImageFolder found = openImageFolder(experiment);
        QVERIFY(found.seededSplit);
        std::vector<int> held(4), kept(4);
        for (const ImageSample& sample : found.validation)
            ++held[std::size_t(sample.label)];
        for (const ImageSample& sample : found.train)
            ++kept[std::size_t(sample.label)];
        QCOMPARE(held, (std::vector<int>{10, 1, 1, 0}));
        QCOMPARE(kept, (std::vector<int>{40, 4, 1, 1}));
        QVERIFY(std::ranges::is_sorted(found.train, {}, &ImageSample::file));

        QCOMPARE(filesOf(openImageFolder(experiment).validation), filesOf(found.validation));
        experiment.seed = 8;
        QVERIFY(filesOf(openImageFolder(experiment).validation) != filesOf(found.validation));
        experiment.data.validationShare = 0.9;
        QCOMPARE(openImageFolder(experiment).train.size(), std::size_t(5 + 1 + 1 + 1));
    }

    // Another picture must not move those that were there from one part to the other.
    void aNewPictureHardlyChangesTheSplit() {
        PictureFolder folder;
        folder.pictures("cat", 40);
        folder.pictures("dog", 40);
        const auto before = filesOf(openImageFolder(folder.experiment()).validation);
        folder.picture("cat/9999.png", 1);
        std::size_t same = 0;
        for (const std::string& file : filesOf(openImageFolder(folder.experiment()).validation))
            same += before.contains(file) ? 1 : 0;
        QVERIFY(same >= before.size() - 1);
    }

    void filesThatAreNoPicturesByNameAreNotListed() {
        PictureFolder folder;
        folder.pictures("cat", 2);
        folder.pictures("dog", 2);
        folder.picture("cat/deeper/still/UPPER.PNG", 7);
        folder.bytes("cat/notes.txt", "x");
        folder.bytes("cat/.hidden.png", "x");
        folder.bytes("cat/.cache/thumb.png", "x");
        folder.bytes(".git/objects/x.png", "x");
        fs::create_symlink("/no/such/file.png", folder.path() / "cat" / "0.png");
        fs::create_directory(folder.path() / "cat" / "folder.png");
        fs::create_directory(folder.path() / "empty");
        Experiment experiment = folder.experiment();
        experiment.data.validationShare = 0.01;
        const ImageFolder found = openImageFolder(experiment);
        QCOMPARE(found.classes, (std::vector<std::string>{"cat", "dog"}));
        QCOMPARE(found.train.size() + found.validation.size(), std::size_t(5));
    }

    void leftOutFilesAreGoneWithoutAWarning() {
        PictureFolder folder;
        folder.pictures("cat", 3);
        folder.pictures("dog", 3);
        folder.bytes("cat/broken.jpg", "not a picture");
        Experiment experiment = folder.experiment();
        QCOMPARE(checkData(experiment).unreadable.size(), std::size_t(1));
        experiment.data.leaveOut = {"cat/broken.jpg"};
        QVERIFY(checkData(experiment).unreadable.empty());
    }

    void theFingerprintChangesWithTheFiles() {
        PictureFolder folder;
        folder.pictures("cat", 3);
        folder.pictures("dog", 3);
        const auto before = openImageFolder(folder.experiment()).fingerprint;
        QCOMPARE(openImageFolder(folder.experiment()).fingerprint, before);
        folder.picture("dog/9.png", 3);
        QVERIFY(openImageFolder(folder.experiment()).fingerprint != before);
    }

    void ofALargeSetSoManyAreOpenedAsAsked() {
        PictureFolder folder;
        folder.pictures("train/cat", 6);
        folder.pictures("train/dog", 6);
        folder.pictures("val/cat", 2);
        folder.pictures("val/dog", 2);
        folder.bytes("train/cat/a.png", ""); // the first of all
        folder.bytes("train/cat/b.png", "");
        const DataReport some = checkData(folder.experiment(), {}, nullptr, 6);
        QCOMPARE(some.lookedAt, std::int64_t(6));
        QCOMPARE(some.unreadable.size(), std::size_t(1));
        QCOMPARE(some.trainSamples, std::int64_t(13));
        QCOMPARE(some.validationSamples, std::int64_t(4));
        QCOMPARE(some.classes[0].train, std::int64_t(7));
        const auto told = dataTable(some);
        QVERIFY(std::ranges::find(told, "6 of 17 pictures were opened; “thaw data check” opens all.") != told.end());
        const DataReport all = checkData(folder.experiment());
        QCOMPARE(all.lookedAt, std::int64_t(18));
        QCOMPARE(all.unreadable.size(), std::size_t(2));
        QCOMPARE(dataTable(all).size(), told.size() - 1);
    }

    void unreadableFilesAreNamedCountedAndSkipped() {
        PictureFolder folder;
        folder.pictures("train/cat", 3);
        folder.pictures("train/dog", 4);
        folder.pictures("val/cat", 2);
        folder.pictures("val/dog", 2);
        folder.picture("train/dog/wide.png", 1, 90, 12);
        folder.bytes("train/cat/empty.jpg", "");
        folder.bytes("train/dog/page.png", "<html></html>");
        const auto whole = tests::goldenFile("rgb.jpg");
        folder.bytes("val/cat/cut.jpg", {reinterpret_cast<const char*>(whole.data()), whole.size() - 40});
        const DataReport report = checkData(folder.experiment());
        QCOMPARE(report.trainSamples, std::int64_t(8));
        QCOMPARE(report.validationSamples, std::int64_t(4));
        QCOMPARE(report.classes[0].train, std::int64_t(3));
        QCOMPARE(report.classes[1].train, std::int64_t(5));
        QCOMPARE(report.classes[0].validation, std::int64_t(2));
        QCOMPARE(report.smallestSide, 12);
        QCOMPARE(report.largestSide, 90);
        QCOMPARE(report.unreadable.size(), std::size_t(3));
        QCOMPARE(report.unreadable[0].file, std::string("train/cat/empty.jpg"));
        QCOMPARE(report.unreadable[0].reason, std::string("is empty"));
        QCOMPARE(report.unreadable[1].reason, std::string("is a web page"));
        QCOMPARE(report.unreadable[2].reason, std::string("ends early; a part of the picture is missing"));
    }

    void foldersThatCannotBeTrainedOnSayWhatToDo() {
        Experiment none;
        QCOMPARE(complaint(none), std::string("No data folder is chosen."));
        none.data.path = "/no/such/folder";
        QCOMPARE(complaint(none), std::string("The folder /no/such/folder does not exist."));

        PictureFolder folder;
        QVERIFY(complaint(folder.experiment()).starts_with("No pictures were found in "));
        folder.picture("1.png", 1);
        QVERIFY(ends(complaint(folder.experiment()), " holds pictures but no class folders."));
        folder.pictures("cat", 2);
        QVERIFY(ends(complaint(folder.experiment()), " has only one class, “cat”."));

        PictureFolder broken;
        broken.bytes("cat/1.png", "x");
        broken.bytes("dog/1.png", "x");
        QVERIFY(complaint(broken.experiment()).starts_with("None of the 2 files in "));

        PictureFolder apart;
        for (const char* name : {"train/cat", "train/dog", "val/kater", "val/hund"})
            apart.pictures(name, 1);
        QVERIFY(complaint(apart.experiment()).starts_with("No class of "));
    }

    void classesOnlyInValidationAreNamed() {
        PictureFolder folder;
        for (const char* name : {"train/cat", "train/dog", "val/cat", "val/mouse"})
            folder.pictures(name, 2);
        const ImageFolder found = openImageFolder(folder.experiment());
        QCOMPARE(found.classesOnlyInValidation, (std::vector<std::string>{"mouse"}));
        QCOMPARE(found.validation.size(), std::size_t(2));
    }

    void evaluationTakesTheModelsClasses() {
        PictureFolder folder;
        for (const char* name : {"test/cat", "test/dog", "test/zebra"})
            folder.pictures(name, 2);
        const ImageFolder found = openForEvaluation(folder.path() / "", {"bird", "cat", "dog"});
        QCOMPARE(found.validation.size(), std::size_t(4));
        QCOMPARE(found.validation[0].label, 1);
        QCOMPARE(found.validation[0].file, std::string("test/cat/1000.png"));
        QCOMPARE(found.classesOnlyInValidation, (std::vector<std::string>{"zebra"}));
        QVERIFY_EXCEPTION_THROWN((void)openForEvaluation(folder.path(), {"bird"}), Error);
    }

    void checkingSaysHowFarItIs() {
        PictureFolder folder;
        folder.pictures("cat", 8);
        folder.pictures("dog", 8);
        struct Steps final : ProgressSink {
            std::vector<std::int64_t> seen;
            std::set<std::string> messages;
            void onProgress(const Progress& progress) override {
                messages.insert(progress.message);
                if (!progress.message.empty())
                    return;
                seen.push_back(progress.step);
                if (progress.steps != 16)
                    qFatal("not all pictures are counted");
            }
        } steps;
        (void)checkData(folder.experiment(), {}, &steps);
        QVERIFY(steps.seen.size() >= 2);
        QCOMPARE(steps.seen.front(), std::int64_t(0));
        QCOMPARE(steps.seen.back(), std::int64_t(16));
        QVERIFY(std::ranges::is_sorted(steps.seen));
        QVERIFY(steps.messages == (std::set<std::string>{"", "Looking for copies"}));
    }

    void checkingStopsWhenAsked() {
        PictureFolder folder;
        folder.pictures("cat", 3);
        folder.pictures("dog", 3);
        std::stop_source stop;
        stop.request_stop();
        try {
            (void)checkData(folder.experiment(), stop.get_token());
            QFAIL("was not stopped");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Stopped);
        }
    }

    void realFoldersAreCounted() {
        NEEDS_DATA("images/cifar10_mini");
        NEEDS_DATA("images/hymenoptera_data/train/ants/imageNotFound.gif");
        const fs::path images = tests::testData("images");
        Experiment experiment;
        experiment.data.path = images / "hymenoptera_data";
        experiment.data.leaveOut = {"train/ants/imageNotFound.gif"};
        const DataReport insects = checkData(experiment);
        QCOMPARE(insects.trainSamples, std::int64_t(244));
        QCOMPARE(insects.validationSamples, std::int64_t(153));
        QCOMPARE(insects.smallestSide, 130);
        QVERIFY(insects.unreadable.empty());
        experiment.data.path = images / "cifar10_mini";
        const DataReport small = checkData(experiment);
        QCOMPARE(small.trainSamples, std::int64_t(2000));
        QCOMPARE(small.validationSamples, std::int64_t(500));
        QCOMPARE(small.classes.size(), std::size_t(10));
        QCOMPARE(small.largestSide, 32);
    }
};

QTEST_GUILESS_MAIN(TestImageFolder)
#include "tst_imagefolder.moc"
