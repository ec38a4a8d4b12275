// The command line on a machine with four GPUs, as a file tells of it: what they do, and runs that train there at once.
#include "engine/api/deviceclaims.h"
#include "engine/api/queue.h"
#include "engine/api/rankwatch.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "tests/cli/thawprogram.h"
#include "tests/train/rankruns.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <fstream>

using tests::Answer;
using tests::thaw;

namespace {

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

// Pairs of linked GPUs; the last is another person's.
const char* const kMachine = R"({"devices": [
  {"id": "cuda:0", "name": "H200", "total_bytes": 140000000000, "free_bytes": 139000000000, "celsius": 31, "users": []},
  {"id": "cuda:1", "name": "H200", "total_bytes": 140000000000, "free_bytes": 139000000000, "users": []},
  {"id": "cuda:2", "name": "H200", "total_bytes": 140000000000, "free_bytes": 139000000000, "users": []},
  {"id": "cuda:3", "name": "H200", "total_bytes": 140000000000, "free_bytes": 78600000000, "utilisation": 0.37,
   "users": [{"process": 4711, "program": "python", "user": "anna", "bytes": 61400000000}]}],
  "links": [{"between": ["cuda:0", "cuda:1"], "lanes": 18, "gigabytes_per_s": 450},
            {"between": ["cuda:2", "cuda:3"], "lanes": 18, "gigabytes_per_s": 450}]})";

} // namespace

class TestGpuCommands final : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    static std::filesystem::path newRun(const tests::Project& project, const std::string& name,
                                        const std::vector<std::string>& use) {
        engine::Experiment experiment = tests::experimentOfRanks(project, 4);
        experiment.name = name;
        experiment.train.epochs = 1;
        experiment.devices.use = use;
        return engine::createRun(experiment, project.runs());
    }
    static bool told(const std::filesystem::path& run, const std::string& words) {
        const engine::RunReader reader(run);
        return std::ranges::any_of(reader.events(), [&words](const engine::RunEvent& event) {
            return event.text.find(words) != std::string::npos;
        });
    }

