// Runs that are handed to a scheduler: the script it gets, what it answers, and what is said where it refuses.
#include "engine/api/error.h"
#include "engine/api/submit.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/base/command.h"
#include "tests/support/refusal.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

namespace fs = std::filesystem;
using namespace engine;

namespace {

void writeProgram(const fs::path& file, const std::string& lines) {
    writeFileAtomically(file, "#!/bin/sh\n" + lines);
    fs::permissions(file, fs::perms::owner_all);
}

fs::path runIn(const fs::path& folder, const char* name = "Two nodes: a test") {
    Experiment experiment;
    experiment.name = name;
    experiment.directory = folder;
    return createRun(experiment, folder / "runs");
}

} // namespace

class TestSubmit final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        qputenv("PATH", (m_folder.path() + QStringLiteral("/bin:") + qEnvironmentVariable("PATH")).toUtf8());
        fs::create_directories(root() / "bin");
        qputenv("THAW_PROGRAM", "/opt/it's thaw/bin/thaw");
    }

    void slurmGetsAScriptThatStartsTheRanks() {
        writeProgram(root() / "bin/sbatch", "test \"$1\" = --parsable && cp \"$2\" \"" + (root() / "given").string() +
                                                "\" && echo '4711;cluster'\n");
        const fs::path run = runIn(root());
        const Submission done =
            submit(run, {.nodes = 2, .ranksPerNode = 4, .gpusPerNode = 4, .time = "01:00:00", .partition = "long"});
        QCOMPARE(done.job, std::string("4711"));
        const std::string script = readFile(root() / "given");
        for (const std::string& line :
             {std::string("#SBATCH --job-name=thaw-two-nodes-a-test\n"), std::string("#SBATCH --nodes=2\n"),
              std::string("#SBATCH --ntasks-per-node=4\n"), std::string("#SBATCH --gpus-per-node=4\n"),
              std::string("#SBATCH --time=01:00:00\n"), std::string("#SBATCH --partition=long\n"),
              "#SBATCH --output=" + run.string() + "/slurm-%j.log\n",
              "srun --kill-on-bad-exit=1 '/opt/it'\\''s thaw/bin/thaw' worker " + run.string() + "\n"})
            QVERIFY2(script.find(line) != std::string::npos, line.c_str());
        const auto known = submissionOf(run);
        QVERIFY(known && known->job == "4711" && known->scheduler == "slurm" && known->script == done.script);
    }

    void whatIsNotAskedForIsNotInTheScript() {
        const Submission done = submit(runIn(root()), {}, Hand::Keep);
        const std::string script = readFile(done.script);
        QVERIFY(done.job.empty());
        for (const char* word : {"gpus", "--time", "partition", "{{", "\n\n"})
            QVERIFY2(script.find(word) == std::string::npos, word);
    }

    void aJobStandsWhereTheSchedulerSays() {
        writeProgram(root() / "bin/squeue", "test \"$3\" = 4711 && echo PENDING\n");
        QCOMPARE(submissionState({.scheduler = "slurm", .job = "4711", .script = {}}), std::string("PENDING"));
        QCOMPARE(submissionState({.scheduler = "slurm", .job = "4712", .script = {}}), std::string());
        QVERIFY(!submissionOf(runIn(root())));
    }

    void aRefusalIsToldInTheSchedulersWords() {
        writeProgram(root() / "bin/sbatch", "echo 'sbatch: error: invalid partition specified: long' >&2; exit 1\n");
        const fs::path run = runIn(root());
        const std::string refused = tests::refusal([&] { (void)submit(run, {}); });
        QVERIFY2(refused.find("invalid partition specified") != std::string::npos, refused.c_str());
        QVERIFY(!submissionOf(run));
        fs::remove(root() / "bin/sbatch");
        if (!fs::exists("/usr/bin/sbatch"))
            QVERIFY(tests::refusal([&] { (void)submit(run, {}); }).find("sbatch could not be started") !=
                    std::string::npos);
    }

    void aTemplateOfOnesOwnIsFilledIn() {
        writeFileAtomically(root() / "own.sh", "ranks {{ranks}} of {{nodes}} × {{ranks_per_node}}\n\n{{time}}\nend\n");
        SubmitSettings settings{.nodes = 3, .ranksPerNode = 2, .script = root() / "own.sh"};
        QCOMPARE(readFile(submit(runIn(root()), settings, Hand::Keep).script),
                 std::string("ranks 6 of 3 × 2\n\nend\n"));
        for (const char* text : {"{{nodez}}\n", "{{nodes\n"}) {
            writeFileAtomically(root() / "own.sh", text);
            const std::string refused = tests::refusal([&] { (void)submit(runIn(root()), settings, Hand::Keep); });
            QVERIFY2(refused.find("template asks for") != std::string::npos, refused.c_str());
        }
    }

    void kubernetesGetsAJobWhosePodsAreNumbered() {
        SubmitSettings settings{.scheduler = "kubernetes", .nodes = 2, .ranksPerNode = 2, .gpusPerNode = 2};
        const Submission done = submit(runIn(root()), settings);
        const std::string text = readFile(done.script);
        QVERIFY(done.job.empty());
        for (const char* line : {"completions: 4", "completionMode: Indexed", "value: \"4\"", "nvidia.com/gpu: 1",
                                 "value: thaw-two-nodes-a-test-0.thaw-two-nodes-a-test"})
            QVERIFY2(text.find(line) != std::string::npos, line);
    }

    void badNumbersAndPathsAreRefused() {
        const fs::path run = runIn(root());
        QVERIFY(!tests::refusal([&] { (void)submit(run, {.nodes = 0}); }).empty());
        QVERIFY(tests::refusal([&] { (void)submit(run, {.scheduler = "pbs"}); }).find("pbs") != std::string::npos);
        const fs::path spaces = runIn(root() / "with space");
        QVERIFY(tests::refusal([&] { (void)submit(spaces, {}, Hand::Keep); }).find("cannot be given the path") !=
                std::string::npos);
    }

    void wordsReachAProgramAsTheyStand() {
        const CommandEnd end = runCommand({"printf", "%s|", "a b", "$HOME", "'"});
        QCOMPARE(end.output, std::string("a b|$HOME|'|"));
        QCOMPARE(runCommand({"sh", "-c", "exit 3"}).exitCode, 3);
        QCOMPARE(runCommand({"sh", "-c", "kill -9 $$"}).exitCode, 137);
    }

private:
    [[nodiscard]] fs::path root() const { return m_folder.path().toStdString(); }
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestSubmit)
#include "tst_submit.moc"
