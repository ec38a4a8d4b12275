// The queue of a project: its order, its file, and those who share it.
#include "engine/api/queue.h"
#include "tests/runs/runbench.h"

#include <QTest>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

class TestQueue final : public QObject, private RunBench {
    Q_OBJECT

    // Runs of these names that wait in this order.
    std::vector<fs::path> queued(const std::vector<std::string>& names) {
        std::vector<fs::path> folders;
        for (const std::string& name : names) {
            folders.push_back(newRun(name));
            addToQueue({.folder = folders.back()});
        }
        return folders;
    }
    [[nodiscard]] std::string order() const {
        std::string names;
        for (const QueuedRun& run : queuedRuns(m_runs))
            names += (names.empty() ? "" : " ") + RunReader(run.folder).summary().name;
        return names;
    }
    // The name of the next that begins on such a machine; empty: none.
    static std::string nextName(QueueRunner& runner, const GpuMachine& machine = {}, double now = 0) {
        const auto next = runner.next(machine, now);
        return next.run ? RunReader(next.run->folder).summary().name : std::string();
    }
    // A process of its own takes the next run, does `work` and is killed where it stands.
    void inAKilledProcess(const std::function<void()>& work) const {
        const pid_t child = fork();
        if (child == 0) {
            QueueRunner runner(m_runs, "A test");
            (void)runner.next();
            work();
            kill(getpid(), SIGKILL);
        }
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status));
    }
    // Trains all that waits, as far as a test of the queue is concerned: writes down whom it was given.
    void trainAll(const fs::path& record) const {
        for (;;) {
            try {
                QueueRunner runner(m_runs, "A test");
                const auto run = runner.next().run;
                if (!run)
                    return;
                const RunLock trained(run->folder);
                std::ofstream(record, std::ios::app) << run->id() << '\n';
            } catch (const Error&) {
                std::this_thread::yield(); // another one trains
            }
        }
    }
    static std::map<std::string, int> countedLines(const fs::path& file) {
        std::map<std::string, int> counts;
        std::ifstream lines(file);
        for (std::string line; std::getline(lines, line);)
            ++counts[line];
        return counts;
    }

