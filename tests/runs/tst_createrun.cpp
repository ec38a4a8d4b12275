// How a run gets its folder, however many ask at a time.
#include "tests/runs/runbench.h"

#include <QRegularExpression>
#include <QTest>

#include <fstream>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

namespace {

void addLine(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

std::size_t fileCount(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TestCreateRun final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void aNewRunIsQueuedAndHoldsItsExperiment() {
        Experiment experiment = named("Ants & bees, größer!");
        experiment.train.epochs = 9;
        const fs::path folder = createRun(experiment, m_runs);
        QVERIFY(QString::fromStdString(folder.filename().string())
                    .contains(QRegularExpression(QStringLiteral("^\\d{8}-\\d{6}-ants-bees-gr-er$"))));
        QCOMPARE(fileCount(m_runs), std::size_t(1));
        const RunReader reader(folder);
        QVERIFY(reader.summary().state == RunState::Queued);
        QCOMPARE(reader.summary().name, experiment.name);
        QCOMPARE(reader.summary().id, folder.filename().string());
        QCOMPARE(reader.summary().epochs, 9);
        QCOMPARE(toToml(reader.experiment()), toToml(experiment));
        QVERIFY(reader.seriesNames().empty());
        QVERIFY(reader.events().empty());
        QVERIFY(reader.series("train/loss").step.empty());
        QVERIFY(reader.envelope("train/loss", 0, 10, 5).empty());
    }

    void namesThatMakeNoFolderNameBecomeRun() {
        for (const char* name : {"", "...", "日本", "/", "../../x"}) {
            const fs::path folder = newRun(name);
            QCOMPARE(folder.parent_path(), m_runs);
            QVERIFY(fs::exists(folder / "summary.json"));
        }
        QVERIFY(newRun(std::string(500, 'x')).filename().string().size() < 100);
    }

    // Several trainings of one experiment may be started in the same second, from threads or processes.
    void runsMadeAtTheSameTimeDoNotTakeEachOthersFolder() {
        fs::create_directories(m_runs);
        constexpr int kEach = 5;
        std::vector<pid_t> children;
        for (int child = 0; child < 3; ++child) {
            const pid_t id = fork();
            if (id == 0) {
                for (int i = 0; i < kEach; ++i)
                    (void)newRun("same");
                _exit(0);
            }
            children.push_back(id);
        }
        std::set<fs::path> folders;
        for (int i = 0; i < kEach; ++i)
            folders.insert(newRun("same"));
        for (const pid_t id : children) {
            int status = -1;
            waitpid(id, &status, 0);
            QCOMPARE(status, 0);
        }
        QCOMPARE(folders.size(), std::size_t(kEach));
        QCOMPARE(listRuns(m_runs).size(), std::size_t(4 * kEach));
        QCOMPARE(fileCount(m_runs), std::size_t(4 * kEach));
    }

    void aFolderThatCannotBeMadeIsSaid() {
        const auto error = errorOf([] { (void)createRun(named("x"), "/proc/none/runs"); });
        QVERIFY(error && error->kind() == ErrorKind::BadInput);
    }

    void ofTwoStartsInOneFolderOneIsRefused() {
        const fs::path wanted = m_runs / "deep" / "mine";
        QCOMPARE(createRunAt(named("x"), wanted / ""), wanted);
        const auto error = errorOf([&] { (void)createRunAt(named("y"), wanted); });
        QVERIFY(error && error->kind() == ErrorKind::BadInput);
        QVERIFY(std::string(error->what()).find("holds a run already") != std::string::npos);
        QCOMPARE(fileCount(m_runs / "deep"), std::size_t(1));
        QCOMPARE(readRunRecord(wanted).summary.name, std::string("x"));
        fs::create_directories(m_runs / "full");
        addLine(m_runs / "full" / "file", "x");
        QVERIFY(errorOf([&] { (void)createRunAt(named("y"), m_runs / "full"); }));
        QCOMPARE(fileCount(m_runs), std::size_t(2));
    }

    void ofManyStartsAtOneTimeOneGetsTheFolder() {
        const fs::path wanted = m_runs / "mine";
        fs::create_directories(wanted); // an empty one is taken
        std::vector<pid_t> children;
        for (int child = 0; child < 8; ++child) {
            const pid_t id = fork();
            if (id == 0)
                _exit(errorOf([&] { (void)createRunAt(named(std::to_string(child)), wanted); }) ? 1 : 0);
            children.push_back(id);
        }
        int winners = 0;
        for (const pid_t id : children) {
            int status = -1;
            waitpid(id, &status, 0);
            winners += WEXITSTATUS(status) == 0 ? 1 : 0;
        }
        QCOMPARE(winners, 1);
        QCOMPARE(fileCount(m_runs), std::size_t(1));
        QVERIFY(isRun(wanted));
    }

    void theHomeFolderIsMeantByItsSign() {
        const QByteArray home = qgetenv("HOME");
        qputenv("HOME", m_runs.string().c_str());
        const fs::path folder = createRun(named("x"), "~/runs");
        QCOMPARE(folder.parent_path(), m_runs / "runs");
        QCOMPARE(findRun("~/runs/" + folder.filename().string(), "/nowhere"), folder);
        QCOMPARE(listRuns("~/runs").size(), std::size_t(1));
        QCOMPARE(createRunAt(named("y"), "~/mine"), m_runs / "mine");
        Experiment experiment;
        experiment.directory = "/somewhere";
        experiment.data.path = "~/pictures";
        experiment.model.weights = "~";
        QCOMPARE(experiment.dataPath(), m_runs / "pictures");
        QCOMPARE(experiment.weightsPath(), m_runs);
        experiment.data.path = "a~/b";
        QCOMPARE(experiment.dataPath(), fs::path("/somewhere/a~/b"));
        qputenv("HOME", home);
        QVERIFY(expandHome("~root/x") != fs::path("~root/x"));
        QCOMPARE(expandHome("~nobody-of-this-name/x"), fs::path("~nobody-of-this-name/x"));
    }
};

QTEST_APPLESS_MAIN(TestCreateRun)
#include "tst_createrun.moc"
