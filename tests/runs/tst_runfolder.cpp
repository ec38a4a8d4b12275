// The record of a run as it grows, stops, fails and goes on.
#include "tests/runs/runbench.h"

#include <QTest>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <optional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

namespace {

void addLine(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

std::vector<EventKind> kinds(const RunReader& reader) {
    std::vector<EventKind> result;
    for (const RunEvent& event : reader.events())
        result.push_back(event.kind);
    return result;
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::size_t fileCount(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TestRunFolder final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

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
        QCOMPARE(kinds(reader), (std::vector<EventKind>{EventKind::Started, EventKind::Paused, EventKind::Resumed,
                                                        EventKind::Finished}));
    }

    void everyKindOfEventComesBackFromTheRecord() {
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        std::vector<EventKind> said{EventKind::Started};
        for (int kind = 0; kind <= static_cast<int>(EventKind::Note); ++kind) {
            said.push_back(EventKind(kind));
            writer.event(said.back(), 1, 1, "said");
        }
        QCOMPARE(kinds(RunReader(folder)), said);
    }

    void aKindOfALaterVersionIsANote() {
        const fs::path folder = newRun();
        RunWriter(folder).started(twoEpochs(), -1);
        addLine(folder / "events.jsonl", "{\"kind\": \"eclipse\", \"step\": 3, \"text\": \"dark\"}\n");
        const RunReader reader(folder);
        QCOMPARE(kinds(reader), (std::vector<EventKind>{EventKind::Started, EventKind::Note}));
        QCOMPARE(reader.events().back().text, std::string("dark"));
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
        QCOMPARE(kinds(reader), (std::vector<EventKind>{EventKind::Started}));
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        reader.refresh();
        QCOMPARE(kinds(reader), (std::vector<EventKind>{EventKind::Started, EventKind::Started}));
        QCOMPARE(kinds(RunReader(folder)), kinds(reader));
    }

    void damagedLinesDoNotHideTheOthers() {
        const fs::path folder = newRun();
        for (const char* line : {"{\"kind\": \"epoch\"}", "garbage", "[1]", "{\"kind\": 7}", "{\"time\": null}", "",
                                 "{\"kind\": \"warning\", \"text\": \"a\\nb\"}"})
            addLine(folder / "events.jsonl", std::string(line) + "\n");
        QCOMPARE(kinds(RunReader(folder)), (std::vector<EventKind>{EventKind::Epoch, EventKind::Warning}));
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
        const auto warnings = std::ranges::count(reader.events(), EventKind::Warning, &RunEvent::kind);
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
        QCOMPARE(reader.events().back().kind, EventKind::Failure);
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
        editRunNotes(folder, [](RunNotes& notes) {
            notes.starred = true;
            notes.colour = 3;
            notes.note = "two\nlines, ü";
        });
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
                    writer.event(EventKind::Epoch, step, step / 500, "done");
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
        QCOMPARE(std::ranges::count(reader.events(), EventKind::Epoch, &RunEvent::kind), std::ptrdiff_t(6));
        QCOMPARE(std::ranges::count(reader.events(), EventKind::Warning, &RunEvent::kind), std::ptrdiff_t(0));
    }
};

QTEST_APPLESS_MAIN(TestRunFolder)
#include "tst_runfolder.moc"
