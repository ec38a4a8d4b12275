// Runs that another tool recorded: TensorBoard's event files become runs among others.
#include "engine/api/error.h"
#include "engine/api/importruns.h"
#include "engine/api/run.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/eventfile.h"
#include "engine/runs/seriesnames.h"
#include "engine/runs/tensorboard.h"
#include "tests/support/testdata.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace engine;
namespace fs = std::filesystem;

namespace {

constexpr double kBegun = 1.8e9;

struct Bench {
    QTemporaryDir folder;
    [[nodiscard]] fs::path logs(const std::string& run = {}) const {
        const fs::path made = fs::path(folder.path().toStdString()) / "logs" / run;
        fs::create_directories(made);
        return made;
    }
    [[nodiscard]] fs::path runs() const { return fs::path(folder.path().toStdString()) / "runs"; }
    // A curve of 1, ½, ⅓, … at steps 0, 10, 20, …
    void curve(const std::string& run, const std::string& tag, int points = 5, double time = kBegun) const {
        TensorBoardWriter writer(logs(run), -1, time);
        for (int i = 0; i < points; ++i)
            writer.scalar(tag, 10 * i, 1.0F / static_cast<float>(i + 1), time + i);
        writer.flush();
    }
    [[nodiscard]] fs::path onlyFile(const std::string& run) const { return fs::directory_iterator(logs(run))->path(); }
};

template <typename T>
std::string bytesOf(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}
// Protocol buffers' wire format, for messages under 128 bytes.
std::string lengthField(int id, const std::string& content) {
    return std::string{static_cast<char>(id << 3 | 2), static_cast<char>(content.size())} + content;
}
std::string integerField(int id, int value) { return {static_cast<char>(id << 3), static_cast<char>(value)}; }
std::string frame(const std::string& event) {
    const std::string length = bytesOf(static_cast<std::uint64_t>(event.size()));
    return length + bytesOf(maskedCrc32c(length)) + event + bytesOf(maskedCrc32c(event));
}
std::string eventOf(int step, const std::string& value) {
    return frame('\x09' + bytesOf(kBegun + step) + integerField(2, step) + lengthField(5, lengthField(1, value)));
}
// As Keras writes a scalar: a tensor without dimensions, and whose it is.
std::string tensorOf(const std::string& tag, float value, const std::string& plugin = "scalars") {
    const std::string tensor = integerField(1, 1) + lengthField(2, "") + lengthField(4, bytesOf(value));
    return lengthField(1, tag) + lengthField(8, tensor) + lengthField(9, lengthField(1, lengthField(1, plugin)));
}

std::string refusal(const fs::path& source, const fs::path& runs) {
    try {
        (void)importRuns(source, runs);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestImport final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEventFileBecomesARun() {
        const Bench bench;
        TensorBoardWriter writer(bench.logs("night"), -1, kBegun);
        for (int i = 0; i < 7; ++i)
            writer.scalar("train/loss", 10 * i, 1, kBegun + 100 + i);
        for (int i = 0; i < 5; ++i)
            writer.scalar("val/loss", 10 * i, 1.0F / static_cast<float>(i + 1), kBegun + i);
        writer.flush();
        const auto made = importRuns(bench.logs("night"), bench.runs());
        QCOMPARE(made.size(), std::size_t{1});
        QCOMPARE(made[0].name, std::string("night"));
        QCOMPARE(made[0].series, 2);
        QCOMPARE(made[0].points, 12);
        QVERIFY(made[0].notes.empty());
        const auto listed = listRuns(bench.runs());
        QCOMPARE(listed.size(), std::size_t{1});
        const RunSummary& run = listed.front();
        QVERIFY(run.damage.empty());
        QVERIFY(run.state == RunState::Finished);
        QCOMPARE(run.device, std::string(kImportedDevice));
        QCOMPARE(run.monitor, std::string("loss"));
        QCOMPARE(run.bestStep, 40);
        QCOMPARE(run.best.at("validation/loss"), double(1.0F / 5));
        QCOMPARE(run.startedAt, kBegun);
        QCOMPARE(run.seconds, 106.0);
        const RunReader reader(run.folder);
        const Series& series = reader.series("validation/loss");
        QVERIFY(series.step == (std::vector<std::int64_t>{0, 10, 20, 30, 40}));
        QCOMPARE(series.value[1], 0.5F);
        QCOMPARE(series.time[2], kBegun + 2);
        QCOMPARE(reader.series("train/loss").step.size(), std::size_t{7});
    }

    void eachFolderIsARunAndKerasTrainAndValidationAreOne() {
        const Bench bench;
        bench.curve("a", "loss");
        bench.curve("deep/b", "reward");
        for (const char* part : {"train", "validation"}) {
            std::string file = frame('\x09' + bytesOf(kBegun) + lengthField(3, "brain.Event:2"));
            for (int epoch = 0; epoch < 3; ++epoch)
                file += eventOf(epoch, tensorOf("epoch_accuracy", 0.5F + 0.1F * static_cast<float>(epoch)));
            file += eventOf(3, tensorOf("weights", 1, "histograms"));
            writeFileAtomically(bench.logs(std::string("keras/") + part) / "events.out.tfevents.1.host.0.v2", file);
        }
        const auto made = importRuns(bench.logs(), bench.runs());
        QCOMPARE(made.size(), std::size_t{3});
        QCOMPARE(made[1].name, std::string("deep/b"));
        QCOMPARE(made[2].name, std::string("keras"));
        QCOMPARE(made[2].notes.front(), std::string("2 tags of pictures, histograms or texts are left out."));
        const RunReader keras(made[2].folder);
        QVERIFY(keras.seriesNames() == (std::vector<std::string>{"train/accuracy", "validation/accuracy"}));
        QCOMPARE(keras.series("validation/accuracy").value.back(), 0.7F);
        QCOMPARE(keras.summary().monitor, std::string("accuracy"));
        QCOMPARE(keras.summary().epochs, 3);
        const RunReader own(made[1].folder); // a metric of its own
        QVERIFY(own.seriesNames() == std::vector<std::string>{"validation/reward"});
        QCOMPARE(own.summary().monitor, std::string("reward"));
    }

    void namesOfOtherToolsAreFoundAsOurs() {
        const std::vector<SeriesPoint> share{{0, 0.5F, 0}}, percent{{0, 50.0F, 0}};
        const auto names = seriesNamesOf({{"Loss/train", share},
                                          {"valLoss", share},
                                          {"eval/acc", share},
                                          {"test/accuracy", share},
                                          {"train_acc", percent},
                                          {"lr-AdamW", share},
                                          {"rollout/ep_rew_mean", share},
                                          {"Training vs. Validation Loss", share}});
        QCOMPARE(names.at("Loss/train"), std::string("train/loss"));
        QCOMPARE(names.at("valLoss"), std::string("validation/loss"));
        QCOMPARE(names.at("eval/acc"), std::string("validation/accuracy"));
        QCOMPARE(names.at("test/accuracy"), std::string("validation/test accuracy")); // the name is taken
        QCOMPARE(names.at("train_acc"), std::string("validation/train_acc"));         // no share
        QCOMPARE(names.at("lr-AdamW"), std::string("learning_rate"));
        QCOMPARE(names.at("rollout/ep_rew_mean"), std::string("validation/rollout ep_rew_mean"));
        QCOMPARE(names.at("Training vs. Validation Loss"), std::string("validation/Training vs. Validation Loss"));
    }

    void aTrainingThatBeganAgainTakesThePlaceOfWhatItHadRecorded() {
        const Bench bench;
        bench.curve("r", "loss", 6);
        TensorBoardWriter again(bench.logs("r"), 20, kBegun + 50);
        again.scalar("loss", 30, 9, kBegun + 51);
        again.flush();
        const auto made = importRuns(bench.logs("r"), bench.runs());
        const RunReader reader(made[0].folder);
        const Series& series = reader.series("validation/loss");
        QVERIFY(series.step == (std::vector<std::int64_t>{0, 10, 20, 30}));
        QCOMPARE(series.value.back(), 9.0F);
    }

    void damageAndAnEndInMidRecordAreSaidAndTheRestIsTaken() {
        const Bench bench;
        bench.curve("cut", "val/loss");
        std::string file = readFile(bench.onlyFile("cut"));
        writeFileAtomically(bench.onlyFile("cut"), file.substr(0, file.size() - 5));
        auto made = importRuns(bench.logs("cut"), bench.runs());
        QCOMPARE(made[0].points, 4);
        QVERIFY(made[0].notes.front().ends_with("ends in the middle of a record; the rest of it was read."));
        file[file.size() - 60] ^= 1;
        writeFileAtomically(bench.onlyFile("cut"), file);
        made = importRuns(bench.logs("cut"), bench.runs());
        QVERIFY2(made[0].notes.front().find("is damaged at byte") != std::string::npos, made[0].notes.front().c_str());
        QVERIFY(made[0].points < 5);
    }

    void importedAgainItIsTheSameRunWithItsNotes() {
        const Bench bench;
        bench.curve("r", "val/loss", 3);
        const fs::path first = importRuns(bench.logs("r"), bench.runs())[0].folder;
        editRunNotes(first, [](RunNotes& notes) { notes.note = "mine"; });
        TensorBoardWriter writer(bench.logs("r"), 20, kBegun + 9);
        writer.scalar("val/loss", 30, 0, kBegun + 10);
        writer.flush();
        QCOMPARE(importRuns(bench.logs("r"), bench.runs())[0].folder, first);
        const auto listed = listRuns(bench.runs());
        QCOMPARE(listed.size(), std::size_t{1});
        QCOMPARE(listed[0].note, std::string("mine"));
        QCOMPARE(listed[0].step, 30);
    }

    void whatIsNoEventFileIsSaid() {
        const Bench bench;
        QVERIFY(refusal(bench.logs(), bench.runs()).starts_with("There are no event files of TensorBoard in "));
        QVERIFY(refusal("/no/such/place", bench.runs()).ends_with("does not exist."));
        writeFileAtomically(bench.logs() / "tfevents.txt", "this is a text and no frames at all");
        QVERIFY(refusal(bench.logs(), bench.runs()).ends_with("is not an event file of TensorBoard."));
    }

    void importingStopsWhenAsked() {
        const Bench bench;
        bench.curve("r", "loss");
        std::stop_source stop;
        stop.request_stop();
        try {
            (void)importRuns(bench.logs(), bench.runs(), stop.get_token());
            QFAIL("was not stopped");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Stopped);
        }
        QVERIFY(listRuns(bench.runs()).empty());
    }

    // Counted by TensorBoard: reference_events.py.
    void realEventFilesAreReadAsTensorBoardReadsThem() {
        NEEDS_DATA("events/keras_v2");
        const fs::path root = tests::testData("events");
        QFile golden(QStringLiteral(THAW_SOURCE_DIR "/tests/runs/golden_events.json"));
        QVERIFY(golden.open(QIODevice::ReadOnly));
        const QJsonObject folders = QJsonDocument::fromJson(golden.readAll()).object();
        QVERIFY(!folders.isEmpty());
        for (auto folder = folders.begin(); folder != folders.end(); ++folder) {
            EventScalars scalars;
            std::vector<fs::path> files;
            for (const auto& entry : fs::directory_iterator(root / folder.key().toStdString()))
                if (isEventFileName(entry.path()))
                    files.push_back(entry.path());
            std::ranges::sort(files);
            for (const fs::path& file : files)
                readEventFile(file, scalars);
            QVERIFY(scalars.notes.empty()); // every checksum is right
            const QJsonObject tags = folder.value().toObject();
            QCOMPARE(static_cast<qsizetype>(scalars.tags.size()), tags.size());
            for (const auto& [tag, points] : scalars.tags) {
                const QJsonArray expected = tags.value(QString::fromStdString(tag)).toArray();
                double steps = 0, values = 0;
                for (const SeriesPoint& point : points) {
                    steps += static_cast<double>(point.step);
                    values += std::isfinite(point.value) ? point.value : 0;
                }
                QCOMPARE(static_cast<qsizetype>(points.size()), expected.at(0).toInteger());
                QCOMPARE(steps, expected.at(1).toDouble());
                QVERIFY(std::abs(values - expected.at(2).toDouble()) <= 1e-6 * std::abs(values) + 1e-9);
            }
        }
        QTemporaryDir runs;
        QVERIFY(!importRuns(root, runs.path().toStdString()).empty());
        for (const RunSummary& run : listRuns(runs.path().toStdString()))
            QVERIFY2(run.damage.empty(), run.damage.c_str());
    }
};

QTEST_GUILESS_MAIN(TestImport)
#include "tst_import.moc"
