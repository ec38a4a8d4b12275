// The runs of a folder: listed, found, deleted.
#include "tests/runs/runbench.h"

#include <QTest>

#include <chrono>
#include <fstream>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

namespace {

void addLine(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

} // namespace

class TestRunList final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void foldersThatAreNoRunsAreNotListed() {
        const fs::path good = newRun("good");
        fs::create_directories(m_runs / "no-run");
        fs::create_directories(m_runs / "only-settings");
        fs::copy(good / "experiment.toml", m_runs / "only-settings");
        addLine(m_runs / "file", "x");
        const auto runs = listRuns(m_runs);
        QCOMPARE(runs.size(), std::size_t(1));
        QCOMPARE(runs[0].folder, good);
        QVERIFY(listRuns(m_runs / "none").empty());
        const auto error = errorOf([&] { const RunReader reader(m_runs / "no-run"); });
        QVERIFY(error && error->kind() == ErrorKind::NotFound);
    }

    void listsAreNewestFirst() {
        for (const char* id : {"20260102-000000-b", "20260301-000000-a", "20251231-235959-c"})
            fs::rename(newRun("x"), m_runs / id);
        std::vector<std::string> ids;
        for (const RunSummary& run : listRuns(m_runs))
            ids.push_back(run.id);
        QCOMPARE(ids, (std::vector<std::string>{"20260301-000000-a", "20260102-000000-b", "20251231-235959-c"}));
    }

    // Changed behind its back, with the same stamp, it is still listed as it was read: nobody looked into it.
    void aRunThatHasNotChangedIsNotReadAgain() {
        const fs::path folder = longAgo(interruptedRun());
        QVERIFY(listRuns(m_runs).at(0).state == RunState::Interrupted);
        const fs::path file = folder / "summary.json";
        const std::string content = readFile(file);
        const auto stamp = fs::last_write_time(file);
        std::string other = content;
        other.replace(other.find("Ants & bees"), 11, "Bees & ants");
        std::ofstream(file, std::ios::binary | std::ios::in) << other;
        fs::last_write_time(file, stamp);
        QCOMPARE(listRuns(m_runs).at(0).name, std::string("Ants & bees"));
        fs::last_write_time(file, stamp + std::chrono::milliseconds(1));
        QCOMPARE(listRuns(m_runs).at(0).name, std::string("Bees & ants"));
    }

    void whateverChangesARunIsListed() {
        const fs::path folder = longAgo(interruptedRun());
        const auto listed = [this] { return listRuns(m_runs).at(0); };
        QVERIFY(listed().state == RunState::Interrupted);
        QCOMPARE(listed().lastCheckpointStep, std::int64_t(10));
        editRunNotes(folder, [](RunNotes& notes) { notes.starred = true; });
        QVERIFY(listed().starred);
        longAgo(folder);
        QVERIFY(listed().starred);
        {
            const RunLock lock(folder); // it begins: nothing is written yet
            QVERIFY(listed().state == RunState::Running);
        }
        QVERIFY(listed().state == RunState::Interrupted);
        longAgo(folder);
        QVERIFY(listed().state == RunState::Interrupted);
        fs::remove_all(folder / "checkpoints" / "step-00000010");
        QCOMPARE(listed().lastCheckpointStep, std::int64_t(-1));
        longAgo(folder);
        QCOMPARE(listed().damage, std::string());
        fs::remove(folder / "summary.json");
        QVERIFY(listed().damage.starts_with("summary.json is missing"));
        deleteRun(folder);
        QVERIFY(listRuns(m_runs).empty());
    }

    // Within a tick of the file system's clock a change may leave the stamp as it was.
    void aRunThatHasJustChangedIsReadAgain() {
        const fs::path folder = newRun();
        QCOMPARE(listRuns(m_runs).at(0).name, std::string("Ants & bees"));
        const fs::path file = folder / "summary.json";
        const auto stamp = fs::last_write_time(file);
        std::string content = readFile(file);
        content.replace(content.find("Ants & bees"), 11, "Bees & ants");
        std::ofstream(file, std::ios::binary | std::ios::in) << content;
        fs::last_write_time(file, stamp);
        QCOMPARE(listRuns(m_runs).at(0).name, std::string("Bees & ants"));
    }

    void runsAreFoundByPathIdAndName() {
        const fs::path first = newRun("first"), second = newRun("second");
        QCOMPARE(findRun(first.string(), "/nowhere"), first);
        QCOMPARE(findRun(second.filename().string(), m_runs), second);
        QCOMPARE(findRun("first", m_runs), first);
        fs::rename(newRun("first"), m_runs / "99990101-000000-first");
        QCOMPARE(findRun("first", m_runs), m_runs / "99990101-000000-first");
        const auto near = errorOf([&] { (void)findRun(first.filename().string() + "x", m_runs); });
        QVERIFY(near && near->kind() == ErrorKind::NotFound);
        QVERIFY(near->remedy().starts_with("Near names are " + first.filename().string()));
        const auto none = errorOf([&] { (void)findRun("x", m_runs / "none"); });
        QCOMPARE(none->remedy(), std::string("Train an experiment first."));
    }

    void onlyRunsThatNobodyTrainsAreDeleted() {
        const fs::path folder = newRun();
        {
            const RunWriter writer(folder);
            const auto error = errorOf([&] { deleteRun(folder); });
            QVERIFY(error && error->kind() == ErrorKind::BadInput);
            QVERIFY(fs::exists(folder / "summary.json"));
        }
        fs::create_directories(m_runs / "precious");
        QVERIFY(errorOf([&] { deleteRun(m_runs / "precious"); }));
        QVERIFY(fs::exists(m_runs / "precious"));
        fs::create_symlink(m_runs / "precious", folder / "best");
        deleteRun(folder);
        QVERIFY(!fs::exists(folder));
        QVERIFY(fs::exists(m_runs / "precious"));
    }
};

QTEST_GUILESS_MAIN(TestRunList)
#include "tst_runlist.moc"
