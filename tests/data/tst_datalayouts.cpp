// Generated data folders against a stated table: what is made says what is to be found.
#include "engine/api/error.h"
#include "engine/data/imagefolder.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <map>

using namespace engine;
namespace fs = std::filesystem;

namespace {

// A folder's place for the class folders of a part: "train" and the folders too many around and inside it.
struct Depth {
    const char* name;
    const char* around; // with a slash at the end
    bool twice;         // seg_train/seg_train
    const char* inside; // with a slash before it
};
constexpr Depth kDepths[] = {{"plain", "", false, ""},
                             {"twice", "", true, ""},
                             {"around", "archive/", false, ""},
                             {"deep", "archive/train_test_split/", false, ""},
                             {"inside", "", false, "/images"}};

struct Names {
    const char* train;
    const char* validation;
};
constexpr Names kNames[] = {{"train", "val"},
                            {"seg_train", "seg_test"},
                            {"Train_Data", "Validation_Data"},
                            {"train_images", "val_images"},
                            {"imgs_train", "imgs_valid"},
                            {"train-set", "test-set"},
                            {"01_train", "02_val"},
                            {"Training", "Testing"},
                            {"TRAIN", "TEST"},
                            {"trainData", "validData"},
                            {"training_set", "test_set"},
                            {"flowers_train", "flowers_validation"},
                            {"trn", "dev"},
                            {"train2017", "val2017"},
                            {"dataset_train", "dataset_eval"},
                            {"trainset", "valset"},
                            {"Train images", "Test images"},
                            {"train.data", "val.data"},
                            {"asl-alphabet-train", "asl-alphabet-test"},
                            {"KneeTrain", "KneeVal"},
                            {"training data", "validation data"}};

enum class Extra {
    None,
    Text,        // in a class and beside the classes
    Hidden,      // folders and files of systems
    EmptyClass,  // a class folder without files in training
    OtherFormat, // a class of TIFF files in training
    LinkedClass, // a class folder that is a link, in both parts
    Loop,        // a link back to the data folder inside a class
    OtherCase,   // a class folder of validation in capitals and with a space
    OtherForm,   // composed in training, decomposed in validation
    Unsorted,    // pictures to predict beside the parts
    Stranger,    // a folder in validation that is no class
    Outside,     // pictures beside the class folders
    Several      // OtherCase, Hidden and Stranger at once
};
constexpr int kExtras = 13;
constexpr const char* kExtraNames[kExtras] = {"none",        "text",    "hidden",    "emptyclass", "otherformat",
                                              "linkedclass", "loop",    "othercase", "form",       "unsorted",
                                              "stranger",    "outside", "several"};

struct Expected {
    std::map<std::string, std::pair<int, int>> counts; // class → training, validation
    std::map<std::string, std::string> noClasses;      // folder → what of it was passed over
    std::int64_t leftOut = 0;
    std::map<std::string, std::int64_t> unused; // folder → pictures
    std::string train, validation;
};

// Makes files and keeps the account of what is to be found.
class Maker final {
public:
    [[nodiscard]] fs::path root() const { return m_folder.path().toStdString(); }

    void file(const std::string& path) const {
        fs::create_directories((root() / path).parent_path());
        std::ofstream(root() / path) << path;
    }
    void pictures(const std::string& folder, int count) const {
        static constexpr const char* kEndings[] = {".jpg", ".PNG", ".jpeg", ".gif", ".webp", ".bmp"};
        for (int i = 0; i < count; ++i)
            file(folder + "/" + std::to_string(i) + kEndings[i % 6]);
    }

    void split(const Names& names, const Depth& depth) {
        const auto place = [&](const std::string& name) {
            return depth.around + name + (depth.twice ? "/" + name : "") + depth.inside;
        };
        expected.train = place(names.train);
        expected.validation = place(names.validation);
        m_beside = depth.around;
        add("ant", 5, 2);
        add("bee", 4, 3);
    }
    void add(const std::string& name, int train, int validation) {
        pictures(expected.train + "/" + name, train);
        pictures(expected.validation + "/" + name, validation);
        expected.counts[name] = {train, validation};
    }

