// What a person says of a run, and runs that are put aside.
#include "tests/runs/runbench.h"

#include <QTest>

#include <thread>
#include <vector>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

class TestRunNotes final : public QObject, private RunBench {
    Q_OBJECT

    [[nodiscard]] RunSummary only() const { return listRuns(m_runs).at(0); }

private Q_SLOTS:
    void init() { begin(); }

    void aNameOfOnesOwnTakesThePlaceOfTheExperiments() {
        const fs::path folder = newRun("parts");
        editRunNotes(folder, [](RunNotes& notes) { notes.name = "parts, short warm-up"; });
        QCOMPARE(only().name, std::string("parts, short warm-up"));
        QCOMPARE(findRun("parts, short warm-up", m_runs), folder);
        QCOMPARE(RunReader(folder).experiment().name, std::string("parts"));
        RunWriter(folder).started(twoEpochs(), -1); // training does not give it the old one back
        QCOMPARE(only().name, std::string("parts, short warm-up"));
    }
    void withoutOneItIsTheExperiments() {
        const fs::path folder = newRun("parts");
        editRunNotes(folder, [](RunNotes& notes) { notes.name = "other"; });
        editRunNotes(folder, [](RunNotes& notes) { notes.name.clear(); });
        QCOMPARE(only().name, std::string("parts"));
    }
    void tagsAndMarksAreListed() {
        const fs::path folder = newRun();
        editRunNotes(folder, [](RunNotes& notes) {
            notes.tags = {"baseline", "für später"};
            notes.archived = true;
        });
        QCOMPARE(only().tags, (std::vector<std::string>{"baseline", "für später"}));
        QVERIFY(only().archived);
        QVERIFY(!only().starred);
    }
    void ofSeveralWhoWriteAtOnceNobodysChangeIsLost() {
        const fs::path folder = newRun();
        std::vector<std::thread> writers;
        for (int writer = 0; writer < 4; ++writer)
            writers.emplace_back([&folder, writer] {
                for (int i = 0; i < 10; ++i)
                    editRunNotes(folder, [writer, i](RunNotes& notes) {
                        notes.tags.push_back(std::to_string(writer) + "." + std::to_string(i));
                    });
            });
        for (std::thread& writer : writers)
            writer.join();
        QCOMPARE(readRunNotes(folder).tags.size(), std::size_t(40));
    }
    void damagedNotesAreToldAndReplacedByTheNextChange() {
        const fs::path folder = newRun();
        writeFileAtomically(folder / "notes.json", "{\"tags\": 3}");
        QVERIFY(errorOf([&] { (void)readRunNotes(folder); }));
        QCOMPARE(only().note, std::string("The notes of this run are damaged."));
        editRunNotes(folder, [](RunNotes& notes) { notes.starred = true; });
        QVERIFY(only().starred);
        QVERIFY(only().note.empty());
    }

    void aRunThatWasDeletedComesBackWhole() {
        const fs::path folder = interruptedRun();
        editRunNotes(folder, [](RunNotes& notes) { notes.starred = true; });
        putRunAside(folder);
        QVERIFY(listRuns(m_runs).empty());
        QVERIFY(!fs::exists(folder));
        emptyRunsAside(m_runs, std::chrono::hours(1)); // it was deleted just now
        bringRunBack(folder);
        QCOMPARE(only().lastCheckpointStep, std::int64_t(10));
        QVERIFY(only().starred);
        QVERIFY(!fs::exists(m_runs / ".deleted"));
        QVERIFY(errorOf([&] { bringRunBack(folder); }));
    }
    void whatLayAsideLongEnoughIsGone() {
        const fs::path folder = longAgo(newRun());
        putRunAside(folder);
        emptyRunsAside(m_runs, std::chrono::minutes(30)); // since when it lies there counts, not its own age
        QVERIFY(fs::exists(m_runs / ".deleted" / folder.filename()));
        emptyRunsAside(m_runs, std::chrono::seconds(0));
        QVERIFY(!fs::exists(m_runs / ".deleted"));
        const auto error = errorOf([&] { bringRunBack(folder); });
        QVERIFY(error && error->kind() == ErrorKind::NotFound);
    }
    void aRunThatIsTrainedIsNotDeleted() {
        const fs::path folder = newRun();
        const RunLock lock(folder);
        QVERIFY(errorOf([&] { putRunAside(folder); }));
        QVERIFY(fs::exists(folder));
    }

    void itIsSaidWhyNoRunCanBeMade() {
        QVERIFY(whyNoRuns(m_runs).empty()); // it will be made
        fs::create_directories(m_runs.parent_path());
        writeFileAtomically(m_runs, "a file in its place");
        QVERIFY(QString::fromStdString(whyNoRuns(m_runs)).endsWith(QStringLiteral("/runs is no folder.")));
        QVERIFY(QString::fromStdString(whyNoRuns(m_runs / "deeper")).endsWith(QStringLiteral("/runs is no folder.")));
    }
};

QTEST_GUILESS_MAIN(TestRunNotes)
#include "tst_runnotes.moc"
