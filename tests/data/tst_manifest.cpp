// Pictures and labels from a table: which columns are what, and what is told of rows that are of no use.
#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/data/dataset.h"
#include "tests/data/picturefolder.h"

#include <QTest>

#include <algorithm>
#include <map>

using namespace engine;
using tests::PictureFolder;

namespace {

// file → labels, joined by "+"; those of validation behind a "*".
std::map<std::string, std::string> found(const ImageFolder& data) {
    std::map<std::string, std::string> result;
    for (const auto* part : {&data.train, &data.validation})
        for (const ImageSample& sample : *part) {
            std::string labels;
            forEachClass(sample,
                         [&](std::size_t label) { labels += (labels.empty() ? "" : "+") + data.classes[label]; });
            result[sample.file] = (part == &data.validation ? "*" : "") + labels;
        }
    return result;
}

struct Bench {
    PictureFolder folder;
    Experiment experiment;

    explicit Bench(const std::string& name, const std::string& text, const char* task = "image-classification") {
        for (const char* file : {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png"})
            folder.picture(file, file[0]);
        folder.bytes(name, text);
        experiment.data.path = folder.path() / name;
        experiment.data.task = task;
    }
    [[nodiscard]] ImageFolder open() const { return openData(experiment); }
    [[nodiscard]] std::string refusal() const {
        try {
            (void)open();
        } catch (const Error& error) {
            return std::string(error.what()) + " " + error.remedy();
        }
        return {};
    }
};

bool tells(const DataNotes& notes, const std::string& words) {
    return std::ranges::any_of(notes.findings, [&](const Finding& finding) {
        return (finding.message + " " + finding.detail).find(words) != std::string::npos;
    });
}

using Found = std::map<std::string, std::string>;

} // namespace

Q_DECLARE_METATYPE(Found)

class TestManifest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void columnsAreRecognised_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("task");
        QTest::addColumn<Found>("expected");
        const auto row = [](const char* name, const char* file, const char* text, const char* task,
                            const Found& expected) {
            QTest::newRow(name) << QString::fromLatin1(file) << QByteArray(text) << QString::fromLatin1(task)
                                << expected;
        };
        const char* one = "image-classification";
        const char* several = "multi-label";
        const Found four{{"a.png", "cat"}, {"b.png", "dog"}, {"c.png", "*cat"}, {"d.png", "*dog"}};
        row("comma", "t.csv", "file,label,split\na.png,cat,train\nb.png,dog,train\nc.png,cat,val\nd.png,dog,val\n", one,
            four);
        row("order of columns", "t.csv",
            "split,id,label,image\ntrain,1,cat,a.png\ntrain,2,dog,b.png\nvalid,3,cat,c.png\ndev,4,dog,d.png\n", one,
            four);
        row("tabs", "t.tsv",
            "path\tclass\tset\na.png\tcat\ttrain\nb.png\tdog\ttrain\nc.png\tcat\tvalidation\nd.png\tdog\ttest\n", one,
            {{"a.png", "cat"}, {"b.png", "dog"}, {"c.png", "*cat"}});
        row("semicolons, quotes, byte-order mark, CRLF", "t.csv",
            "\xef\xbb\xbf\"file\";\"label\";\"split\"\r\n\"a.png\";cat;train\r\nb.png;\"dog\";train\r\nc.png;cat;"
            "val\r\n\r\nd.png;dog;val\r\n",
            one, four);
        row("is_valid", "t.csv",
            "name,label,is_valid\na.png,cat,False\nb.png,dog,False\nc.png,cat,True\nd.png,dog,True\n", one, four);
        row("test where nothing else validates", "t.csv",
            "file,label,split\na.png,cat,train\nb.png,dog,train\nc.png,cat,test\nd.png,dog,test\n", one, four);
        row("objects", "t.jsonl",
            "{\"image\": \"a.png\", \"label\": \"cat\", \"split\": \"train\"}\n{\"label\": \"dog\", \"image\": "
            "\"b.png\", \"split\": "
            "\"train\"}\n\n{\"image\": \"c.png\", \"label\": \"cat\", \"split\": \"val\"}\n{\"image\": \"d.png\", "
            "\"label\": \"dog\", "
            "\"split\": \"val\", \"more\": [1]}\n",
            one, four);
        row("numbers as classes", "t.jsonl",
            "{\"image\": \"a.png\", \"label\": 0, \"split\": \"train\"}\n{\"image\": \"b.png\", \"label\": 1, "
            "\"split\": \"train\"}\n"
            "{\"image\": \"c.png\", \"label\": 1, \"split\": \"val\"}\n",
            one, {{"a.png", "0"}, {"b.png", "1"}, {"c.png", "*1"}});
        row("one for each, exclusive", "t.csv",
            "image,cat,dog,split\na.png,1,0,train\nb.png,0,1,train\nc.png,1.0,0.0,val\nd.png,,1,val\n", one, four);
        const Found sets{{"a.png", "cat+wet"}, {"b.png", ""}, {"c.png", "dog"}, {"d.png", "*cat+dog+wet"}};
        row("one for each", "t.csv",
            "image,cat,dog,wet,split\na.png,1,0,1,train\nb.png,0,0,0,train\nc.png,0,1,0,train\nd.png,1,1,1,val\n",
            several, sets);
        row("bars", "t.csv",
            "image,tags,split\na.png,wet|cat,train\nb.png,,train\nc.png,dog,train\nd.png,cat|dog|wet,val\n", several,
            sets);
        row("commas in quotes", "t.csv",
            "image,tags,split\na.png,\"wet, "
            "cat\",train\nb.png,\"\",train\nc.png,dog,train\nd.png,\"cat,dog,wet\",val\n",
            several, sets);
        row("spaces", "t.csv",
            "image,tags,split\na.png,wet cat,train\nb.png,,train\nc.png,dog,train\nd.png,cat dog wet,val\n", several,
            sets);
        row("lists of Python", "t.csv",
            "image,tags,split\na.png,\"['wet', 'cat']\",train\nb.png,[],train\nc.png,['dog'],train\nd.png,\"['cat', "
            "'dog', 'wet']\",val\n",
            several, sets);
        row("lists of JSON", "t.jsonl",
            "{\"file\": \"a.png\", \"labels\": [\"wet\", \"cat\"], \"split\": \"train\"}\n{\"file\": \"b.png\", "
            "\"labels\": [], \"split\": "
            "\"train\"}\n{\"file\": \"c.png\", \"labels\": [\"dog\"], \"split\": \"train\"}\n{\"file\": \"d.png\", "
            "\"labels\": [\"cat\", "
            "\"dog\", \"wet\"], \"split\": \"val\"}\n",
            several, sets);
        row("a row a label", "t.csv",
            "image,label,split\na.png,cat,train\na.png,wet,train\nb.png,,train\nc.png,dog,train\nd.png,cat,val\nd.png,"
            "dog,val\nd.png,wet,val\n",
            several, sets);
    }
    void columnsAreRecognised() {
        QFETCH(QString, name);
        QFETCH(QByteArray, text);
        QFETCH(QString, task);
        QFETCH(Found, expected);
        const std::string asked = task.toStdString();
        const Bench bench(name.toStdString(), text.toStdString(), asked.c_str());
        const ImageFolder data = bench.open();
        QCOMPARE(found(data), expected);
        QVERIFY(!data.seededSplit);
        QVERIFY(std::ranges::is_sorted(data.classes));
        QCOMPARE(data.root, bench.folder.path());
        const DataReport report = checkData(bench.experiment);
        QCOMPARE(std::size_t(report.trainSamples), data.train.size());
    }