    void extra(Extra extra) {
        const std::string& train = expected.train;
        const std::string& validation = expected.validation;
        switch (extra) {
        case Extra::None:
            break;
        case Extra::Text:
            file(train + "/ant/notes.txt");
            file(validation + "/readme.md");
            file("LICENSE");
            break;
        case Extra::Hidden:
            pictures(train + "/.cache", 3);
            pictures(train + "/ant/.thumbs", 2);
            pictures(train + "/bee/@eaDir/0.jpg", 2);
            pictures("__MACOSX/" + train + "/ant", 2);
            pictures(".git", 1);
            file(validation + "/ant/.0.jpg");
            file(train + "/ant/Thumbs.db");
            break;
        case Extra::EmptyClass:
            fs::create_directories(root() / train / "wasp");
            expected.noClasses["wasp"] = "";
            break;
        case Extra::OtherFormat:
            for (const char* name : {"0.jp2", "1.jp2", "2.JP2"})
                file(train + "/wasp/" + name);
            expected.noClasses["wasp"] = "3 .jp2";
            break;
        case Extra::LinkedClass:
            for (const std::string& part : {train, validation}) {
                const std::string store = ".store/" + part;
                pictures(store, 3);
                fs::create_directory_symlink(root() / store, root() / part / "wasp");
            }
            expected.counts["wasp"] = {3, 3};
            break;
        case Extra::Loop:
            fs::create_directory_symlink(root() / train / "ant", root() / train / "ant" / "again");
            break;
        case Extra::OtherCase:
            pictures(train + "/paper wasp", 3);
            pictures(validation + "/Paper_Wasp ", 2);
            expected.counts["paper wasp"] = {3, 2};
            break;
        case Extra::OtherForm:
            pictures(train + "/f\u00fcchse", 3);
            pictures(validation + "/fu\u0308chse", 2);
            expected.counts["f\u00fcchse"] = {3, 2};
            break;
        case Extra::Unsorted:
            pictures(m_beside + "pred", 4);
            expected.unused[m_beside + "pred"] = 4;
            break;
        case Extra::Stranger:
            pictures(validation + "/wasp", 3);
            expected.leftOut += 3;
            expected.noClasses["wasp"] = "3 in " + validation + " left out";
            break;
        case Extra::Outside:
            file(train + "/cover.png");
            expected.unused[train] = 1;
            break;
        case Extra::Several:
            this->extra(Extra::OtherCase);
            this->extra(Extra::Hidden);
            this->extra(Extra::Stranger);
            break;
        }
    }

    Expected expected;

private:
    QTemporaryDir m_folder;
    std::string m_beside;
};

Experiment experimentOf(const Maker& maker, const std::string& layout = "auto") {
    Experiment experiment;
    experiment.data.path = maker.root();
    experiment.data.layout = layout;
    return experiment;
}

std::string account(const Expected& expected) {
    std::string text = expected.train + " | " + expected.validation + " | " + std::to_string(expected.leftOut);
    for (const auto& [name, count] : expected.counts)
        text += " | " + name + " " + std::to_string(count.first) + " " + std::to_string(count.second);
    for (const auto& [name, what] : expected.noClasses)
        text += " | no class " + name + " (" + what + ")";
    for (const auto& [name, count] : expected.unused)
        text += " | unused " + name + " " + std::to_string(count);
    return text;
}

std::string account(const Experiment& experiment) {
    try {
        const DataReport report = listData(experiment);
        Expected found{.leftOut = report.notes.validationLeftOut,
                       .train = report.trainFolder,
                       .validation = report.validationFolder};
        for (const ClassCount& row : report.classes)
            found.counts[row.name] = {static_cast<int>(row.train), static_cast<int>(row.validation)};
        for (const ClassCount& row : report.notes.noClasses)
            found.noClasses[row.name] = passedOverWords(row.passedOver);
        for (const UnusedFolder& folder : report.notes.unused)
            found.unused[folder.folder] = folder.pictures;
        return account(found);
    } catch (const Error& error) {
        return std::string("Error: ") + error.what();
    }
}

// Classes alone: the counts of both parts together.
std::string classesOf(const Experiment& experiment) {
    try {
        std::string text;
        for (const ClassCount& row : listData(experiment).classes)
            text += (text.empty() ? "" : " ") + row.name + "=" + std::to_string(row.train + row.validation);
        return text;
    } catch (const Error& error) {
        return std::string("Error: ") + error.what();
    }
}

std::string fixesOf(const Experiment& experiment) {
    std::string text;
    for (const Finding& finding : listData(experiment).notes.findings)
        text += (text.empty() ? "" : ", ") + finding.fixKey + "=" + finding.fixValue;
    return text;
}

} // namespace

