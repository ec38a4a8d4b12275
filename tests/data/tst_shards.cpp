// Shards as a data set: what is found, how pictures in them are opened, what is said of odd ones.
#include "engine/api/datakinds.h"
#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/api/pictures.h"
#include "engine/data/dataset.h"
#include "engine/data/imagefile.h"
#include "engine/data/picturebytes.h"
#include "engine/data/shards/shardcache.h"
#include "engine/data/shards/shardindex.h"
#include "tests/data/shards.h"
#include "tests/support/refusal.h"

#include <QTest>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>
#include <zstd.h>

namespace fs = std::filesystem;
using namespace engine;
using tests::refusal;

namespace {

class ShardFolder final {
public:
    ShardFolder() { qputenv("THAW_CACHE", QByteArray::fromStdString((m_folder.path() / "cache").string())); }
    ~ShardFolder() { m_before.isNull() ? qunsetenv("THAW_CACHE") : qputenv("THAW_CACHE", m_before); }

    [[nodiscard]] fs::path path() const { return m_folder.path() / "set"; }
    void shard(const std::string& name, const tests::Members& members) const {
        m_folder.bytes("set/" + name, tests::tarOf(members));
    }
    void bytes(const std::string& name, std::string_view content) const { m_folder.bytes("set/" + name, content); }
    [[nodiscard]] Experiment experiment(const std::string& below = {}) const {
        Experiment experiment;
        experiment.data.path = below.empty() ? path() : path() / below;
        return experiment;
    }
    [[nodiscard]] fs::path cache() const { return m_folder.path() / "cache/shards"; }

private:
    QByteArray m_before = qgetenv("THAW_CACHE");
    tests::PictureFolder m_folder;
};

// "train.tar/1.png 0", a line each.
std::string listed(const SampleList& samples) {
    std::string text;
    for (const ImageSample& sample : samples) {
        text += sample.file + " " + std::to_string(sample.label);
        for (const int label : sample.labels)
            text += "," + std::to_string(label);
        text += "\n";
    }
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : "|") + word;
    return text;
}

bool tells(const ImageFolder& folder, const std::string& words) {
    const auto& findings = folder.notes.findings;
    return std::ranges::any_of(findings, [&](const Finding& one) {
        return (one.message + " " + one.detail).find(words) != std::string::npos;
    });
}

std::string openingRefused(const Experiment& experiment) {
    return refusal([&] { (void)openData(experiment); });
}

// What a loader would decode.
void requireReadable(const ImageFolder& folder) {
    for (const SampleList* part : {&folder.train, &folder.validation})
        for (const ImageSample& sample : *part) {
            const ImageFile direct(folder.root, sample), byPath(folder.root / sample.file);
            QVERIFY(direct.content() == byPath.content());
            QCOMPARE(direct.width(), 20);
        }
}

} // namespace