    void aTableWithoutHeadsIsOneAsWell() {
        const Bench bench("labels.csv", "a.png,cat\nb.png,dog\nc.png,cat\nd.png,dog\ne.png,cat\nf.png,dog\n");
        const ImageFolder data = bench.open();
        QVERIFY(data.seededSplit);
        QCOMPARE(data.train.size() + data.validation.size(), std::size_t(6));
        QCOMPARE(data.validation.size(), std::size_t(2)); // one of each class
        QVERIFY(data.validation[0].label != data.validation[1].label);
        QVERIFY(found(bench.open()) == found(data));
    }

    void namesMayLackTheirFolderAndTheirEnding() {
        PictureFolder folder;
        for (const char* name : {"pictures/x1.jpg", "pictures/x2.jpg", "pictures/x3.jpg"})
            folder.picture(name, 3);
        folder.bytes("train.csv", "id,breed\nx1,collie\nx2,husky\nx3,collie\n");
        Experiment experiment;
        experiment.data.path = folder.path() / "train.csv";
        const ImageFolder data = openData(experiment);
        QCOMPARE(found(data).begin()->first, std::string("pictures/x1.jpg"));
        QCOMPARE(data.notes.facts.front(), std::string("The table's names begin in pictures/."));
    }

    void manyColumnsAndFoldersAreLookedThroughOnlyAsFarAsNeeded() {
        PictureFolder folder;
        for (int i = 0; i < 40; ++i)
            folder.bytes("other" + std::to_string(i) + "/note.txt", "");
        for (int i = 0; i < 30; ++i)
            folder.picture("photos/p" + std::to_string(i) + ".png", i);
        std::string text = "id,where";
        for (int label = 0; label < 60; ++label)
            text += ",l" + std::to_string(label);
        for (int i = 0; i < 30; ++i) {
            text += "\np" + std::to_string(i) + ",there";
            for (int label = 0; label < 60; ++label)
                text += label % 30 == i ? ",1" : ",0";
        }
        folder.bytes("t.csv", text + "\n");
        Experiment experiment;
        experiment.data.path = folder.path() / "t.csv";
        experiment.data.task = "multi-label";
        const ImageFolder data = openData(experiment);
        QCOMPARE(data.train.size() + data.validation.size(), std::size_t(30));
        QVERIFY(data.train[0].file.starts_with("photos/p"));
    }