private Q_SLOTS:
    void initTestCase() {
        QFile file(m_folder.filePath(QStringLiteral("gpus.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(kMachine);
        qputenv("THAW_GPUS", file.fileName().toUtf8());
        qputenv("THAW_CACHE", m_folder.filePath(QStringLiteral("cache")).toUtf8());
    }

    void devicesSaysWhatTheyDoAndItsJsonIsReadAgain() {
        const Answer table = thaw({QStringLiteral("devices")});
        QCOMPARE(table.code, 0);
        for (const char* words :
             {"python of anna, 61.4 GB", "31 °C", "37 %", "free", "cuda:0 and cuda:1: NVLink, 450 GB/s each way"})
            QVERIFY2(table.out.contains(words), words);
        const Answer json = thaw({QStringLiteral("devices"), QStringLiteral("--json")});
        const QJsonArray devices = json.json().object()[QLatin1String("devices")].toArray();
        QCOMPARE(devices.size(), 5);
        const QJsonObject last = devices.last().toObject();
        QCOMPARE(last[QLatin1String("free")].toBool(true), false);
        QVERIFY(!last.contains(QLatin1String("celsius"))); // what is not told is left out
        QFile again(m_folder.filePath(QStringLiteral("again.json")));
        QVERIFY(again.open(QIODevice::WriteOnly));
        again.write(json.out);
        again.close();
        const QByteArray before = qgetenv("THAW_GPUS");
        qputenv("THAW_GPUS", again.fileName().toUtf8());
        const auto ofGpus = [](const QByteArray& out) { return out.mid(out.indexOf("\ncuda:0")).simplified(); };
        QCOMPARE(ofGpus(thaw({QStringLiteral("devices")}).out), ofGpus(table.out)); // the CPU's memory moves
        qputenv("THAW_GPUS", before);
    }

    void theQueueTrainsOnDifferentGpusAtOnceAndAFailureStopsNothing() {
        const tests::Project project(8, 4);
        const QStringList runs{QStringLiteral("--runs"), text(project.runs())};
        const auto pair = newRun(project, "pair", {"next:2"}), one = newRun(project, "one", {"auto"}),
                   broken = newRun(project, "broken", {"cpu"}), cpu = newRun(project, "cpu", {"cpu"}),
                   many = newRun(project, "many", {"next:9"});
        {
            std::ofstream file(broken / "experiment.toml", std::ios::app);
            file << "\n[nonsense]\nkey = 1\n";
        }
        for (const auto& run : {pair, one, broken, cpu, many})
            engine::addToQueue({.folder = run});
        const Answer before = thaw(QStringList{QStringLiteral("queue")} + runs + QStringList{QStringLiteral("list")});
        QVERIFY2(before.out.contains("cuda:3") && before.out.contains("python of anna"), before.out.constData());
        QCOMPARE(thaw(QStringList{QStringLiteral("queue")} + runs + QStringList{QStringLiteral("pause")}).code, 0);
        QVERIFY(engine::queueState(project.runs()).held);
        QCOMPARE(thaw(QStringList{QStringLiteral("queue")} + runs + QStringList{QStringLiteral("go-on")}).code, 0);
        const Answer trained = thaw(QStringList{QStringLiteral("queue")} + runs +
                                    QStringList{QStringLiteral("run"), QStringLiteral("--json")});
        QVERIFY2(trained.code == 1, trained.words.constData());
        QCOMPARE(trained.json().object()[QLatin1String("trained")].toInt(), 3);
        QCOMPARE(trained.json().object()[QLatin1String("failed")].toInt(), 2);
        for (const auto& run : {pair, one, cpu})
            QVERIFY(engine::RunReader(run).summary().state == engine::RunState::Finished);
        QVERIFY(told(pair, "Trains on cuda:0, cuda:1, which nobody used."));
        QVERIFY(told(one, "Trains on cuda:2, which nobody used.")); // the pair had the first two
        QVERIFY2(trained.words.contains("9 GPUs are asked for, and this machine has 4."), trained.words.constData());
        QVERIFY(engine::queueState(project.runs()).running.empty());
    }

    void aGpuIsNotLetGoBeforeItsRanksHaveEnded() {
        const tests::Project project(8, 4);
        const auto run = newRun(project, "orphans", {"next:2"});
        QProcess trainer;
        trainer.start(tests::program(), {QStringLiteral("train"), QStringLiteral("--resume"), text(run),
                                         QStringLiteral("--set"), QStringLiteral("train.epochs=10000")});
        QTRY_VERIFY_WITH_TIMEOUT(engine::readRanks(run).size() == 2, 60'000);
        trainer.kill(); // and not its ranks
        QVERIFY(trainer.waitForFinished());
        QCOMPARE(engine::takenFor("cuda:0", {}), run);
        for (const engine::RankState& rank : engine::readRanks(run))
            QVERIFY(rank.process > 0 && kill(static_cast<pid_t>(rank.process), SIGKILL) == 0);
        QTRY_VERIFY(engine::takenFor("cuda:0", {}).empty());
    }

    void aStartTimeIsSetAndShown() {
        const tests::Project project(3, 2);
        const QStringList runs{QStringLiteral("--runs"), text(project.runs())};
        (void)newRun(project, "later", {"auto"});
        const auto queue = [&runs](const QStringList& more) {
            return thaw(QStringList{QStringLiteral("queue")} + runs + more);
        };
        QCOMPARE(queue({QStringLiteral("add"), QStringLiteral("later"), QStringLiteral("--not-before"),
                        QStringLiteral("+2h")})
                     .code,
                 0);
        QVERIFY(engine::queuedRuns(project.runs()).at(0).notBefore > 0);
        QVERIFY(queue({QStringLiteral("list")}).out.contains(":"));
        QCOMPARE(queue({QStringLiteral("at"), QStringLiteral("later"), QStringLiteral("soon")}).code, 2);
        QCOMPARE(queue({QStringLiteral("at"), QStringLiteral("later"), QStringLiteral("now")}).code, 0);
        QCOMPARE(engine::queuedRuns(project.runs()).at(0).notBefore, 0.0);
        const auto file = project.path() / "experiment.toml";
        engine::writeExperiment(tests::experimentOfRanks(project, 4), file);
        QCOMPARE(
            queue({QStringLiteral("add"), text(file), QStringLiteral("--not-before"), QStringLiteral("soon")}).code, 2);
        QCOMPARE(engine::listRuns(project.runs()).size(), std::size_t(1)); // nothing was made of it
    }

    void anExperimentThatIsNotThereIsSaidToBeThat() {
        for (const QStringList& command :
             {QStringList{QStringLiteral("submit"), QStringLiteral("/nowhere/bees.toml"), QStringLiteral("--slurm")},
              QStringList{QStringLiteral("queue"), QStringLiteral("add"), QStringLiteral("/nowhere/bees.toml")}}) {
            const Answer answer = thaw(command);
            QCOMPARE(answer.code, 2);
            QVERIFY2(answer.words.contains("The file /nowhere/bees.toml does not exist."), answer.words.constData());
        }
    }
};

QTEST_GUILESS_MAIN(TestGpuCommands)
#include "tst_gpucommands.moc"
