// Data sets written as shards: what is in them, always the same, ended and gone on with.
#include "engine/api/error.h"
#include "engine/api/shards.h"
#include "engine/base/sha256.h"
#include "engine/data/dataset.h"
#include "engine/data/imagefile.h"
#include "tests/data/shards.h"
#include "tests/support/refusal.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace engine;
using tests::refusal;

namespace {

constexpr ShardOptions kSmall{.shardBytes = 20'000}; // some six pictures

std::map<std::string, std::string> contentOf(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file()) // not the folder of indices
            files[entry.path().filename().string()] = readFile(entry.path());
    return files;
}

QJsonObject indexOf(const fs::path& folder) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(readFile(folder / "index.json"))).object();
}

} // namespace

class TestShardWriter final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_pictures = std::make_unique<tests::PictureFolder>();
        qputenv("THAW_CACHE", QByteArray::fromStdString((m_pictures->path() / "cache").string()));
        for (const char* folder : {"in/train/cat", "in/train/dog", "in/val/cat", "in/val/dog"})
            m_pictures->pictures(folder, QByteArray(folder).contains("train") ? 20 : 5);
        m_experiment.data = {};
        m_experiment.data.path = m_pictures->path() / "in";
    }
    void cleanupTestCase() { qunsetenv("THAW_CACHE"); }

    void aFolderBecomesShardsThatAreTheSameData() {
        const ShardReport planned = planShards(m_experiment, kSmall);
        QVERIFY(!fs::exists(out()));
        const ShardReport report = writeShards(m_experiment, out(), kSmall);
        QCOMPARE(report.trainSamples, std::int64_t(40));
        QCOMPARE(report.validationSamples, std::int64_t(10));
        QCOMPARE(planned.trainShards, report.trainShards);
        QVERIFY(report.trainShards > 3 && report.validationShards > 1 && report.leftOut.empty());
        Experiment shards;
        shards.data.path = out();
        const ImageFolder before = openData(m_experiment), after = openData(shards);
        QCOMPARE(after.classes, before.classes);
        QVERIFY(!after.seededSplit && after.notes.findings.empty());
        // The same pictures with the same classes; training in another order, validation in its own.
        const auto pictures = [](const ImageFolder& folder, const SampleList& part) {
            std::vector<std::pair<std::string, int>> all;
            for (const ImageSample& sample : part) {
                const ImageFile file(folder.root, sample);
                const auto& content = file.content();
                all.emplace_back(std::string(content.begin(), content.end()), sample.label);
            }
            return all;
        };
        QVERIFY(pictures(before, before.validation) == pictures(after, after.validation));
        auto first = pictures(before, before.train), second = pictures(after, after.train);
        QVERIFY(first != second);
        std::ranges::sort(first);
        std::ranges::sort(second);
        QVERIFY(first == second);

        const QJsonObject index = indexOf(out());
        QCOMPARE(
            index.value(QStringLiteral("classes")).toArray().at(1).toObject().value(QStringLiteral("train")).toInt(),
            20);
        std::int64_t bytes = 0;
        for (const QJsonValue& one : index.value(QStringLiteral("shards")).toArray()) {
            const std::string content = readFile(out() / one[QStringLiteral("file")].toString().toStdString());
            bytes += static_cast<std::int64_t>(content.size());
            Sha256 sum;
            sum.add(content);
            QCOMPARE(one[QStringLiteral("sha256")].toString().toStdString(), sum.hex());
            QCOMPARE(one[QStringLiteral("bytes")].toInteger(), qint64(content.size()));
        }
        QCOMPARE(std::int64_t(report.bytes), bytes);
        QCOMPARE(contentOf(out()).size(), std::size_t(report.trainShards + report.validationShards + 1));
        // Shards are a source like any other.
        const ShardReport again = writeShards(shards, m_pictures->path() / "again", kSmall);
        QCOMPARE(again.trainSamples, std::int64_t(40));
    }

    void theSameInputGivesTheSameBytes() {
        ShardOptions options = kSmall;
        options.jobs = 1;
        writeShards(m_experiment, out(), options);
        options.jobs = 4;
        writeShards(m_experiment, m_pictures->path() / "other", options);
        QVERIFY(contentOf(out()) == contentOf(m_pictures->path() / "other"));
        const ShardReport again = writeShards(m_experiment, out(), options);
        QCOMPARE(again.keptShards, again.trainShards + again.validationShards);
        QCOMPARE(again.trainSamples, std::int64_t(40));
    }

    void whatWasKilledIsGoneOnWith() {
        writeShards(m_experiment, out(), kSmall);
        const auto whole = contentOf(out());
        const fs::path killed = m_pictures->path() / "killed";
        ShardOptions options = kSmall;
        options.jobs = 1;
        const pid_t child = fork();
        if (child == 0) {
            class Killer final : public ProgressSink {
                void onProgress(const Progress& progress) override {
                    if (progress.step > 0) // behind a shard; at the latest behind the last one
                        raise(SIGKILL);
                }
            } killer;
            writeShards(m_experiment, killed, options, {}, &killer);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status) && !fs::exists(killed / "index.json"));
        fs::remove(killed / "train-000001.tar"); // and a disk that lost one
        m_pictures->bytes("killed/.train-000001.tar.1-1.partial", "half");
        const ShardReport report = writeShards(m_experiment, killed, kSmall);
        QVERIFY(report.keptShards > 0);
        QVERIFY(report.keptShards < report.trainShards + report.validationShards);
        QVERIFY(contentOf(killed) == whole);
    }

    void aStopLeavesWhatCanBeGoneOnWith() {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!refusal([&] { writeShards(m_experiment, out(), kSmall, stop.get_token()); }).empty());
        QVERIFY(!fs::exists(out() / "index.json"));
        writeShards(m_experiment, out(), kSmall);
        QVERIFY(fs::exists(out() / "index.json"));
    }

    void nothingIsOverwritten() {
        m_pictures->bytes("out/notes.txt", "mine");
        QVERIFY(refusal([&] { writeShards(m_experiment, out(), kSmall); }).ends_with("out is not empty."));
        QCOMPARE(readFile(out() / "notes.txt"), std::string("mine"));
        fs::remove_all(out());
        writeShards(m_experiment, out(), kSmall);
        const auto before = contentOf(out());
        QVERIFY(refusal([&] {
                    writeShards(m_experiment, out(), {.shardBytes = 50'000});
                }).ends_with("holds shards of other data, or of other options."));
        m_pictures->picture("in/train/cat/new.png", 77);
        QVERIFY(!refusal([&] { writeShards(m_experiment, out(), kSmall); }).empty());
        QVERIFY(contentOf(out()) == before);
        m_pictures->bytes("file", "x");
        QVERIFY(!refusal([&] { writeShards(m_experiment, m_pictures->path() / "file", kSmall); }).empty());
        QVERIFY(refusal([&] { (void)planShards(m_experiment, {.quality = 101}); }).find("1 to 100") !=
                std::string::npos);
    }

    void picturesAreMadeSmallerAndRewritten() {
        m_pictures->picture("in/train/cat/large.png", 5, 200, 120);
        m_pictures->bytes("in/train/cat/broken.png", "\x89PNG\r\n\x1a\nbroken");
        m_pictures->bytes("in/train/dog/two.bmp", [] {
            QImage image(8, 6, QImage::Format_RGB888);
            image.fill(Qt::red);
            QByteArray bytes;
            QBuffer buffer(&bytes);
            image.save(&buffer, "BMP");
            return bytes.toStdString();
        }());
        const ShardReport report = writeShards(m_experiment, out(), {.shortSide = 60});
        QCOMPARE(report.leftOut.size(), std::size_t(1));
        QCOMPARE(report.leftOut[0].file, std::string("train/cat/broken.png"));
        QCOMPARE(report.trainSamples, std::int64_t(42));
        const auto sidesIn = [](const fs::path& folder) {
            Experiment shards;
            shards.data.path = folder;
            const ImageFolder data = openData(shards);
            std::multiset<std::pair<int, ImageFile::Format>> sides;
            for (const ImageSample& sample : data.train) {
                const ImageFile file(data.root, sample);
                sides.emplace(file.width(), file.format());
            }
            return sides;
        };
        const auto sides = sidesIn(out());
        QCOMPARE(sides.count({100, ImageFile::Format::Png}), std::size_t(1));
        QCOMPARE(sides.count({8, ImageFile::Format::Png}), std::size_t(1)); // of the BMP
        QCOMPARE(sides.count({20, ImageFile::Format::Png}), std::size_t(40));
        writeShards(m_experiment, m_pictures->path() / "jpegs", {.quality = 80});
        QCOMPARE(sidesIn(m_pictures->path() / "jpegs").count({200, ImageFile::Format::Jpeg}), std::size_t(1));
    }

    void severalLabelsAreKept() {
        m_pictures->bytes("in/table.csv", "file,labels\ntrain/cat/1000.png,wet|dark\ntrain/cat/1001.png,wet\n"
                                          "train/cat/1002.png,dark\ntrain/cat/1003.png,\n");
        m_experiment.data.path = m_pictures->path() / "in/table.csv";
        m_experiment.data.task = "multi-label";
        writeShards(m_experiment, out(), kSmall);
        Experiment shards;
        shards.data.path = out();
        shards.data.task = "multi-label";
        const ImageFolder before = openData(m_experiment), after = openData(shards);
        QCOMPARE(after.classes, before.classes);
        const auto labels = [](const SampleList& samples) {
            std::multiset<std::vector<int>> all;
            for (const ImageSample& sample : samples)
                all.insert(sample.labels);
            return all;
        };
        QVERIFY(labels(before.train) == labels(after.train));
        QVERIFY(labels(before.validation) == labels(after.validation));
    }

private:
    [[nodiscard]] fs::path out() const { return m_pictures->path() / "out"; }

    std::unique_ptr<tests::PictureFolder> m_pictures;
    Experiment m_experiment;
};

QTEST_GUILESS_MAIN(TestShardWriter)
#include "tst_shardwriter.moc"