    void classesOfValidationAreMatchedBesideEachOther() {
        const Bench bench("t.csv",
                          "file,label,split\na.png,cat,train\nb.png,dog,train\nc.png,Cat,val\nd.png,cat,val\n");
        QCOMPARE(found(bench.open()).contains("c.png"), false); // “cat” is there as well, so it is another
        QVERIFY(tells(bench.open().notes, "“Cat”, nearest “cat”"));
    }

    void columnsCanBeNamed() {
        Bench bench("t.csv", "one,two,colour,shape\na.png,b.png,red,round\nc.png,d.png,blue,long\n");
        QVERIFY2(bench.refusal().find("data.label_columns") != std::string::npos, bench.refusal().c_str());
        QVERIFY(bench.refusal().find("one, two, colour, shape") != std::string::npos);
        bench.experiment.data.labelColumns = {"shape"};
        bench.experiment.data.fileColumn = "two";
        const ImageFolder data = bench.open();
        QCOMPARE(data.classes, (std::vector<std::string>{"long", "round"}));
        QVERIFY(found(data).contains("b.png"));
        bench.experiment.data.labelColumns = {"form"};
        QVERIFY(bench.refusal().find("The table has no column “form”.") != std::string::npos);
    }

    void theTableItselfIsNoSecondOne() {
        Bench bench("t.csv", "file,label,split\na.png,cat,train\nb.png,dog,train\nc.png,cat,val\n");
        const Found before = found(bench.open());
        bench.experiment.data.validation = "t.csv";
        QCOMPARE(found(bench.open()), before);
    }

    void partsCanBeNamedOrStandInASecondTable() {
        Bench bench("t.csv", "file,label,split\na.png,cat,A\nb.png,dog,A\nc.png,cat,B\nd.png,dog,C\n");
        bench.experiment.data.splitColumn = "split";
        bench.experiment.data.train = "A";
        bench.experiment.data.validation = "B";
        const ImageFolder named = bench.open();
        QCOMPARE(found(named), (Found{{"a.png", "cat"}, {"b.png", "dog"}, {"c.png", "*cat"}}));
        QCOMPARE(named.notes.unused.front().folder, std::string("the rows of “C”"));

        Bench second("t.csv", "file,label\na.png,cat\nb.png,dog\n");
        second.folder.bytes("held.csv", "file,label\nc.png,cat\nd.png,dog\n");
        second.experiment.data.validation = "held.csv";
        QCOMPARE(found(second.open()),
                 (Found{{"a.png", "cat"}, {"b.png", "dog"}, {"c.png", "*cat"}, {"d.png", "*dog"}}));
        second.experiment.data.validation = "away.csv";
        QVERIFY(second.refusal().find("no table “away.csv” lies beside it") != std::string::npos);
    }

    void whatIsOfNoUseIsCountedAndNamed() {
        const Bench bench(
            "t.csv",
            "file,label,split\na.png,cat,train\nb.png,dog,train\ngone.png,cat,train\nc.png,cat,val\nd.png,cow,val\n"
            "e.png,,train\na.png,dog,train\na.png,cat,train\n");
        const ImageFolder data = bench.open();
        QCOMPARE(found(data), (Found{{"a.png", "cat"}, {"b.png", "dog"}, {"c.png", "*cat"}}));
        QVERIFY(tells(data.notes, "1 row of 8 names pictures that are not there. Left out: gone.png."));
        QVERIFY(tells(data.notes, "1 row without a class. Left out: e.png."));
        QVERIFY(tells(data.notes, "1 row gives a picture several classes. Only the first is used: a.png."));
        QVERIFY(tells(data.notes, "1 label of validation is no class of the training part; 1 row is left out"));
        QVERIFY(tells(data.notes, "“cow”, nearest"));
        QCOMPARE(data.notes.validationLeftOut, std::int64_t(1));
        const auto table = dataTable(checkData(bench.experiment));
        QVERIFY(std::ranges::any_of(
            table, [](const std::string& line) { return line.find("1 missing") != std::string::npos; }));
    }