private Q_SLOTS:
    void init() { begin(); }

    void runsWaitInTheOrderInWhichTheyCame() {
        queued({"a", "b", "c"});
        QCOMPARE(order(), std::string("a b c"));
        QVERIFY(fs::exists(m_runs / "queue.json"));
        QCOMPARE(listRuns(m_runs).size(), std::size_t(3)); // its file is no run
    }
    void theOrderCanBeChanged() {
        const auto runs = queued({"a", "b", "c"});
        QVERIFY(moveInQueue(m_runs, runs[2].filename().string(), 0));
        QCOMPARE(order(), std::string("c a b"));
        QVERIFY(moveInQueue(m_runs, runs[2].filename().string(), 1));
        QCOMPARE(order(), std::string("a c b"));
        QVERIFY(moveInQueue(m_runs, runs[0].filename().string(), 99));
        QCOMPARE(order(), std::string("c b a"));
        QVERIFY(takeOutOfQueue(m_runs, runs[1].filename().string()));
        QCOMPARE(order(), std::string("c a"));
        QVERIFY(!takeOutOfQueue(m_runs, runs[1].filename().string()));
        QVERIFY(!moveInQueue(m_runs, runs[1].filename().string(), 0));
    }
    void changesAndTimeAreKept() {
        const fs::path folder = newRun();
        addToQueue({.folder = folder, .changes = {{"train.epochs", "9"}}, .aboutSeconds = 90});
        addToQueue(
            {.folder = folder, .changes = {{"train.epochs", "12"}}, .aboutSeconds = 120}); // the last word counts
        const auto waiting = queuedRuns(m_runs);
        QCOMPARE(waiting.size(), std::size_t(1));
        QCOMPARE(waiting[0].changes.at(0).key, std::string("train.epochs"));
        QCOMPARE(waiting[0].changes.at(0).value, std::string("12"));
        QCOMPARE(waiting[0].aboutSeconds, 120.0);
    }
    void deletedRunsDoNotWait() {
        const auto runs = queued({"a", "b"});
        deleteRun(runs[0]);
        QCOMPARE(order(), std::string("b"));
        QueueRunner runner(m_runs, "A test");
        QCOMPARE(nextName(runner), std::string("b"));
        QVERIFY(!runner.next().run);
    }
    void whatSomebodyTrainsAlreadyIsPassedOver() {
        const auto runs = queued({"a", "b"});
        const RunLock elsewhere(runs[0]);
        QueueRunner runner(m_runs, "A test");
        QCOMPARE(nextName(runner), std::string("b"));
    }
    void whatIsTrainedDoesNotWait() {
        const auto runs = queued({"a", "b"});
        QueueRunner runner(m_runs, "A test");
        QCOMPARE(nextName(runner), std::string("a"));
        QCOMPARE(order(), std::string("b"));
        QVERIFY(runner.next().waits); // the CPU is one lane
        QCOMPARE(queueState(m_runs).running.at(0).folder, runs[0]);
        runner.ended(runs[0].filename().string());
        QCOMPARE(nextName(runner), std::string("b"));
        QCOMPARE(order(), std::string());
        QVERIFY(!runner.next().run);
    }

    void whatIsGivenBackIsTheNextAgain() {
        const auto runs = queued({"a", "b"});
        QueueRunner runner(m_runs, "A test");
        QCOMPARE(nextName(runner), std::string("a"));
        runner.giveBack(runs[0].filename().string());
        QCOMPARE(order(), std::string("a b"));
    }

    void aQueueThatIsHeldBeginsNothing() {
        queued({"a"});
        pauseQueue(m_runs, QueuePause::Held);
        QueueRunner runner(m_runs, "A test");
        const auto next = runner.next();
        QVERIFY(!next.run && next.waits);
        QVERIFY(queueState(m_runs).held);
        pauseQueue(m_runs, QueuePause::GoesOn);
        QCOMPARE(nextName(runner), std::string("a"));
    }
    void aRunWithAStartTimeWaitsForItAndKeepsNothingBack() {
        const auto runs = queued({"a", "b"});
        QVERIFY(setStartTime(m_runs, runs[0].filename().string(), 2000));
        QueueRunner runner(m_runs, "A test");
        QCOMPARE(nextName(runner, {}, 1999), std::string("b"));
        runner.ended(runs[1].filename().string());
        QCOMPARE(nextName(runner, {}, 1999), std::string());
        QCOMPARE(nextName(runner, {}, 2000), std::string("a"));
        QVERIFY(!setStartTime(m_runs, runs[0].filename().string(), 0)); // it waits no longer
    }
    void aQueueOfAnEarlierVersionGoesOn() {
        const auto runs = queued({"a", "b"});
        writeFileAtomically(m_runs / "queue.json",
                            "{\"version\": 1, \"waiting\": [{\"run\": \"" + runs[1].filename().string() +
                                "\"}], \"training\": {\"run\": \"" + runs[0].filename().string() + "\"}}");
        QCOMPARE(order(), std::string("a b"));
    }

    void aSecondRunnerIsRefusedInASentence() {
        queued({"a"});
        QVERIFY(whoRunsQueue(m_runs).empty());
        {
            const QueueRunner first(m_runs, "A window");
            const std::string who = "A window (process " + std::to_string(getpid()) + ")";
            QCOMPARE(whoRunsQueue(m_runs), who);
            const auto error = errorOf([&] { const QueueRunner second(m_runs, "A command line"); });
            QVERIFY(error && error->kind() == ErrorKind::BadInput);
            QCOMPARE(std::string(error->what()), who + " trains this queue already.");
        }
        QVERIFY(whoRunsQueue(m_runs).empty());
        const QueueRunner next(m_runs, "A command line");
    }

    void aRunWhoseTrainerDiedBeforeItBeganWaitsAgainAsTheFirst() {
        queued({"a", "b"});
        inAKilledProcess([] {});
        QVERIFY(whoRunsQueue(m_runs).empty());
        QCOMPARE(order(), std::string("a b"));
        QueueRunner runner(m_runs, "A test");
        QCOMPARE(nextName(runner), std::string("a"));
        QCOMPARE(order(), std::string("b"));
    }
    void aRunThatWasInterruptedGoesOnWithTheChangesItHasTaken() {
        const fs::path folder = interruptedRun();
        addToQueue({.folder = folder, .changes = {{"train.learning_rate", "0.1"}}});
        inAKilledProcess([] {});
        const auto waiting = queuedRuns(m_runs);
        QCOMPARE(waiting.size(), std::size_t(1));
        QVERIFY(waiting[0].changes.empty());
    }
    void aRunThatHadEndedDoesNotWaitAgain() {
        const fs::path folder = newRun();
        addToQueue({.folder = folder});
        inAKilledProcess([&folder] {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            writer.finished(20);
        });
        QVERIFY(queuedRuns(m_runs).empty());
    }
    void whoGoesAwayInPeaceLeavesNothingThatWaits() {
        queued({"a"});
        {
            QueueRunner runner(m_runs, "A test");
            QCOMPARE(nextName(runner), std::string("a"));
        }
        QVERIFY(queuedRuns(m_runs).empty());
    }

    void threadsAndProcessesNeverBeginARunTwice() {
        std::vector<std::string> names;
        for (int i = 0; i < 24; ++i)
            names.push_back("run " + std::to_string(i));
        const auto runs = queued(names);
        const fs::path record = m_runs.parent_path() / "record";
        std::vector<pid_t> children;
        for (int i = 0; i < 3; ++i) {
            children.push_back(fork());
            if (children.back() == 0) {
                trainAll(record);
                _exit(0);
            }
        }
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i)
            threads.emplace_back([this, &record] { trainAll(record); });
        // While they train, others change the order.
        for (std::size_t i = 0; i < runs.size(); i += 3)
            (void)moveInQueue(m_runs, runs[i].filename().string(), 0);
        for (std::thread& thread : threads)
            thread.join();
        for (const pid_t child : children)
            waitpid(child, nullptr, 0);
        const auto counts = countedLines(record);
        QCOMPARE(counts.size(), runs.size());
        QVERIFY(std::ranges::all_of(counts, [](const auto& one) { return one.second == 1; }));
        QVERIFY(queuedRuns(m_runs).empty());
    }
    void ofSeveralWhoAddAtOnceNoneIsLost() {
        std::vector<fs::path> runs;
        for (int i = 0; i < 12; ++i)
            runs.push_back(newRun("run " + std::to_string(i)));
        std::vector<std::thread> threads;
        for (std::size_t thread = 0; thread < 3; ++thread)
            threads.emplace_back([&runs, thread] {
                for (std::size_t i = thread; i < runs.size(); i += 3)
                    addToQueue({.folder = runs[i]});
            });
        for (std::thread& thread : threads)
            thread.join();
        QCOMPARE(queuedRuns(m_runs).size(), std::size_t(12));
    }

    void aFileOfALaterVersionOrADamagedOneIsNotOverwritten_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("later") << QByteArray("{\"version\": 2, \"waiting\": []}");
        QTest::newRow("no JSON") << QByteArray("{\"version\"");
        QTest::newRow("no object") << QByteArray("[]");
        QTest::newRow("another kind") << QByteArray("{\"version\": 1, \"waiting\": [{\"run\": 3}]}");
    }
    void aFileOfALaterVersionOrADamagedOneIsNotOverwritten() {
        QFETCH(const QByteArray, content);
        const fs::path run = newRun();
        writeFileAtomically(m_runs / "queue.json", content.toStdString());
        QVERIFY(errorOf([&] { (void)queuedRuns(m_runs); }));
        QVERIFY(errorOf([&] { addToQueue({.folder = run}); }));
        QCOMPARE(readFile(m_runs / "queue.json"), content.toStdString());
    }
    void aNameThatLeadsOutOfTheFolderMeansNothing() {
        const fs::path outside = createRun(named("outside"), m_runs.parent_path() / "other");
        fs::create_directories(m_runs);
        writeFileAtomically(m_runs / "queue.json", "{\"version\": 1, \"waiting\": [{\"run\": \"../other/" +
                                                       outside.filename().string() + "\"}]}");
        QVERIFY(queuedRuns(m_runs).empty());
    }
};

QTEST_GUILESS_MAIN(TestQueue)
#include "tst_queue.moc"