class TestShards final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSetOfShardsIsOpened() {
        const ShardFolder set;
        set.shard("train-000000.tar", tests::catsAndDogs(0, 3));
        set.shard("train-000001.tar", tests::catsAndDogs(3, 2));
        set.shard("val-000000.tar", tests::catsAndDogs(8, 2));
        const ImageFolder folder = openData(set.experiment());
        QCOMPARE(joined(folder.classes), std::string("cat|dog"));
        QCOMPARE(listed(folder.train),
                 std::string("train-000000.tar/1000.png 0\ntrain-000000.tar/1001.png 1\ntrain-000000.tar/1002.png 0\n"
                             "train-000001.tar/1003.png 1\ntrain-000001.tar/1004.png 0\n"));
        QCOMPARE(listed(folder.validation), std::string("val-000000.tar/1008.png 0\nval-000000.tar/1009.png 1\n"));
        QCOMPARE(folder.root, set.path());
        QCOMPARE(folder.validationFolder, std::string("val-000000.tar"));
        QVERIFY(folder.notes.findings.empty() && !folder.seededSplit);
        QCOMPARE(folder.train.groups().ends, (std::vector<std::int64_t>{3, 5}));
        requireReadable(folder);
        const DataReport report = checkData(set.experiment());
        QVERIFY(report.unreadable.empty());
        QCOMPARE(report.smallestSide, 16);
        QCOMPARE(report.trainSamples, std::int64_t(5));
        QCOMPARE(openData(set.experiment()).fingerprint, folder.fingerprint);
    }

    void everyPlaceOfShardsIsRecognised() {
        const ShardFolder set;
        set.shard("a/train/x-0.tar", tests::catsAndDogs(0, 4));
        set.shard("a/train/x-1.tar", tests::catsAndDogs(4, 4));
        set.shard("a/val/x-0.tar", tests::catsAndDogs(8, 4));
        const ImageFolder folders = openData(set.experiment("a"));
        QCOMPARE(folders.train.size(), std::size_t(8));
        QCOMPARE(folders.validation.size(), std::size_t(4));
        const ImageFolder one = openData(set.experiment("a/train/x-1.tar"));
        QVERIFY(one.seededSplit);
        QCOMPARE(one.root, set.path() / "a/train");
        QCOMPARE(one.train.size() + one.validation.size(), std::size_t(4));
        Experiment pattern = set.experiment("a/{train,val}/x-{0..0}.tar");
        const ImageFolder several = openData(pattern);
        QCOMPARE(several.root, set.path() / "a");
        QCOMPARE(several.train[0].file, std::string("train/x-0.tar/1000.png"));
        QCOMPARE(several.validation.size(), std::size_t(4));
        requireReadable(several);
        QVERIFY(isDataThere(pattern.dataPath()) && areShards(pattern.dataPath()));
        QCOMPARE(dataRoot(pattern.dataPath()), set.path() / "a");
        QVERIFY(validate(pattern).size() == validate(set.experiment("a")).size());
        pattern.data.path = set.path() / "a/train/x-{0..3}.tar";
        QVERIFY(openingRefused(pattern).starts_with("2 of 4 shards do not exist"));
        pattern.data.path = set.path() / "b-{0..3}.tar";
        QVERIFY(!isDataThere(pattern.dataPath()));
        // Pictures beside a tar are what is meant.
        set.bytes("a/val/cat/1.png", tests::png(1));
        QVERIFY(!areShards(set.path() / "a"));
        QVERIFY(!areShards(set.path() / "nowhere"));
    }

    void partsAreWhatTheExperimentSays() {
        const ShardFolder set;
        for (int i = 0; i < 4; ++i)
            set.shard("part-" + std::to_string(i) + ".tar", tests::catsAndDogs(4 * i, 4));
        Experiment experiment = set.experiment();
        experiment.data.train = "part-{0..1}.tar";
        experiment.data.validation = "*-3.tar";
        const ImageFolder folder = openData(experiment);
        QCOMPARE(folder.train.size(), std::size_t(8));
        QCOMPARE(folder.validation[0].file, std::string("part-3.tar/1012.png"));
        QVERIFY(joined(folder.notes.facts).find("1 shard is of neither part.") != std::string::npos);
        experiment.data.train = "other";
        QVERIFY(openingRefused(experiment).find("is “other”") != std::string::npos);
    }

    void withoutPartsAShareOfEachClassIsHeldBack() {
        const ShardFolder set;
        set.shard("x-0.tar", tests::catsAndDogs(0, 30));
        set.shard("x-1.tar", tests::catsAndDogs(30, 10));
        Experiment experiment = set.experiment();
        experiment.data.validationShare = 0.25;
        const ImageFolder folder = openData(experiment);
        QVERIFY(folder.seededSplit);
        QCOMPARE(folder.validation.size(), std::size_t(10));
        QCOMPARE(std::ranges::count_if(folder.validation, [](const ImageSample& one) { return one.label == 0; }), 5);
        std::set<std::string> all;
        for (const SampleList* part : {&folder.train, &folder.validation})
            for (const ImageSample& sample : *part)
                QVERIFY(all.insert(sample.file).second);
        QCOMPARE(all.size(), std::size_t(40));
        // The same keys in other shards are held back alike.
        const ShardFolder other;
        other.shard("y.tar", tests::catsAndDogs(0, 40));
        experiment.data.path = other.path();
        std::set<std::string> keys;
        for (const ImageSample& sample : folder.validation)
            keys.insert(fs::path(sample.file).filename().string());
        for (const ImageSample& sample : openData(experiment).validation)
            QVERIFY(keys.contains(fs::path(sample.file).filename().string()));
    }

    void numbersAreClassesInTheirOrderAndTakeNames() {
        const ShardFolder set;
        tests::Members members;
        for (const char* number : {"10", "9", "2", "10"}) {
            members.emplace_back("k" + std::to_string(members.size()) + ".png", tests::png(1));
            members.emplace_back("k" + std::to_string(members.size() - 1) + ".cls", number);
        }
        set.shard("train.tar", members);
        set.shard("val.tar", {{"a.png", tests::png(2)}, {"a.cls", "9"}});
        QCOMPARE(joined(openData(set.experiment()).classes), std::string("2|9|10"));
        set.bytes("classes.txt", "a\nb\ncrane\nd\ne\nf\ng\nh\ni\nzebra\r\ncrane\n");
        const ImageFolder folder = openData(set.experiment());
        QCOMPARE(joined(folder.classes), std::string("crane (2)|zebra|crane (10)"));
        QCOMPARE(folder.validation[0].label, 1);
        fs::remove(set.path() / "classes.txt");
        set.bytes("index.json", R"({"classes": [{"name": "z0"}, {"name": "z1"}, {"name": "ant"}]})");
        QCOMPARE(joined(openData(set.experiment()).classes), std::string("ant|9|10"));
        // A model's classes are found by their names, whatever their numbers.
        const ImageFolder judged = openDataForEvaluation(set.path(), {"10", "9", "ant"}, true);
        QCOMPARE(judged.validation[0].label, 1);
        QVERIFY(refusal([&] {
                    (void)openDataForEvaluation(set.path(), {"x", "y"}, true);
                }).find("model's classes") != std::string::npos);
    }

    void fewTextsAreClassesAndCaptionsAreNone() {
        const ShardFolder set;
        tests::Members members;
        for (int i = 0; i < 8; ++i) {
            members.emplace_back(std::to_string(i) + ".png", tests::png(i));
            members.emplace_back(std::to_string(i) + ".txt", i % 2 == 0 ? "cat" : "dog");
        }
        set.shard("x.tar", members);
        QCOMPARE(joined(openData(set.experiment()).classes), std::string("cat|dog"));
        for (int i = 0; i < 8; ++i)
            members[static_cast<std::size_t>(2 * i + 1)].second = "Picture no. " + std::to_string(i);
        set.shard("x.tar", members);
        QCOMPARE(openingRefused(set.experiment()),
                 std::string("The texts of these samples are captions, not classes: 8 different ones in 8 samples."));
        for (int i = 0; i < 8; ++i)
            members[static_cast<std::size_t>(2 * i + 1)] = {
                std::to_string(i) + ".json",
                QByteArray("{\"breed\": \"b%\"}").replace("%", QByteArray::number(i % 3)).toStdString()};
        set.shard("x.tar", members);
        QCOMPARE(openingRefused(set.experiment()), std::string("No sample of these shards has a label."));
        Experiment experiment = set.experiment();
        experiment.data.labelColumns = {"breed"};
        QCOMPARE(joined(openData(experiment).classes), std::string("b0|b1|b2"));
    }

    void severalLabelsStandInLists() {
        const ShardFolder set;
        set.shard("train.tar", {{"1.png", tests::png(1)},
                                {"1.json", R"({"labels": ["wet", "dark"]})"},
                                {"2.png", tests::png(2)},
                                {"2.json", R"({"labels": []})"},
                                {"3.png", tests::png(3)},
                                {"3.cls", "dark, cold"},
                                {"4.png", tests::png(4)}});
        set.shard("val.tar", {{"1.png", tests::png(1)}, {"1.json", R"({"labels": ["cold", "hot"]})"}});
        Experiment experiment = set.experiment();
        experiment.data.task = "multi-label";
        const ImageFolder folder = openData(experiment);
        QCOMPARE(joined(folder.classes), std::string("cold|dark|wet"));
        QCOMPARE(listed(folder.train),
                 std::string("train.tar/1.png -1,1,2\ntrain.tar/2.png -1\ntrain.tar/3.png -1,0,1\n"));
        QCOMPARE(listed(folder.validation), std::string("val.tar/1.png -1,0\n"));
        QVERIFY(tells(folder, "1 sample without a label. Left out: train.tar/4.png."));
        QVERIFY(tells(folder, "1 label of validation is no class of the training part; 1 mark is left out."));
        for (const Finding& finding : validate(experiment))
            QVERIFY(finding.key != "data.path");
        const ShardFolder one;
        one.shard("train.tar", {{"1.png", tests::png(1)},
                                {"1.json", R"({"labels": ["wet", "dark"]})"},
                                {"2.png", tests::png(2)},
                                {"2.json", R"({"labels": ["cold"]})"},
                                {"3.png", tests::png(3)},
                                {"3.cls", "hot"}});
        one.shard("val.tar", {{"2.png", tests::png(2)}, {"2.cls", "hot"}});
        const ImageFolder exclusive = openData(one.experiment());
        QCOMPARE(joined(exclusive.classes), std::string("cold|hot"));
        QVERIFY(tells(exclusive, "1 sample has several labels. Left out: train.tar/1.png."));
    }

    void oddShardsAreSaid() {
        const ShardFolder set;
        std::string cut = tests::tarOf(tests::catsAndDogs(0, 6));
        set.bytes("train-0.tar", cut.substr(0, cut.size() / 4));
        set.bytes("train-1.tar", std::string(10240, '\0'));
        set.bytes("train-2.tar", "");
        set.shard("train-3.tar", {{"caf\xe9 #1 100%.png", tests::png(1)},
                                  {"caf\xe9 #1 100%.cls", "cat"},
                                  {"a\nb.png", tests::png(2)},
                                  {"a\nb.cls", "dog"},
                                  {"empty.png", ""},
                                  {"empty.cls", "dog"},
                                  {"bare.png", tests::png(3)},
                                  {"lonely.cls", "cat"},
                                  {"both.png", tests::png(4)},
                                  {"both.cls", "cat"},
                                  {"both.cls", "dog"}});
        set.shard("train-4.tar", {{"x.json", R"({"label": "cat"})"}, {"x.png", tests::png(5)}}); // other members
        set.shard("val.tar",
                  {{"x.png", tests::png(5)}, {"x.cls", "mouse"}, {"y.png", tests::png(6)}, {"y.cls", "Cat"}});
        QVERIFY(openingRefused(set.experiment()).find("train-2.tar is empty") != std::string::npos);
        fs::remove(set.path() / "train-2.tar");
        const ImageFolder folder = openData(set.experiment());
        QVERIFY(tells(folder, "1 shard is not whole. What lies before is used: train-0.tar has no mark at its end"));
        QVERIFY(tells(folder, "1 sample without a picture. Left out: train-3.tar/lonely."));
        QVERIFY(tells(folder, "2 samples without a label. Left out: train-0.tar/1002.png, train-3.tar/bare.png."));
        QVERIFY(tells(folder, "1 sample has two labels that differ. Only the first is used: train-3.tar/both.png."));
        QVERIFY(tells(folder, "1 label of validation is no class of the training part; 1 sample is left out. “mouse”"));
        QCOMPARE(listed(folder.validation), std::string("val.tar/y.png 0\n"));
        const DataReport report = checkData(set.experiment());
        QCOMPARE(report.unreadable.size(), std::size_t(1));
        QCOMPARE(report.unreadable[0].file, std::string("train-3.tar/empty.png"));
        for (const char* name : {"caf\xe9 #1 100%.png", "a\nb.png"})
            QCOMPARE(ImageFile(set.path() / "train-3.tar" / name).width(), 20);
        QVERIFY(!refusal([&] { (void)ImageFile(set.path() / "train-3.tar/not there.png"); }).empty());
        QVERIFY(isPictureThere(set.path() / "train-3.tar/bare.png") && isPictureThere(set.path() / "train-3.tar"));
        QVERIFY(!isPictureThere(set.path() / "train-3.tar/not there.png") &&
                !isPictureThere(set.path() / "no.tar/a.png"));
    }

    void picturesAndShardsAreLeftOutAndRelabelled() {
        const ShardFolder set;
        set.shard("train-0.tar", tests::catsAndDogs(0, 4));
        set.shard("train-1.tar", tests::catsAndDogs(4, 4));
        set.shard("val-0.tar", tests::catsAndDogs(8, 2));
        Experiment experiment = set.experiment();
        experiment.data.leaveOut = {"train-0.tar/1001.png", "train-1.tar", "train-0.tar/none.png"};
        experiment.directory = set.path();
        set.bytes("label-changes.csv", "file,class,was,when,data\ntrain-0.tar/1002.png,dog,cat,,\n");
        const ImageFolder folder = openData(experiment);
        QCOMPARE(listed(folder.train),
                 std::string("train-0.tar/1000.png 0\ntrain-0.tar/1002.png 1\ntrain-0.tar/1003.png 1\n"));
        QVERIFY(tells(folder, "train-0.tar/none.png"));
        QCOMPARE(folder.train.groups().ends, (std::vector<std::int64_t>{3}));
    }

    void packedShardsAreUnpackedOnceWithinALimit() {
        const ShardFolder set;
        for (int i = 0; i < 3; ++i)
            set.shard("train-" + std::to_string(i) + ".tar", tests::catsAndDogs(20 * i, 20));
        const std::uintmax_t bytes = fs::file_size(set.path() / "train-0.tar");
        const ImageFolder plain = openData(set.experiment());
        for (int i = 0; i < 3; ++i) {
            const QString name = QStringLiteral("train-%1.tar").arg(i);
            if (i == 0) {
                QVERIFY(tests::runProgram(QStringLiteral("gzip"), {name}, set.path()));
                continue;
            }
            const fs::path file = set.path() / name.toStdString();
            const std::string content = readFile(file);
            std::string packed(ZSTD_compressBound(content.size()), '\0');
            packed.resize(ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 3));
            set.bytes(name.toStdString() + ".zst", packed);
            fs::remove(file);
        }
        qputenv("THAW_SHARD_CACHE", QByteArray::number(double(2 * bytes) / 1e6) + "M");
        const ImageFolder packed = openData(set.experiment());
        QCOMPARE(packed.train.size() + packed.validation.size(), plain.train.size() + plain.validation.size());
        const auto kept = [&set] {
            std::uintmax_t sum = 0;
            for (const auto& entry : fs::directory_iterator(set.cache()))
                sum += entry.path().extension() == ".tar" ? entry.file_size() : 0;
            return sum;
        };
        requireReadable(packed); // also those that had to go
        QCOMPARE(kept(), 2 * bytes);
        {
            std::vector<std::jthread> readers; // all want all of them
            for (int i = 0; i < 4; ++i)
                readers.emplace_back([&packed] {
                    for (const ImageSample& sample : packed.train)
                        if (ImageFile(packed.root, sample).width() != 20)
                            qFatal("a picture was not read");
                });
        }
        QVERIFY(kept() <= 2 * bytes);
        qputenv("THAW_SHARD_CACHE", "much");
        QVERIFY(refusal([] { (void)shardCacheLimit(); }).find("“much”") != std::string::npos);
        qunsetenv("THAW_SHARD_CACHE");
        // What was cut off gives what lies before.
        const std::string whole = readFile(set.path() / "train-0.tar.gz");
        set.bytes("train-0.tar.gz", std::string_view(whole).substr(0, whole.size() / 2));
        QVERIFY(tells(openData(set.experiment()), "1 shard is not whole."));
    }

    void theIndexIsMadeAnewWhenTheShardIsAnother() {
        const ShardFolder set;
        set.shard("train.tar", tests::catsAndDogs(0, 4));
        const ImageFolder folder = openData(set.experiment());
        const fs::path index = set.path() / ".thaw/train.tar.index";
        const std::string before = readFile(index);
        (void)openData(set.experiment());
        QVERIFY(readFile(index) == before);
        set.bytes(".thaw/train.tar.index", before.substr(0, before.size() - 9)); // damaged
        QCOMPARE(openData(set.experiment()).fingerprint, folder.fingerprint);
        set.shard("train.tar", tests::catsAndDogs(4, 6));
        QCOMPARE(openData(set.experiment()).train.size(), std::size_t(4)); // of six
        // A picture of the first list is not looked for in the second shard.
        QVERIFY(refusal([&] { (void)ImageFile(folder.root, folder.train[0]); }).find("is another than it was") !=
                std::string::npos);
        QCOMPARE(PictureBytes(set.path() / "train.tar/1004.png").size(), tests::png(4).size());
    }

    void shardsOfOthersAreRead() {
        NEEDS_DATA("shards");
        const ShardFolder set;
        Experiment experiment = set.experiment();
        experiment.data.path = tests::testData("shards/sample.tgz");
        const ImageFolder folder = openData(experiment);
        QCOMPARE(folder.train.size() + folder.validation.size(), std::size_t(90));
        experiment.data.path = tests::testData("shards/cc12m-train-0000.tar");
        QVERIFY(openingRefused(experiment).find("captions") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestShards)
#include "tst_shards.moc"
