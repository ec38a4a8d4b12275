#include "engine/api/error.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/runsummary.h"
#include "engine/runs/runwriter.h"
#include "tests/runs/checkpointfiles.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <cmath>
#include <fstream>
#include <optional>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace engine;
namespace fs = std::filesystem;

namespace {

Experiment named(const std::string& name) {
    Experiment experiment;
    experiment.name = name;
    return experiment;
}

RunStart twoEpochs() {
    RunStart start;
    start.classes = {"ant", "bee"};
    start.device = "cpu";
    start.parameters = 100;
    start.trainableParameters = 10;
    start.epochs = 2;
    start.steps = 20;
    return start;
}

void addLine(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

template <typename Action>
std::optional<Error> errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return {};
}

std::vector<std::string> kinds(const RunReader& reader) {
    std::vector<std::string> result;
    for (const RunEvent& event : reader.events())
        result.push_back(event.kind);
    return result;
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::size_t fileCount(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TestRunFolder : public QObject {
    Q_OBJECT

    QTemporaryDir m_temporary;
    fs::path m_runs;

    fs::path newRun(const std::string& name = "Ants & bees") const { return createRun(named(name), m_runs); }

    // A run that wrote ten steps and a checkpoint and then lost its process.
    fs::path interruptedRun() const {
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        for (int step = 1; step <= 10; ++step)
            writer.scalar("train/loss", step, 1.0 / step);
        writer.epochDone(1, 10, {{"validation/accuracy", 0.75}}, true);
        tests::writeCheckpointFiles(writer.checkpointFolder(10),
                                    {.step = 10, .epoch = 1, .bestEpoch = 1, .bestAccuracy = 0.75});
        writer.checkpointDone(10);
        writer.scalar("train/loss", 11, 7);
        writer.flush();
        return folder;
    }

    // As if nothing had happened to it for a while.
    static fs::path longAgo(const fs::path& folder) {
        const auto then = fs::file_time_type::clock::now() - std::chrono::hours(1);
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (!entry.is_symlink())
                fs::last_write_time(entry.path(), then);
        fs::last_write_time(folder, then);
        return folder;
    }

private Q_SLOTS:
    void init() {
        m_runs = fs::path(m_temporary.path().toStdString()) / QTest::currentTestFunction() / "runs";
        fs::remove_all(m_runs);
    }

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

    void readersFollowAWriter() {
        const fs::path folder = newRun();
        RunReader reader(folder);
        QVERIFY(!reader.refresh());
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        QVERIFY(reader.refresh());
        QVERIFY(reader.summary().state == RunState::Running);
        QVERIFY(reader.summary().startedAt > 1e9);
        QCOMPARE(reader.classNames(), (std::vector<std::string>{"ant", "bee"}));
        QCOMPARE(reader.summary().trainableParameters, std::int64_t(10));
        for (int step = 1; step <= 10; ++step) {
            writer.scalar("train/loss", step, step == 4 ? std::nan("") : 1.0 / step);
            writer.scalar("train/learning_rate", step, 1e-3);
        }
        writer.flush();
        QVERIFY(reader.refresh());
        QVERIFY(!reader.refresh());
        QCOMPARE(reader.seriesNames(), (std::vector<std::string>{"train/learning_rate", "train/loss"}));
        QCOMPARE(reader.series("train/loss").step.size(), std::size_t(10));
        QVERIFY(std::isnan(reader.series("train/loss").value[3]));
        writer.scalar("validation/loss", 10, 0.5);
        writer.epochDone(1, 10, {{"validation/loss", 0.5}, {"validation/accuracy", 0.9}}, true);
        writer.paused(10);
        QVERIFY(reader.refresh());
        QVERIFY(reader.summary().state == RunState::Paused);
        QCOMPARE(reader.summary().best.at("validation/accuracy"), 0.9);
        QCOMPARE(reader.summary().bestStep, std::int64_t(10));
        QCOMPARE(reader.summary().bestEpoch, 1);
        QCOMPARE(reader.summary().last.at("validation/loss"), 0.5);
        QCOMPARE(reader.series("validation/loss").step, (std::vector<std::int64_t>{10}));
        writer.resumed(10);
        writer.finished(20);
        QVERIFY(reader.refresh());
        QVERIFY(reader.summary().state == RunState::Finished);
        QCOMPARE(kinds(reader), (std::vector<std::string>{"started", "paused", "resumed", "finished"}));
    }

    // Files made within one tick of the file system's clock leave the folder's stamp as it was.
    void aSeriesThatBeginsInTheSameInstantIsFound() {
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        writer.scalar("a", 1, 1);
        writer.flush();
        RunReader reader(folder);
        const auto stamp = fs::last_write_time(folder / "series");
        writer.scalar("b", 1, 1);
        writer.flush();
        fs::last_write_time(folder / "series", stamp);
        reader.refresh();
        QCOMPARE(reader.seriesNames(), (std::vector<std::string>{"a", "b"}));
    }

    void theValuesOfAllClassesShareOneFile() {
        constexpr std::size_t kClasses = 1000;
        RunStart start = twoEpochs();
        start.classes.clear();
        for (std::size_t i = 0; i < kClasses; ++i)
            start.classes.push_back("class/" + std::to_string(i)); // a name may look like a path
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(start, -1);
        RunReader reader(folder);
        for (int epoch = 1; epoch <= 2; ++epoch) {
            std::vector<double> values;
            for (std::size_t i = 0; i < kClasses; ++i)
                values.push_back(i == 7 ? std::nan("") : double(epoch) / double(i + 1));
            writer.scalar("validation/accuracy", epoch * 10, 0.5);
            writer.classValues("validation/accuracy", epoch * 10, values);
        }
        writer.flush();
        QCOMPARE(fileCount(folder / "series"), std::size_t(2));
        QVERIFY(reader.refresh());
        QVERIFY(!reader.refresh());
        QCOMPARE(reader.seriesNames().size(), kClasses); // one has no sample; accuracy itself
        QVERIFY(std::ranges::is_sorted(reader.seriesNames()));
        const Series& last = reader.series("validation/accuracy/class/999");
        QCOMPARE(last.step, (std::vector<std::int64_t>{10, 20}));
        QCOMPARE(last.value, (std::vector<float>{0.001F, 0.002F}));
        QCOMPARE(reader.envelope("validation/accuracy/class/999", 0, 20, 1).at(0).maximum, 0.002F);
        QVERIFY(reader.series("validation/accuracy/class/7").step.empty());
        QVERIFY(reader.series("validation/accuracy/class").step.empty());
        QVERIFY(!reader.summary().last.contains("validation/accuracy/class/7"));
        QCOMPARE(reader.summary().last.at("validation/accuracy/class/999"), 0.002);
    }

    void resumingTakesBackTheValuesOfClasses() {
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            writer.classValues("validation/accuracy", 15, std::vector<double>{1, 0.5});
        }
        RunReader reader(folder);
        QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.5F});
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        writer.scalar("train/loss", 11, 1);
        reader.refresh();
        QVERIFY(reader.series("validation/accuracy/bee").step.empty());
        writer.classValues("validation/accuracy", 20, std::vector<double>{1, 0.25});
        reader.refresh();
        QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.25F});
        QCOMPARE(reader.envelope("validation/accuracy/bee", 0, 20, 1).at(0).maximum, 0.25F);
    }

    // As an earlier version wrote them: read, and gone on with.
    void aRunWithAFileForEachClassKeepsThem() {
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            writer.scalar("validation/accuracy/ant", 15, 0.5);
            writer.scalar("validation/accuracy/bee", 15, 0.75);
            writer.stopped(15);
        }
        QCOMPARE(RunReader(folder).series("validation/accuracy/bee").value, std::vector<float>{0.75F});
        const auto files = fileCount(folder / "series");
        RunWriter writer(folder);
        writer.started(twoEpochs(), 15);
        writer.classValues("validation/accuracy", 20, std::vector<double>{1, std::nan("")});
        writer.flush();
        QCOMPARE(fileCount(folder / "series"), files);
        const RunReader reader(folder);
        QCOMPARE(reader.series("validation/accuracy/ant").value, (std::vector<float>{0.5F, 1}));
        QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.75F});
        QCOMPARE(reader.seriesNames(),
                 (std::vector<std::string>{"train/loss", "validation/accuracy/ant", "validation/accuracy/bee"}));
    }

    void damageInTheValuesOfClassesIsAWarning() {
        const fs::path folder = newRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            for (int step = 1; step <= 3; ++step)
                writer.classValues("validation/accuracy", step, std::vector<double>{0.5, 0.5});
        }
        const fs::path file = folder / "series" / "validation%2Faccuracy.classes";
        std::string content = readFile(file);
        content[content.size() / 2] ^= 1;
        writeFileAtomically(file, content);
        const RunReader reader(folder);
        QCOMPARE(reader.series("validation/accuracy/ant").step, (std::vector<std::int64_t>{1, 3}));
        QCOMPARE(std::ranges::count(reader.events(), "warning", &RunEvent::kind), std::ptrdiff_t(1));
    }

    // The classes' names come from a checkpoint, or from what the training found in its data.
    void theValuesOfClassesAreRebuilt() {
        for (const bool saved : {true, false}) {
            const fs::path folder = newRun();
            {
                RunStart start = twoEpochs();
                start.environmentJson = R"({"data": {"classes": [{"name": "ant"}, {"name": "bee"}]}})";
                RunWriter writer(folder);
                writer.started(start, -1);
                writer.scalar("validation/accuracy", 10, 0.5);
                writer.classValues("validation/accuracy", 10, std::vector<double>{std::nan(""), 0.25});
                if (saved) {
                    tests::writeCheckpointFiles(writer.checkpointFolder(10), {.step = 10, .epoch = 1, .bestEpoch = 1});
                    writer.checkpointDone(10);
                }
                writer.stopped(10);
            }
            fs::remove(folder / "summary.json");
            const RunReader reader(folder);
            QVERIFY(!reader.summary().damage.empty());
            QCOMPARE(reader.classNames(), (std::vector<std::string>{"ant", "bee"}));
            QCOMPARE(reader.summary().last.at("validation/accuracy/bee"), 0.25);
            QCOMPARE(reader.summary().best.at("validation/accuracy/bee"), 0.25);
            QVERIFY(!reader.summary().last.contains("validation/accuracy/ant"));
            QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.25F});
        }
    }

    void aRunWhoseProcessDiedIsInterrupted() {
        const fs::path folder = newRun();
        std::optional<RunReader> reader;
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            reader.emplace(folder);
            QVERIFY(reader->summary().state == RunState::Running);
            QVERIFY(listRuns(m_runs).at(0).state == RunState::Running);
            QVERIFY(!reader->refresh());
        }
        QVERIFY(reader->refresh());
        QVERIFY(reader->summary().state == RunState::Interrupted);
        QVERIFY(!reader->refresh());
        QVERIFY(listRuns(m_runs).at(0).state == RunState::Interrupted);
        RunWriter again(folder);
        again.started(twoEpochs(), -1);
        QVERIFY(reader->refresh());
        QVERIFY(reader->summary().state == RunState::Running);
    }

    void resumingTakesBackWhatCameAfterTheCheckpoint() {
        const fs::path folder = interruptedRun();
        RunReader reader(folder);
        QVERIFY(reader.summary().state == RunState::Interrupted);
        QCOMPARE(reader.summary().lastCheckpointStep, std::int64_t(10));
        QCOMPARE(reader.series("train/loss").step.size(), std::size_t(11));
        const double before = reader.summary().seconds;
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        writer.scalar("train/loss", 11, 0.25);
        writer.flush();
        QVERIFY(reader.refresh());
        const Series& loss = reader.series("train/loss");
        QCOMPARE(loss.step.size(), std::size_t(11));
        QCOMPARE(loss.value.back(), 0.25F);
        QCOMPARE(reader.envelope("train/loss", 11, 11, 1).at(0).maximum, 0.25F);
        QCOMPARE(reader.summary().step, std::int64_t(10));
        QVERIFY(reader.summary().seconds >= before);
        QCOMPARE(reader.summary().best.at("validation/accuracy"), 0.75);
        QCOMPARE(reader.events().back().text, std::string("goes on from step 10 on cpu"));
        QCOMPARE(RunReader(folder).series("train/loss").step, loss.step);
    }

    // Nothing to resume from: what was recorded belongs to nothing any more.
    void beginningAgainTakesBackEverything() {
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            writer.scalar("train/loss", 1, 3);
            writer.stopped(1);
        }
        const RunReader reader(folder);
        QCOMPARE(reader.series("train/loss").step, (std::vector<std::int64_t>{1}));
        QVERIFY(reader.summary().best.empty());
        QCOMPARE(reader.summary().bestStep, std::int64_t(-1));
        QCOMPARE(reader.summary().epoch, 0);
    }

    void theEnvelopeAgreesWithThePoints() {
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        std::int64_t step = 0;
        for (int i = 0; i < 3000; ++i)
            writer.scalar("x", step += 1 + i % 3, i % 97 == 0 ? std::nan("") : std::sin(i * 0.7) * i);
        writer.flush();
        const RunReader reader(folder);
        const Series& series = reader.series("x");
        for (const auto& [first, last, columns] : {std::tuple{0.0, 6000.0, 100},
                                                   {-50.0, 9000.0, 7},
                                                   {100.5, 200.5, 1000},
                                                   {3.0, 3.0, 4},
                                                   {5000.0, 5999.0, 1}}) {
            const auto cells = reader.envelope("x", first, last, columns);
            QCOMPARE(cells.size(), std::size_t(columns));
            std::int64_t total = 0;
            float minimum = INFINITY, maximum = -INFINITY;
            for (const Envelope& cell : cells) {
                total += cell.count;
                for (std::size_t i = 0; i < series.step.size(); ++i) {
                    const auto at = double(series.step[i]);
                    if (at >= cell.first && at < cell.last && std::isfinite(series.value[i]))
                        QVERIFY(series.value[i] >= cell.minimum && series.value[i] <= cell.maximum);
                }
                if (!std::isnan(cell.minimum)) {
                    minimum = std::min(minimum, cell.minimum);
                    maximum = std::max(maximum, cell.maximum);
                }
            }
            std::int64_t expected = 0;
            float low = INFINITY, high = -INFINITY;
            for (std::size_t i = 0; i < series.step.size(); ++i) {
                if (double(series.step[i]) < first || double(series.step[i]) > last)
                    continue;
                ++expected;
                if (std::isfinite(series.value[i])) {
                    low = std::min(low, series.value[i]);
                    high = std::max(high, series.value[i]);
                }
            }
            QCOMPARE(total, expected);
            QCOMPARE(minimum, low);
            QCOMPARE(maximum, high);
        }
        QVERIFY(reader.envelope("x", 10, 5, 3).empty());
        QVERIFY(reader.envelope("x", 0, 5, 0).empty());
        QVERIFY(reader.envelope("x", NAN, NAN, 3).empty());
        QVERIFY(reader.envelope("none", 0, 5, 3).empty());
    }

    void oneWriterHoldsARun() {
        const fs::path folder = newRun();
        QVERIFY(!RunLock::heldByAnyone(folder));
        {
            const RunWriter writer(folder);
            QVERIFY(RunLock::heldByAnyone(folder));
            const auto error = errorOf([&] { const RunWriter second(folder); });
            QVERIFY(error && error->kind() == ErrorKind::BadInput);
            QCOMPARE(error->what(), folder.filename().string() + " is being trained already.");
            // Asking from another process gives the same answer and leaves the lock.
            const pid_t child = fork();
            if (child == 0)
                _exit(RunLock::heldByAnyone(folder) ? 5 : 6);
            int status = 0;
            waitpid(child, &status, 0);
            QCOMPARE(WEXITSTATUS(status), 5);
            QVERIFY(RunLock::heldByAnyone(folder));
        }
        QVERIFY(!RunLock::heldByAnyone(folder));
        const RunWriter next(folder);
    }

    void aTornLastEventIsCutOffAndTheNextOneStands() {
        const fs::path folder = interruptedRun();
        addLine(folder / "events.jsonl", "{\"time\": 1, \"kind\": \"kno");
        RunReader reader(folder);
        QCOMPARE(kinds(reader), (std::vector<std::string>{"started"}));
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        reader.refresh();
        QCOMPARE(kinds(reader), (std::vector<std::string>{"started", "started"}));
        QCOMPARE(kinds(RunReader(folder)), kinds(reader));
    }

    void damagedLinesDoNotHideTheOthers() {
        const fs::path folder = newRun();
        for (const char* line : {"{\"kind\": \"one\"}", "garbage", "[1]", "{\"kind\": 7}", "{\"time\": null}", "",
                                 "{\"kind\": \"two\", \"text\": \"a\\nb\"}"})
            addLine(folder / "events.jsonl", std::string(line) + "\n");
        QCOMPARE(kinds(RunReader(folder)), (std::vector<std::string>{"one", "two"}));
    }

    void damageInASeriesIsAWarning() {
        const fs::path folder = newRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            for (int step = 1; step <= 3; ++step) {
                writer.scalar("train/loss", step, step);
                writer.flush();
            }
        }
        const fs::path file = folder / "series" / "train%2Floss.col";
        std::string content = readFile(file);
        content[36 + 10] ^= 1;
        writeFileAtomically(file, content);
        addLine(folder / "series" / "odd%zz.col", "nothing of ours");
        const RunReader reader(folder);
        QCOMPARE(reader.series("train/loss").step, (std::vector<std::int64_t>{1, 3}));
        const auto warnings = std::ranges::count(reader.events(), "warning", &RunEvent::kind);
        QCOMPARE(warnings, std::ptrdiff_t(1));
    }

    void samplesAreKeptPerEpoch() {
        const fs::path folder = newRun();
        RunWriter writer(folder);
        const std::vector<SampleResult> results{{"val/ant/a \"1\".jpg", 0, 1, 0.75F, 1.5F},
                                                {"val/bee/b.jpg", 1, 1, NAN, INFINITY}};
        writer.samples(3, results);
        addLine(folder / "samples" / "epoch-0003.jsonl", "{\"file\": 3}\ngarbage\n");
        const RunReader reader(folder);
        const auto read = reader.samples(3);
        QCOMPARE(read.size(), std::size_t(2));
        QCOMPARE(read[0].file, results[0].file);
        QCOMPARE(read[0].predicted, 1);
        QCOMPARE(read[0].loss, 1.5F);
        QVERIFY(std::isnan(read[1].probability) && std::isnan(read[1].loss));
        QVERIFY(reader.samples(2).empty());
    }

    void theSummarySurvivesTheFile() {
        const fs::path folder = newRun();
        RunRecord record = readRunRecord(folder);
        RunSummary& s = record.summary;
        s.state = RunState::Failed;
        s.failure = "The disk is \"full\".\n\xff";
        s.remedy = "Free some space.";
        s.best = {{"validation/loss", NAN}, {"validation/accuracy", 1.0 / 3}};
        s.last = {{"train/loss", 1e300}};
        s.step = std::int64_t{1} << 40;
        s.seconds = 12.5;
        s.epoch = 3;
        record.classes = {"a", "ü"};
        writeFileAtomically(folder / "summary.json", toJson(record));
        const RunRecord read = readRunRecord(folder);
        QVERIFY(read.summary.state == RunState::Failed);
        QVERIFY(std::isnan(read.summary.best.at("validation/loss")));
        QVERIFY(read.summary.best.at("validation/accuracy") == 1.0 / 3);
        QCOMPARE(read.summary.last.at("train/loss"), 1e300);
        QCOMPARE(read.summary.step, s.step);
        QCOMPARE(read.summary.remedy, s.remedy);
        QVERIFY(read.summary.failure.starts_with("The disk is \"full\".\n"));
        QCOMPARE(read.classes, record.classes);
        for (const RunState state : {RunState::Queued, RunState::Stopped, RunState::Finished, RunState::Interrupted}) {
            record.summary.state = state;
            writeFileAtomically(folder / "summary.json", toJson(record));
            QVERIFY(readRunRecord(folder).summary.state == state);
        }
    }

    void aFailureIsRecordedWithItsRemedy() {
        const fs::path folder = newRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            writer.failed(Error(ErrorKind::Diverged, "The loss is not a number any more.", "Lower the learning rate."),
                          7);
        }
        RunReader reader(folder);
        QVERIFY(reader.summary().state == RunState::Failed);
        QCOMPARE(reader.summary().failure, std::string("The loss is not a number any more."));
        QCOMPARE(reader.summary().remedy, std::string("Lower the learning rate."));
        QCOMPARE(reader.events().back().kind, std::string("failure"));
        QVERIFY(reader.summary().failureKind == ErrorKind::Diverged);
        QVERIFY(!fs::exists(folder / ".reserve"));
        RunWriter again(folder);
        again.started(twoEpochs(), -1);
        reader.refresh();
        QVERIFY(reader.summary().failure.empty());
    }

    void notesAreKeptApart() {
        const fs::path folder = newRun();
        RunReader reader(folder);
        saveRunNotes(folder, true, 3, "two\nlines, ü");
        QVERIFY(reader.refresh());
        QVERIFY(reader.summary().starred);
        QCOMPARE(reader.summary().colour, 3);
        QCOMPARE(reader.summary().note, std::string("two\nlines, ü"));
        RunWriter(folder).started(twoEpochs(), -1);
        QVERIFY(readRunRecord(folder).summary.starred);
        for (const char* damage : {"", "{", "[]", "3", "{\"starred\": \"yes\"}", "{\"colour\": null}"}) {
            writeFileAtomically(folder / "notes.json", damage);
            QCOMPARE(listRuns(m_runs).size(), std::size_t(1));
        }
    }

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

    void ofEqualEpochsTheRebuiltBestHasTheSmallerLoss() {
        const fs::path folder = newRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            for (const auto& [step, loss] : {std::pair(10, 0.6), {20, 0.4}, {30, 0.5}}) {
                writer.scalar("validation/accuracy", step, 0.75);
                writer.scalar("validation/loss", step, loss);
            }
            writer.finished(30);
        }
        fs::remove(folder / "summary.json");
        const RunSummary summary = RunReader(folder).summary();
        QCOMPARE(summary.bestStep, std::int64_t(20));
        QCOMPARE(summary.best.at("validation/loss"), double(0.4F));
    }

    void aDamagedSummaryIsRebuiltFromTheRest_data() {
        QTest::addColumn<QString>("damage");
        for (const char* damage : {"", "{", "[]", "{\"state\": 3}", "{\"best\": 7, \"classes\": \"x\"}", "removed"})
            QTest::addRow("“%s”", damage) << damage;
    }
    void aDamagedSummaryIsRebuiltFromTheRest() {
        QFETCH(QString, damage);
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            for (int step = 11; step <= 20; ++step)
                writer.scalar("train/loss", step, 1.0 / step);
            for (const auto& [name, step, value] : {std::tuple{"validation/accuracy", 15, 0.5},
                                                    {"validation/loss", 15, 0.4},
                                                    {"validation/accuracy", 20, 0.25},
                                                    {"validation/loss", 20, 0.6}})
                writer.scalar(name, step, value);
            writer.finished(20);
        }
        const RunSummary before = RunReader(folder).summary();
        const bool removed = damage == QStringLiteral("removed");
        if (removed)
            fs::remove(folder / "summary.json");
        else
            writeFileAtomically(folder / "summary.json", damage.toStdString());
        const auto runs = listRuns(m_runs);
        QCOMPARE(runs.size(), std::size_t(1));
        const RunSummary& run = runs.front();
        QCOMPARE(run.damage, std::string(removed ? "summary.json is missing" : "summary.json cannot be read") +
                                 "; curves and 1 checkpoint are there.");
        QVERIFY(run.state == RunState::Finished);
        QCOMPARE(run.name, before.name);
        QCOMPARE(run.id, before.id);
        QCOMPARE(run.epochs, 5); // of its experiment
        QCOMPARE(run.step, std::int64_t(20));
        QCOMPARE(run.device, std::string("cpu"));
        QCOMPARE(run.lastCheckpointStep, std::int64_t(10));
        QCOMPARE(run.bestStep, std::int64_t(15));
        QCOMPARE(run.bestEpoch, 1);
        QCOMPARE(run.epoch, 2);
        QCOMPARE(run.best.at("validation/loss"), double(0.4F));
        QCOMPARE(run.last.at("train/loss"), double(1.0F / 20));
        QVERIFY(run.startedAt > 1e9);
        QCOMPARE(RunReader(folder).classNames(), (std::vector<std::string>{"ant", "bee"}));
        QCOMPARE(findRun(before.name, m_runs), folder);
        // Whoever trains it on writes a record that is whole again.
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        QVERIFY(readRunRecord(folder).summary.damage.empty());
        QCOMPARE(readRunRecord(folder).summary.name, before.name);
    }

    void theRebuiltStateIsTheLastThatWasRecorded_data() {
        QTest::addColumn<int>("state");
        QTest::newRow("stopped") << int(RunState::Stopped);
        QTest::newRow("failed") << int(RunState::Failed);
        QTest::newRow("interrupted") << int(RunState::Interrupted);
    }
    void theRebuiltStateIsTheLastThatWasRecorded() {
        QFETCH(int, state);
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            writer.scalar("train/loss", 11, 1);
            if (state == int(RunState::Stopped))
                writer.stopped(11);
            else if (state == int(RunState::Failed))
                writer.failed(Error(ErrorKind::Device, "The card is gone."), 11);
            else
                writer.flush();
        }
        writeFileAtomically(folder / "summary.json", "{");
        const RunSummary run = readRunRecord(folder).summary;
        QCOMPARE(int(run.state), state);
        QCOMPARE(run.failure, std::string(state == int(RunState::Failed) ? "The card is gone." : ""));
    }

    // Going on that comes to nothing leaves a run what it was: by an error, and by a process that is killed.
    void aRunThatCouldNotGoOnStaysWhatItWas_data() {
        QTest::addColumn<bool>("killed");
        QTest::newRow("an error") << false;
        QTest::newRow("a kill") << true;
    }
    void aRunThatCouldNotGoOnStaysWhatItWas() {
        QFETCH(bool, killed);
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            writer.scalar("train/loss", 11, 1);
            writer.finished(11);
        }
        const RunSummary before = RunReader(folder).summary();
        RunStart other = twoEpochs();
        other.epochs = 7;
        other.environmentJson = "{}";
        bool recorded = false;
        other.firstRecorded = [&recorded] { recorded = true; };
        {
            RunWriter writer(folder);
            writer.started(other, 10);
            QVERIFY(readRunRecord(folder).summary.state == RunState::Running);
            if (!killed)
                writer.failed(Error(ErrorKind::NotFound, "The folder /x does not exist."), 10);
        }
        const RunReader reader(folder);
        QVERIFY(reader.summary().state == RunState::Finished);
        QCOMPARE(reader.summary().epochs, before.epochs);
        QCOMPARE(reader.summary().seconds, before.seconds);
        QVERIFY(reader.summary().failure.empty());
        QCOMPARE(reader.series("train/loss").step.back(), std::int64_t(11)); // past the checkpoint, and still there
        QVERIFY(!fs::exists(folder / "environment.json"));
        QVERIFY(!recorded);
        if (!killed)
            QCOMPARE(reader.events().back().text, std::string("It could not go on: The folder /x does not exist."));
    }

    void aRunThatNeverBeganFailsWhereItCannotBegin() {
        const fs::path folder = newRun();
        RunWriter(folder).failed(Error(ErrorKind::NotFound, "The folder /x does not exist."), 0);
        const RunSummary run = readRunRecord(folder).summary;
        QVERIFY(run.state == RunState::Failed);
        QVERIFY(run.failureKind == ErrorKind::NotFound);
        RunWriter(folder).failed(Error(ErrorKind::Device, "No card."), 0); // what failed last is told
        QCOMPARE(readRunRecord(folder).summary.failure, std::string("No card."));
    }

    void whatWritersLeftThatWereKilledIsRemoved() {
        const fs::path folder = interruptedRun();
        fs::create_directories(folder / "checkpoints" / ".step-00000011.99-0.partial");
        fs::create_symlink("checkpoints/x", folder / ".last.99-1.partial");
        addLine(folder / ".summary.json.99-2.partial", "{");
        addLine(folder / ".notes.json.99-3.partial", "{"); // of a window, which needs no lock
        addLine(folder / "kept.partial", "");
        const RunWriter writer(folder);
        QVERIFY(!fs::exists(folder / "checkpoints" / ".step-00000011.99-0.partial"));
        QVERIFY(!fs::is_symlink(folder / ".last.99-1.partial"));
        QVERIFY(!fs::exists(folder / ".summary.json.99-2.partial"));
        QVERIFY(fs::exists(folder / ".notes.json.99-3.partial"));
        QVERIFY(fs::exists(folder / "kept.partial"));
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

    // The parts of a run follow each other in time, whatever the clock says.
    void timesGoOnAfterAClockWasSetBack() {
        const fs::path folder = interruptedRun();
        constexpr double kAhead = 4e9; // in the year 2096
        addLine(folder / "events.jsonl", "{\"time\": 4e9, \"kind\": \"phase\", \"text\": \"\"}\n");
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        const double began = now();
        while (now() < began + 1e-3) {
        }
        writer.scalar("train/loss", 11, 1);
        writer.flush();
        const RunReader reader(folder);
        QVERIFY(reader.events().back().time >= kAhead);
        QVERIFY(reader.series("train/loss").time.back() > reader.events().back().time);
        QVERIFY(reader.series("train/loss").time.back() < kAhead + 600);
    }

    void timesAreThoseOfTheClockWhereverItWasNotSetBack() {
        const double before = now();
        const fs::path folder = newRun();
        addLine(folder / "events.jsonl", "{\"time\": 1e9, \"kind\": \"phase\", \"text\": \"\"}\n"); // in 2001
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        writer.scalar("train/loss", 1, 1);
        writer.flush();
        const RunReader reader(folder);
        for (const double time : {reader.events().back().time, reader.series("train/loss").time.back()})
            QVERIFY(time >= before && time <= now());
    }

    void timesOfPointsCountAsWell() {
        const fs::path folder = interruptedRun();
        SeriesWriter(folder / "series" / "x.col").append(std::vector<SeriesPoint>{{1, 0, 4e9}});
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        QVERIFY(RunReader(folder).events().back().time >= 4e9);
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
        saveRunNotes(folder, true, 3, "mine");
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

    void checkpointsThatOthersReplaceAreRemoved() {
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        for (const auto& [step, best] : {std::pair{5, 1}, {10, 2}, {15, 2}, {20, 2}}) {
            tests::writeCheckpointFiles(writer.checkpointFolder(step),
                                        {.step = step, .epoch = step / 5, .bestEpoch = best, .bestAccuracy = 0.5});
            writer.checkpointDone(step);
            QCOMPARE(fs::read_symlink(folder / "last"),
                     fs::path("checkpoints") / writer.checkpointFolder(step).filename());
        }
        QCOMPARE(fs::read_symlink(folder / "best").filename(), writer.checkpointFolder(10).filename());
        QCOMPARE(fileCount(folder / "checkpoints"), std::size_t(2));
        QCOMPARE(readRunRecord(folder).summary.lastCheckpointStep, std::int64_t(20));
    }

    void aCheckpointThatIsNotWholeReplacesNothing() {
        const fs::path folder = interruptedRun();
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        tests::writeCheckpointFiles(writer.checkpointFolder(15), {.step = 15, .epoch = 1});
        fs::resize_file(writer.checkpointFolder(15) / "model.safetensors", 20);
        QVERIFY(errorOf([&] { writer.checkpointDone(15); }));
        QVERIFY(fs::exists(writer.checkpointFolder(10) / "model.safetensors"));
        QCOMPARE(readFile(folder / "last" / "trainer_state.json"),
                 readFile(writer.checkpointFolder(10) / "trainer_state.json"));
    }

    void aCopyWithoutItsCheckpointsSaysSo() {
        const fs::path folder = interruptedRun();
        fs::remove_all(folder / "checkpoints");
        const RunRecord record = readRunRecord(folder);
        QCOMPARE(record.summary.lastCheckpointStep, std::int64_t(-1));
        QCOMPARE(record.writtenCheckpointStep, std::int64_t(10));
    }

    // A window reads while a training writes.
    void aReaderBesideAWriterSeesOnlyWholeThings() {
        const fs::path folder = newRun();
        constexpr int kSteps = 3000;
        std::jthread training([&] {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            for (int step = 1; step <= kSteps; ++step) {
                writer.scalar("train/loss", step, step);
                if (step % 20 == 0)
                    writer.flush();
                if (step % 500 == 0)
                    writer.event("epoch", step, step / 500, "done");
            }
            writer.finished(kSteps);
        });
        RunReader reader(folder);
        std::size_t seen = 0;
        while (reader.summary().state != RunState::Finished) {
            reader.refresh();
            const Series& series = reader.series("train/loss");
            QVERIFY(series.step.size() >= seen);
            for (std::size_t i = seen; i < series.step.size(); ++i)
                QCOMPARE(series.step[i], std::int64_t(i + 1));
            seen = series.step.size();
            QVERIFY(reader.summary().state != RunState::Failed);
        }
        training.join();
        reader.refresh();
        QCOMPARE(reader.series("train/loss").step.size(), std::size_t(kSteps));
        QCOMPARE(std::ranges::count(reader.events(), "epoch", &RunEvent::kind), std::ptrdiff_t(6));
        QCOMPARE(std::ranges::count(reader.events(), "warning", &RunEvent::kind), std::ptrdiff_t(0));
    }
};

QTEST_APPLESS_MAIN(TestRunFolder)
#include "tst_runfolder.moc"
