// Which checkpoints a run folder holds, whatever became of its links.
#include "engine/api/error.h"
#include "tests/runs/checkpointfiles.h"

#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sys/syscall.h>
#include <unistd.h>

using namespace engine;
using tests::CheckpointWish;
using tests::writeCheckpointFiles;
namespace fs = std::filesystem;

namespace {
int g_linksAnswer = 0; // what a disk without symbolic links answers; 0: it has them
}

extern "C" int symlink(const char* target, const char* link) noexcept {
    if (g_linksAnswer != 0) {
        errno = g_linksAnswer;
        return -1;
    }
    return static_cast<int>(syscall(SYS_symlinkat, target, AT_FDCWD, link));
}

namespace {

void cut(const fs::path& file) { fs::resize_file(file, fs::file_size(file) - 3); }

void flip(const fs::path& file) {
    std::string content = readFile(file);
    content.back() = static_cast<char>(content.back() ^ 1);
    writeFileAtomically(file, content);
}

std::vector<std::int64_t> steps(const RunCheckpoints& found) {
    std::vector<std::int64_t> result;
    for (const RunCheckpoint& checkpoint : found.whole)
        result.push_back(checkpoint.step);
    return result;
}

std::vector<std::string> names(const fs::path& folder) {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder))
        result.push_back(entry.path().filename().string());
    std::ranges::sort(result);
    return result;
}

} // namespace

class TestCheckpoints final : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_run;

    fs::path at(std::int64_t step) const { return m_run / "checkpoints" / fmt::format("step-{:08}", step); }
    void write(const CheckpointWish& wish) const { writeCheckpointFiles(at(wish.step), wish); }
    // Best in epoch 2 at step 20, last at step 30.
    void writeThree() const {
        write({.step = 10, .epoch = 1, .bestEpoch = 1, .bestAccuracy = 0.5});
        write({.step = 20, .epoch = 2, .bestEpoch = 2, .bestAccuracy = 0.9});
        write({.step = 30, .epoch = 3, .bestEpoch = 2, .bestAccuracy = 0.9});
    }