class TestDataLayouts final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void partsOfTwoHundredLayoutsAreFound_data() {
        QTest::addColumn<int>("names");
        QTest::addColumn<int>("depth");
        QTest::addColumn<int>("extra");
        // Every name at every depth, with two extras each: all pairs of depth and extra come up.
        for (int names = 0; names < static_cast<int>(std::size(kNames)); ++names)
            for (int depth = 0; depth < static_cast<int>(std::size(kDepths)); ++depth)
                for (const int shift : {0, 7}) {
                    const int extra = (names * 3 + depth + shift) % kExtras;
                    QTest::addRow("%s %s %s", kNames[names].train, kDepths[depth].name, kExtraNames[extra])
                        << names << depth << extra;
                }
    }
    void partsOfTwoHundredLayoutsAreFound() {
        QFETCH(int, names);
        QFETCH(int, depth);
        QFETCH(int, extra);
        Maker maker;
        maker.split(kNames[names], kDepths[depth]);
        maker.extra(static_cast<Extra>(extra));
        QCOMPARE(QString::fromStdString(account(experimentOf(maker))), QString::fromStdString(account(maker.expected)));
    }

    void foldersThatAreNoPartsAreClasses_data() {
        QTest::addColumn<QStringList>("folders"); // each gets three pictures
        QTest::addColumn<QString>("classes");
        const auto row = [](const char* name, const QStringList& folders, const char* classes) {
            QTest::newRow(name) << folders << QString::fromUtf8(classes);
        };
        const auto list = [](std::initializer_list<const char*> names) {
            QStringList result;
            for (const char* name : names)
                result << QString::fromUtf8(name);
            return result;
        };
        row("plain", list({"cat", "dog"}), "cat=3 dog=3");
        row("a folder too many", list({"pets/cat", "pets/dog"}), "cat=3 dog=3");
        row("two too many", list({"archive/pets/cat", "archive/pets/dog"}), "cat=3 dog=3");
        row("vehicles", list({"train", "bus", "car"}), "bus=3 car=3 train=3");
        row("stations", list({"train_station", "bus_station"}), "bus_station=3 train_station=3");
        row("only stations", list({"train_station", "test_stand"}), "test_stand=3 train_station=3");
        row("engines", list({"steam_train/1", "steam_train/2", "diesel_train/1", "diesel_train/2"}),
            "diesel_train=6 steam_train=6");
        row("tickets", list({"valid", "invalid"}), "invalid=3 valid=3");
        row("sessions in classes", list({"cat/monday", "cat/tuesday", "dog/monday"}), "cat=6 dog=3");
        row("tubes", list({"test_tube", "beaker", "flask"}), "beaker=3 flask=3 test_tube=3");
        row("letters", list({"A", "B", "a"}), "A=3 B=3 a=3");
    }
    void foldersThatAreNoPartsAreClasses() {
        QFETCH(QStringList, folders);
        QFETCH(QString, classes);
        const Maker maker;
        for (const QString& folder : folders)
            maker.pictures(folder.toStdString(), 3);
        QCOMPARE(QString::fromStdString(classesOf(experimentOf(maker))), classes);
    }

    void whatIsNotCertainIsAsked() {
        Maker vehicles;
        for (const char* name : {"train", "bus", "car"})
            vehicles.pictures(name, 3);
        QCOMPARE(fixesOf(experimentOf(vehicles)), std::string("data.layout=classes"));
        QCOMPARE(fixesOf(experimentOf(vehicles, "classes")), std::string());

        Maker loose;
        for (const char* name : {"cat", "dog", "test"})
            loose.pictures(name, 3);
        QCOMPARE(classesOf(experimentOf(loose)), std::string("cat=3 dog=3"));
        QCOMPARE(fixesOf(experimentOf(loose)), std::string("data.layout=classes"));
        QCOMPARE(classesOf(experimentOf(loose, "classes")), std::string("cat=3 dog=3 test=3"));

        Maker mixed;
        for (const char* name : {"train/cat", "train/dog", "test/cat", "bus"})
            mixed.pictures(name, 3);
        QCOMPARE(classesOf(experimentOf(mixed)), std::string("cat=6 dog=3"));
        QCOMPARE(fixesOf(experimentOf(mixed)), std::string("data.layout=classes"));
        QCOMPARE(classesOf(experimentOf(mixed, "classes")), std::string("bus=3 test=3 train=6"));
    }

    void onlyFlatPartsAreAnErrorWithAChoice() {
        Maker maker;
        maker.pictures("train", 3);
        maker.pictures("test", 3);
        try {
            (void)openImageFolder(experimentOf(maker));
            QFAIL("train and test were taken for something");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).ends_with("train holds pictures but no class folders."));
            QCOMPARE(error.fix().key, std::string("data.layout"));
            QCOMPARE(error.fix().value, std::string("classes"));
        }
        QCOMPARE(classesOf(experimentOf(maker, "classes")), std::string("test=3 train=3"));
    }

    void aTestPartBesideClassesValidates() {
        Maker maker;
        maker.pictures("cat", 4);
        maker.pictures("dog", 5);
        maker.pictures("test/cat", 2);
        maker.pictures("test/dog", 3);
        const ImageFolder found = openImageFolder(experimentOf(maker));
        QCOMPARE(found.classes, (std::vector<std::string>{"cat", "dog"}));
        QCOMPARE(found.validationFolder, std::string("test"));
        QCOMPARE(found.train.size(), std::size_t(9));
        QCOMPARE(found.validation.size(), std::size_t(5));
        QCOMPARE(found.notes.facts.size(), std::size_t(1));
    }

    void ofValidationAndTestTheFirstValidates() {
        Maker maker;
        for (const char* part : {"train", "Test", "Valid"})
            for (const char* name : {"/cat", "/dog"})
                maker.pictures(std::string(part) + name, 2);
        const ImageFolder found = openImageFolder(experimentOf(maker));
        QCOMPARE(found.validationFolder, std::string("Valid"));
        QCOMPARE(found.notes.unused.size(), std::size_t(1));
        QCOMPARE(found.notes.unused[0].folder, std::string("Test"));
        QCOMPARE(found.notes.unused[0].pictures, std::int64_t(4));
        QVERIFY(found.notes.findings.empty());
    }

    void aValidationPartWithoutClassesIsSaidNotToBeUsed() {
        Maker maker;
        maker.pictures("train/cat", 10);
        maker.pictures("train/dog", 10);
        maker.pictures("val", 6);
        const ImageFolder found = openImageFolder(experimentOf(maker));
        QVERIFY(found.seededSplit);
        QCOMPARE(found.validation.size(), std::size_t(4));
        QCOMPARE(found.notes.findings.size(), std::size_t(1));
        QCOMPARE(found.notes.findings[0].message,
                 std::string("“val” is not used: it holds 6 pictures, but no class folders."));
        QCOMPARE(found.notes.findings[0].detail,
                 std::string("20 % of each class is held back for validation instead."));
    }

    void namesThatCouldMeanTwoClassesAreNotTakenForOne() {
        Maker maker;
        for (const char* name : {"train/Red", "train/red", "train/blue", "val/RED", "val/blue"})
            maker.pictures(name, 3);
        const DataReport report = listData(experimentOf(maker));
        QCOMPARE(report.validationSamples, std::int64_t(3));
        QCOMPARE(report.notes.validationLeftOut, std::int64_t(3));
        Maker other;
        for (const char* name : {"train/red", "train/blue", "val/Red", "val/red", "val/blue"})
            other.pictures(name, 3);
        QCOMPARE(listData(experimentOf(other)).notes.validationLeftOut, std::int64_t(3));
    }

    void strangersAreNamedWithTheNearestClass() {
        Maker maker;
        for (const char* name : {"train/red", "train/blue", "val/rad", "val/blue"})
            maker.pictures(name, 3);
        const DataReport report = listData(experimentOf(maker));
        QCOMPARE(report.notes.findings.size(), std::size_t(1));
        QCOMPARE(report.notes.findings[0].message,
                 std::string("1 folder in val is no class of the training part; 3 of 6 pictures are left out."));
        QCOMPARE(report.notes.findings[0].detail, std::string("“rad”, nearest “red”. Rename it to be counted."));
        Experiment without = experimentOf(maker);
        without.data.leaveOut = {report.notes.findings[0].fixValue};
        QVERIFY(listData(without).notes.findings.empty());
    }

    void leaveOutTakesFilesFoldersAndPatternsAndSaysWhatMatchesNothing() {
        Maker maker;
        maker.pictures("cat", 6); // one of each ending
        maker.pictures("dog", 6);
        maker.pictures("bird/wild", 3);
        Experiment experiment = experimentOf(maker);
        experiment.data.leaveOut = {"cat/0.jpg", "*.gif", "bird/", "./dog/1.PNG"};
        QCOMPARE(classesOf(experiment), std::string("cat=4 dog=4"));
        QCOMPARE(fixesOf(experiment), std::string());
        experiment.data.leaveOut = {"cat/0.jpg", "cat/9.jpg", "*.tif", "horse"};
        const DataReport report = listData(experiment);
        QCOMPARE(report.notes.findings.size(), std::size_t(1));
        QCOMPARE(report.notes.findings[0].message,
                 std::string("“cat/9.jpg”, “*.tif”, “horse” match nothing in the data folder."));
        QCOMPARE(report.notes.findings[0].fixValue, std::string("cat/0.jpg"));
    }

    void filesOfOtherFormatsAreCountedAndNamed() {
        Maker maker;
        maker.pictures("cat", 2);
        maker.pictures("dog", 2);
        for (const char* file : {"cat/a.jp2", "cat/b.PSD", "dog/c.jp2", "dog/notes.txt", "bird/d.jp2"})
            maker.file(file);
        const DataReport report = listData(experimentOf(maker));
        QCOMPARE(report.notes.findings.size(), std::size_t(2));
        QCOMPARE(report.notes.findings[0].message, std::string("The class “bird” has no training picture."));
        QCOMPARE(report.notes.findings[0].detail, std::string("It is not learnt. “bird”: 1 .jp2."));
        QCOMPARE(report.notes.findings[0].fixValue, std::string("bird"));
        QCOMPARE(report.notes.findings[1].message,
                 std::string("4 files are passed over because of the format: 3 .jp2, 1 .psd."));
        QVERIFY(report.notes.findings[1].detail.starts_with("In “cat”, “dog”, “bird”. JPEG, "));
    }

    void whatBecomesOfAnEmptyClassInValidationIsSaid() {
        Maker maker;
        for (const char* name : {"train/cat", "train/dog", "val/cat", "val/bird"})
            maker.pictures(name, 3);
        maker.file("train/bird/README.txt");
        const DataReport report = listData(experimentOf(maker));
        QCOMPARE(report.notes.findings.size(), std::size_t(1));
        QCOMPARE(report.notes.findings[0].detail, std::string("It is not learnt. “bird”: 1 text, 3 in val left out."));
        Experiment without = experimentOf(maker);
        without.data.leaveOut = {"train/bird", "val/bird"};
        QCOMPARE(report.notes.findings[0].fixValue, std::string("train/bird\nval/bird"));
        QVERIFY(listData(without).notes.findings.empty());
    }

    void oneClassWithPicturesSaysWhyTheOthersAreNone() {
        Maker maker;
        maker.pictures("cat", 3);
        maker.file("dog/a.jp2");
        QVERIFY(classesOf(experimentOf(maker))
                    .ends_with("has only one class, “cat”. “dog” has no picture that can be read (1 .jp2)."));
    }

    void aClassBehindALinkThatLeadsNowhereIsSaid() {
        Maker maker;
        maker.pictures("cat", 3);
        maker.pictures("dog", 3);
        fs::create_directory_symlink("/no/such/disk", maker.root() / "bird");
        const DataReport report = listData(experimentOf(maker));
        QCOMPARE(report.notes.noClasses.size(), std::size_t(1));
        QCOMPARE(passedOverWords(report.notes.noClasses[0].passedOver), std::string("1 broken link"));
        QCOMPARE(report.notes.findings.size(), std::size_t(1));
    }

    void linksThatLeadRoundInACircleEnd() {
        Maker maker;
        maker.pictures("cat", 3);
        maker.pictures("dog", 3);
        fs::create_directory_symlink(maker.root() / "dog", maker.root() / "cat" / "friend");
        fs::create_directory_symlink(maker.root() / "cat", maker.root() / "dog" / "friend");
        fs::create_directory_symlink(maker.root(), maker.root() / "cat" / "all");
        fs::create_directory_symlink(".", maker.root() / "dog" / "self");
        const DataReport report = listData(experimentOf(maker));
        QCOMPARE(report.classes.size(), std::size_t(2));
        QCOMPARE(report.classes[0].train + report.classes[0].validation, std::int64_t(6)); // a friend's once
    }

    void theTableNamesEveryClassAndWhatIsPassedOver() {
        Maker maker;
        for (const char* name : {"train/cat", "train/dog", "val/cat", "val/dog", "val/wolf", "pred"})
            maker.pictures(name, 2);
        maker.file("train/dog/old.jp2");
        maker.file("train/dog/notes.txt");
        fs::create_directories(maker.root() / "train" / "bird");
        const auto lines = dataTable(listData(experimentOf(maker)));
        QCOMPARE(lines,
                 (std::vector<std::string>{
                     "Class      Train  Validation  Passed over", "cat            2           2",
                     "dog            2           2  1 .jp2, 1 text", "bird           –           –",
                     "wolf           –           –  2 in val left out", "2 classes      4           4",
                     "Training: train. Validation: val.", "Not used: pred, 2 pictures (not sorted into classes)."}));
    }

    void aLongTableKeepsTheClassesWithSomethingToSay() {
        Maker maker;
        for (int i = 0; i < 30; ++i)
            maker.pictures("class" + std::to_string(100 + i), 2);
        maker.file("class129/a.jp2");
        const auto lines = dataTable(listData(experimentOf(maker)), 4);
        QCOMPARE(lines.size(), std::size_t(1 + 4 + 1 + 1 + 1));
        QVERIFY(lines[4].starts_with("class129"));
        QVERIFY(lines[5].starts_with("… 26 more"));
    }

    void evaluationFindsTheClassesWhereverTheyLie() {
        Maker maker;
        for (const char* name : {"data/seg_test/seg_test/Cat", "data/seg_test/seg_test/dog", "data/seg_train/cat"})
            maker.pictures(name, 2);
        maker.pictures("data/seg_test/seg_test/wolf", 5);
        const ImageFolder found = openForEvaluation(maker.root(), {"cat", "dog"});
        QCOMPARE(found.validation.size(), std::size_t(4));
        QCOMPARE(found.notes.validationLeftOut, std::int64_t(5));
        QCOMPARE(found.notes.findings.size(), std::size_t(1));
        QCOMPARE(found.notes.findings[0].message,
                 std::string("1 folder in data/seg_test/seg_test is no class of the model; 5 of 9 pictures are left "
                             "out."));
    }
};

QTEST_GUILESS_MAIN(TestDataLayouts)
#include "tst_datalayouts.moc"
