// Training from shards: the curve of the same pictures in folders, a resume in the middle of an epoch, evaluation.
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/data/dataset.h"
#include "engine/data/shards/tarwriter.h"
#include "tests/train/asking.h"

#include <QTest>

#include <filesystem>

namespace fs = std::filesystem;
using namespace engine;

namespace {

// The pictures of a part in their order, so many a shard.
void writeShards(const ImageFolder& data, const SampleList& part, const fs::path& folder, const std::string& name,
                 std::size_t inAShard) {
    fs::create_directories(folder);
    for (std::size_t begin = 0; begin < part.size(); begin += inAShard) {
        std::string bytes;
        TarWriter tar([&bytes](std::string_view more) { bytes += more; });
        for (std::size_t i = begin; i < std::min(part.size(), begin + inAShard); ++i) {
            const std::string key = std::to_string(1000 + i);
            tar.add(key + ".png", readFile(data.root / part[i].file));
            tar.add(key + ".cls", data.classes[static_cast<std::size_t>(part[i].label)]);
        }
        tar.finish();
        writeFileAtomically(folder / (name + "-" + std::to_string(100 + begin) + ".tar"), bytes);
    }
}

Experiment ofShards(const tests::Project& project, int window) {
    Experiment experiment = tests::small(project, 2);
    const ImageFolder data = openData(experiment);
    writeShards(data, data.train, project.path() / "shards", "train", 3);
    writeShards(data, data.validation, project.path() / "shards", "val", 5);
    experiment.data.path = "shards";
    experiment.data.shuffleWindow = window;
    return experiment;
}

} // namespace

class TestShardTraining final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shardsTrainAsTheirPicturesInFoldersDo() {
        const tests::Project project(8, 4);
        const fs::path folders = createRun(tests::small(project, 2), project.runs());
        (void)tests::trainAsking(folders, {});
        const fs::path shards = createRun(ofShards(project, 1000), project.runs());
        (void)tests::trainAsking(shards, {});
        QVERIFY(tests::endOf(shards) == tests::endOf(folders));
        RunControl control;
        const Evaluation fromFolder = evaluate(shards, project.path() / "data", control);
        const Evaluation fromShards = evaluate(shards, project.path() / "shards", control);
        QCOMPARE(fromShards.samples, std::int64_t(8));
        QCOMPARE(fromShards.values, fromFolder.values);
    }

    void aRunFromShardsThatDiedGoesOnBitForBit() {
        const tests::Project project(8, 4);
        const Experiment experiment = ofShards(project, 6); // three windows an epoch
        const fs::path unbroken = createRun(experiment, project.runs());
        (void)tests::trainAsking(unbroken, {});
        const fs::path broken = createRun(experiment, project.runs());
        QVERIFY_THROWS_EXCEPTION(tests::Crash,
                                 (void)tests::trainAsking(broken, {{5, {StepRequest::Kind::Checkpoint}}}, 7));
        QCOMPARE(findCheckpoints(broken).newest()->step, std::int64_t(5));
        (void)tests::trainAsking(broken, {});
        QVERIFY(tests::endOf(broken) == tests::endOf(unbroken));
        // Another window would visit other pictures for the rest of the epoch.
        QVERIFY_THROWS_EXCEPTION(Error, (void)tests::trainAsking(broken, {}, -1, {{"data.shuffle_window", "3"}}));
    }
};

QTEST_GUILESS_MAIN(TestShardTraining)
#include "tst_shardtraining.moc"