private Q_SLOTS:
    void init() {
        g_linksAnswer = 0;
        m_temporary = std::make_unique<QTemporaryDir>();
        m_run = fs::path(m_temporary->path().toStdString()) / "run";
        fs::create_directories(m_run / "checkpoints");
    }

    void newestAndBestAreFoundWithoutAnyLink() {
        QVERIFY(findCheckpoints(m_run).none());
        QVERIFY(findCheckpoints(m_run / "nowhere").none());
        writeThree();
        const RunCheckpoints found = findCheckpoints(m_run);
        QCOMPARE(steps(found), (std::vector<std::int64_t>{30, 20, 10}));
        QCOMPARE(found.newest()->folder, at(30));
        QCOMPARE(found.best()->folder, at(20));
        QVERIFY(found.damaged.empty());
    }

    void aStateInMidEpochIsNotTheBestModel() {
        write({.step = 10, .epoch = 1, .bestEpoch = 1, .bestAccuracy = 0.5});
        write({.step = 13, .epoch = 1, .bestEpoch = 1, .bestAccuracy = 0.5, .batchInEpoch = 3});
        QCOMPARE(findCheckpoints(m_run).best()->step, std::int64_t(10));
        fs::remove_all(at(10));
        QVERIFY(findCheckpoints(m_run).best() == nullptr);
        write({.step = 0});
        QVERIFY(findCheckpoints(m_run).best() == nullptr); // nothing is validated in epoch 0
    }

    void whereTheBestIsGoneTheBestOfTheOthersTakesItsPlace() {
        writeThree();
        fs::remove_all(at(20));
        write({.step = 5, .epoch = 1, .bestEpoch = 1, .bestAccuracy = 0.7});
        QCOMPARE(findCheckpoints(m_run).best()->step, std::int64_t(5));
    }

    void everyKindOfDamageIsSeen_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("damage");
        QTest::addColumn<bool>("atOnce"); // not only by reading every byte
        for (const char* file : {"model.safetensors", "optimizer.safetensors", "config.json", "trainer_state.json"}) {
            QTest::addRow("%s is missing", file) << file << "removed" << true;
            QTest::addRow("%s is empty", file) << file << "emptied" << true;
            QTest::addRow("%s is cut", file) << file << "cut" << true;
            QTest::addRow("%s has another bit", file) << file << "flipped" << false;
        }
    }
    void everyKindOfDamageIsSeen() {
        QFETCH(QString, file);
        QFETCH(QString, damage);
        QFETCH(bool, atOnce);
        writeThree();
        const fs::path path = at(30) / file.toStdString();
        if (damage == QStringLiteral("removed"))
            fs::remove(path);
        else if (damage == QStringLiteral("emptied"))
            fs::resize_file(path, 0);
        else if (damage == QStringLiteral("cut"))
            cut(path);
        else if (file.endsWith(QStringLiteral(".json")))
            writeFileAtomically(path, readFile(path) + " "); // still JSON
        else
            flip(path);
        const std::string reason = checkpointDamage(at(30));
        QVERIFY(!reason.empty());
        QVERIFY2(reason.find(file.toStdString()) != std::string::npos, reason.c_str());
        QVERIFY(checkpointDamage(at(20)).empty());
        const RunCheckpoints found = findCheckpoints(m_run);
        QCOMPARE(found.newest()->step, std::int64_t(atOnce ? 20 : 30));
        QCOMPARE(found.damaged.size(), std::size_t(atOnce ? 1 : 0));
        if (atOnce)
            QCOMPARE(found.damaged.front().step, std::int64_t(30));
    }

    void checkpointsWithoutChecksumsAreWholeByTheirSizes() {
        write({.step = 10, .epoch = 1});
        fs::remove(at(10) / "checksums.json");
        QVERIFY(checkpointDamage(at(10)).empty());
        cut(at(10) / "model.safetensors");
        QVERIFY(!checkpointDamage(at(10)).empty());
    }

    void foldersInPlaceOfLinksCount() {
        writeThree();
        fs::copy(at(30), m_run / "last", fs::copy_options::recursive);
        fs::copy(at(20), m_run / "best", fs::copy_options::recursive);
        QCOMPARE(findCheckpoints(m_run).newest()->folder, at(30));
        fs::remove_all(m_run / "checkpoints");
        const RunCheckpoints found = findCheckpoints(m_run);
        QCOMPARE(found.newest()->folder, m_run / "last");
        QCOMPARE(found.best()->folder, m_run / "best");
    }

    void aFolderInALinksPlaceIsReplacedOnceItIsElsewhere() {
        writeThree();
        fs::copy(at(30), m_run / "last", fs::copy_options::recursive);
        fs::rename(at(20), m_run / "best"); // the only copy
        write({.step = 40, .epoch = 4, .bestEpoch = 2, .bestAccuracy = 0.9});
        linkCheckpoint(m_run, "last", at(40));
        const RunCheckpoints found = findCheckpoints(m_run);
        linkCheckpoint(m_run, "best", found.best()->folder);
        QVERIFY(fs::is_symlink(m_run / "last"));
        QCOMPARE(fs::read_symlink(m_run / "last"), fs::path("checkpoints/step-00000040"));
        QVERIFY(fs::is_directory(fs::symlink_status(m_run / "best")));
        pruneCheckpoints(m_run, Spare::Removed);
        QCOMPARE(findCheckpoints(m_run).best()->step, std::int64_t(20));
        for (const std::string& name : names(m_run))
            QVERIFY2(!name.ends_with(".partial"), name.c_str());
    }

    void aDiskWithoutLinksNeedsNone_data() {
        QTest::addColumn<int>("answer");
        QTest::newRow("EPERM") << EPERM;
        QTest::newRow("EOPNOTSUPP") << EOPNOTSUPP;
    }
    void aDiskWithoutLinksNeedsNone() {
        QFETCH(int, answer);
        writeThree();
        linkCheckpoint(m_run, "last", at(10));
        g_linksAnswer = answer;
        linkCheckpoint(m_run, "last", at(30));
        linkCheckpoint(m_run, "best", at(20));
        QCOMPARE(names(m_run), std::vector<std::string>{"checkpoints"}); // an old link would name another one
        QCOMPARE(findCheckpoints(m_run).newest()->step, std::int64_t(30));
    }

    void newestAndBestAreKeptAndOneToFallBackOn() {
        writeThree();
        pruneCheckpoints(m_run, Spare::Kept);
        QCOMPARE(steps(findCheckpoints(m_run)), (std::vector<std::int64_t>{30, 20}));
        write({.step = 40, .epoch = 4, .bestEpoch = 4, .bestAccuracy = 0.95});
        pruneCheckpoints(m_run, Spare::Kept);
        QCOMPARE(steps(findCheckpoints(m_run)), (std::vector<std::int64_t>{40, 30}));
        pruneCheckpoints(m_run, Spare::Removed);
        QCOMPARE(steps(findCheckpoints(m_run)), std::vector<std::int64_t>{40});
    }

    void whatIsDamagedIsRemovedOnlyForSomethingNewer() {
        writeThree();
        cut(at(10) / "model.safetensors");
        cut(at(30) / "model.safetensors");
        pruneCheckpoints(m_run, Spare::Removed);
        QCOMPARE(names(m_run / "checkpoints"), (std::vector<std::string>{"step-00000020", "step-00000030"}));
        write({.step = 31, .epoch = 3, .bestEpoch = 2, .bestAccuracy = 0.9, .batchInEpoch = 1});
        pruneCheckpoints(m_run, Spare::Removed);
        QCOMPARE(names(m_run / "checkpoints"), (std::vector<std::string>{"step-00000020", "step-00000031"}));
    }

    void withNothingWholeNothingIsRemoved() {
        writeThree();
        for (const std::int64_t step : {10, 20, 30})
            cut(at(step) / "model.safetensors");
        pruneCheckpoints(m_run, Spare::Removed);
        QCOMPARE(names(m_run / "checkpoints").size(), std::size_t(3));
        QVERIFY(findCheckpoints(m_run).whole.empty());
        QCOMPARE(findCheckpoints(m_run).damaged.size(), std::size_t(3));
    }
};

QTEST_APPLESS_MAIN(TestCheckpoints)
#include "tst_checkpoints.moc"