    void cellsWithSeveralLabelsAskForTheOtherTask() {
        Bench bench("t.csv", "file,tags\na.png,cat|wet\nb.png,dog\nc.png,cat\nd.png,dog|wet\n");
        const ImageFolder data = bench.open();
        QCOMPARE(data.classes.size(), std::size_t(4));
        const auto asks = std::ranges::find(data.notes.findings, "multi-label", &Finding::fixValue);
        QVERIFY(asks != data.notes.findings.end());
        bench.experiment.data.task = asks->fixValue;
        QCOMPARE(bench.open().classes, (std::vector<std::string>{"cat", "dog", "wet"}));
    }

    void whatIsNoTableIsSaidInASentence_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("empty") << QByteArray() << QByteArray("t.csv is empty.");
        QTest::newRow("heads alone") << QByteArray("file,label\n") << QByteArray("no row below its heads");
        QTest::newRow("no pictures") << QByteArray("x,y\n1,2\n3,4\n")
                                     << QByteArray("No column of the table names pictures");
        QTest::newRow("other pictures") << QByteArray("file,label\nz.png,cat\n")
                                        << QByteArray("No column of the table names pictures");
        QTest::newRow("a picture") << QByteArray("\xff\xd8\xff\xe0\0\x10JFIF", 10)
                                   << QByteArray("t.csv is no table: it holds bytes that are no text.");
        QTest::newRow("one class") << QByteArray("file,label\na.png,cat\nb.png,cat\n")
                                   << QByteArray("t.csv has only one class, “cat”.");
        QTest::newRow("too many cells") << QByteArray("file,label\na.png,cat\nb.png,dog,more\n")
                                        << QByteArray("t.csv, line 3: 3 cells where there are 2 columns.");
    }
    void whatIsNoTableIsSaidInASentence() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, words);
        const Bench bench("t.csv", text.toStdString());
        QVERIFY2(bench.refusal().find(words.toStdString()) != std::string::npos, bench.refusal().c_str());
    }

    void aBrokenObjectIsNamedByItsLine() {
        const Bench bench("t.jsonl", "{\"file\": \"a.png\", \"label\": \"cat\"}\n{\"file\": \n");
        QVERIFY2(bench.refusal().find("t.jsonl, line 2: this is no JSON object.") != std::string::npos,
                 bench.refusal().c_str());
    }

    void aTableThatIsNotThereIsSaidToBeOne() {
        Bench bench("t.csv", "file,label\na.png,cat\nb.png,dog\n");
        bench.experiment.data.path = bench.folder.path() / "away.csv";
        QVERIFY2(bench.refusal().find("away.csv does not exist") != std::string::npos, bench.refusal().c_str());
        QVERIFY(bench.refusal().find("folder") == std::string::npos);
    }

    void aTableIsFoundFromWhereOneStands() {
        Bench bench("t.csv", "file,label\na.png,cat\nb.png,dog\nc.png,cat\nd.png,dog\n");
        const auto before = std::filesystem::current_path();
        std::filesystem::current_path(bench.folder.path());
        bench.experiment.data.path = "t.csv";
        const ImageFolder data = bench.open();
        std::filesystem::current_path(before);
        QCOMPARE(found(data).size(), std::size_t(4));
        QVERIFY(data.root.is_absolute());
    }

    void evaluationTakesTheModelsClasses() {
        const Bench bench("t.csv", "file,label,split\na.png,dog,train\nb.png,Cat,test\nc.png,cow,test\n");
        const ImageFolder data = openDataForEvaluation(bench.experiment.data.path, {"cat", "dog"}, true);
        QCOMPARE(found(data), (Found{{"b.png", "*cat"}}));
        QCOMPARE(data.notes.validationLeftOut, std::int64_t(1));
    }

    void anotherLabelIsAnotherFingerprint() {
        const Bench one("t.csv", "file,label\na.png,cat\nb.png,dog\n"),
            other("t.csv", "file,label\na.png,dog\nb.png,cat\n");
        QVERIFY(one.open().fingerprint != other.open().fingerprint);
    }
};

QTEST_GUILESS_MAIN(TestManifest)
#include "tst_manifest.moc"
