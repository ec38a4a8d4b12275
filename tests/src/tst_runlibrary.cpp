#include "engine/api/queue.h"
#include "engine/runs/liverun.h"
#include "engine/runs/runsummary.h"
#include "src/comparetablemodel.h"
#include "src/metricwords.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "tests/src/madeup.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace app;
using ui::RunListState;

namespace {

// A library over a folder of its own.
struct Bench {
    QTemporaryDir folder;
    RunController controller;
    RunLibrary runs{controller};

    std::filesystem::path add(const madeup::RunWish& wish) { return madeup::run(toPath(folder.path()), wish); }
    void read() {
        QSignalSpy spy(&runs, &RunLibrary::refreshed);
        runs.setFolder(folder.path());
        runs.refresh();
        QVERIFY(spy.wait());
    }
    [[nodiscard]] QModelIndex row(const QString& name) const {
        for (int i = 0; i < runs.rowCount(); ++i)
            if (runs.index(i).data().toString() == name)
                return runs.index(i);
        return {};
    }
    [[nodiscard]] QString id(const QString& name) const { return row(name).data(ui::RunIdRole).toString(); }
};

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

int columnOf(const CompareTableModel& table, const char* head) {
    for (int i = 0; i < table.columnCount(); ++i)
        if (table.headerData(i, Qt::Horizontal, Qt::DisplayRole).toString() == text(head))
            return i;
    return -1;
}

QStringList headsOf(const CompareTableModel& table, int count) {
    QStringList heads;
    for (int i = 0; i < count; ++i)
        heads.append(table.headerData(i, Qt::Horizontal, Qt::DisplayRole).toString());
    return heads;
}

// What the row of a run says in a column.
QVariant saidOf(const CompareTableModel& table, const char* run, int column, int role = Qt::DisplayRole) {
    for (int row = 0; row < table.rowCount(); ++row)
        if (table.index(row, 0).data().toString() == text(run))
            return table.index(row, column).data(role);
    return {};
}

} // namespace

class TestRunLibrary final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        madeup::errorMetrics();
    }

    void aMetricIsWrittenAsItsRowSays() {
        const auto said = [](const char* metric, double value) {
            return formatMetric(engine::findMetric(metric), value);
        };
        QCOMPARE(said("accuracy", 0.9134), text("91.3 %"));
        QCOMPARE(said("f1", 0.5), text("50.0 %"));
        QCOMPARE(said("loss", 0.42134), text("0.421"));
        QCOMPARE(said("mean_squared_error", 0.42134), text("0.4213"));
        QCOMPARE(said("mean_error", 12.14), text("12.1 px"));
        QCOMPARE(said("mean_error", 1234.4), text("1,234 px"));
        QCOMPARE(said("mean_error", std::nan("")), text("–"));
        QCOMPARE(said("of_a_later_version", 0.5), text("0.5000"));
        QCOMPARE(conditionExample(engine::findMetric("accuracy")), text("accuracy > 95"));
        QCOMPARE(conditionExample(engine::findMetric("mean_error")), text("error < 0.1"));
        QVERIFY(isExclusive("image-classification"));
        QVERIFY(!isExclusive("multi-label"));
        QVERIFY(!isExclusive("of-a-later-version"));
    }

    void aFinishedRunSaysWhatItReached() {
        engine::RunSummary run;
        QCOMPARE(finishedWords(text("parts"), run), text("parts finished"));
        run.best = {{"validation/accuracy", 0.961}, {"validation/mean_squared_error", 0.03123}};
        QCOMPARE(finishedWords(text("parts"), run), text("parts finished at 96.1 %"));
        run.monitor = "mean_squared_error";
        QCOMPARE(finishedWords(text("parts"), run), text("parts finished at mean squared error 0.0312"));
        QCOMPARE(bestWords(run), text("0.0312"));
    }

    void ofAnErrorTheLeastIsTheBest() {
        Bench bench;
        bench.add({.name = "rough", .task = "regression", .measured = {{"mean_squared_error", 0.25, 0.1}}});
        bench.add({.name = "fine", .task = "regression", .measured = {{"mean_squared_error", 0.03123, 0.1}}});
        CompareTableModel table(bench.runs);
        const QAbstractItemModelTester tester(&table);
        bench.read();
        QCOMPARE(bench.row(text("fine")).data(ui::RunBestRole).toString(), text("0.0312"));
        QCOMPARE(headsOf(table, 5), (QStringList{text("Run"), text("Best mean squared error"), text("Last"),
                                                 text("Best at epoch"), text("Loss there")}));
        QCOMPARE(saidOf(table, "rough", 1).toString(), text("0.2500"));
        QVERIFY(saidOf(table, "fine", 1, ui::RunBestInColumnRole).toBool());
        QVERIFY(!saidOf(table, "rough", 1, ui::RunBestInColumnRole).toBool());
        QVERIFY(saidOf(table, "fine", 2, ui::RunBestInColumnRole).toBool());
        QCOMPARE(table.headerData(1, Qt::Horizontal, Qt::InitialSortOrderRole).value<Qt::SortOrder>(),
                 Qt::AscendingOrder);
        QCOMPARE(table.firstMetric().name, std::string("mean_squared_error"));
    }

    void runsThatAreJudgedDifferentlyHaveTheirOwnColumns() {
        Bench bench;
        bench.add({.name = "classes", .accuracy = 0.9});
        bench.add({.name = "waits", .end = engine::RunState::Queued});
        CompareTableModel table(bench.runs);
        const QAbstractItemModelTester tester(&table);
        bench.read();
        QCOMPARE(headsOf(table, 4),
                 (QStringList{text("Run"), text("Best accuracy"), text("Last"), text("Best at epoch")}));
        QCOMPARE(table.headerData(1, Qt::Horizontal, Qt::InitialSortOrderRole).value<Qt::SortOrder>(),
                 Qt::DescendingOrder);
        bench.add({.name = "later", .measured = {{"gradient_fit", 0.5, -0.1}}});
        bench.runs.refresh();
        QTRY_COMPARE(table.rowCount(), 3);
        QTRY_COMPARE(headsOf(table, 6),
                     (QStringList{text("Run"), text("Best accuracy"), text("Last accuracy"), text("Best gradient fit"),
                                  text("Last gradient fit"), text("Best at epoch")}));
        QCOMPARE(saidOf(table, "classes", 1).toString(), text("90.0 %"));
        QCOMPARE(saidOf(table, "classes", 3).toString(), text("–"));
        QCOMPARE(saidOf(table, "later", 1).toString(), text("–"));
        QTRY_COMPARE(saidOf(table, "later", 3).toString(), text("0.5000")); // a look may fall into its making
        QCOMPARE(columnOf(table, "Loss there"), 6);
    }

    void aRunThatIsJudgedByItsLossHasItOnce() {
        Bench bench;
        bench.add({.name = "by loss", .measured = {{"loss", 0.12345, 0.1}}});
        CompareTableModel table(bench.runs);
        bench.read();
        QCOMPARE(headsOf(table, 4), (QStringList{text("Run"), text("Best loss"), text("Last"), text("Best at epoch")}));
        QCOMPARE(columnOf(table, "Loss there"), -1);
        QCOMPARE(saidOf(table, "by loss", 1).toString(), text("0.123"));
    }

    void runsAreListedNewestFirstWithWhatTheyReached() {
        Bench bench;
        bench.add({.name = "older", .accuracy = 0.8});
        bench.add({.name = "newer", .accuracy = 0.913});
        const QAbstractItemModelTester tester(&bench.runs);
        bench.read();
        QCOMPARE(bench.runs.rowCount(), 2);
        QCOMPARE(bench.row(text("newer")).data(ui::RunBestRole).toString(), text("91.3 %"));
        QVERIFY(bench.row(text("newer")).data(ui::RunLineRole).toString().startsWith(text("Today")));
    }

    void aResumeThatIsRefusedLeavesTheRunWhatItWas() {
        Bench bench;
        const auto folder = bench.add({.name = "done"}); // its pictures are nowhere
        QSignalSpy ended(&bench.controller, &RunController::ended);
        bench.controller.resume(words(folder), {{"train.epochs", "6"}});
        QVERIFY(ended.wait(20'000));
        const auto summary = ended.first().at(1).value<engine::RunSummary>();
        QVERIFY(summary.state == engine::RunState::Finished);
        QVERIFY(!summary.failure.empty());
        QCOMPARE(summary.name, std::string("done"));
    }

    void aRunThatAnotherProgramTrainsIsSeenAndSteered() {
        Bench bench;
        const auto folder = bench.add({.name = "elsewhere", .epochs = 9, .done = 1, .end = engine::RunState::Running});
        const engine::RunLock trained(folder);
        engine::RunControl control;
        engine::StepRequests requests;
        const engine::CommandListener listener(folder, control, requests);
        engine::FolderProgress told(folder, nullptr);
        engine::Progress progress;
        progress.phase = engine::Phase::Training;
        progress.epoch = 2;
        progress.epochs = 9;
        progress.leftSeconds = 90;
        told.onProgress(progress);
        bench.read();
        QTRY_COMPARE(bench.row(text("elsewhere")).data(ui::RunLineRole).toString(), text("Epoch 2 of 9 · 1:30 left"));
        QVERIFY(!bench.controller.busy());
        bench.controller.ask(folder, engine::RunCommand::Pause);
        QTRY_VERIFY(control.paused());
        bench.controller.ask(folder, engine::RunCommand::Stop);
        QTRY_VERIFY(control.stopRequested());
        QSignalSpy failed(&bench.controller, &RunController::failed);
        bench.controller.ask(bench.add({.name = "done"}), engine::RunCommand::Stop);
        QVERIFY(failed.wait());
    }

    void everyStateHasItsWord() {
        Bench bench;
        bench.add({.name = "stopped", .done = 2, .end = engine::RunState::Stopped});
        bench.add({.name = "failed", .done = 1, .end = engine::RunState::Failed});
        bench.add({.name = "left", .done = 1, .end = engine::RunState::Running});
        bench.add({.name = "waiting", .end = engine::RunState::Queued});
        bench.read();
        const auto state = [&](const char* name) {
            return static_cast<RunListState>(bench.row(text(name)).data(ui::RunStateRole).toInt());
        };
        const auto line = [&](const char* name) { return bench.row(text(name)).data(ui::RunLineRole).toString(); };
        QCOMPARE(state("stopped"), RunListState::Stopped);
        QVERIFY(line("stopped").startsWith(text("Stopped in epoch 3")));
        QCOMPARE(state("failed"), RunListState::Failed);
        QVERIFY(line("failed").contains(text("memory")));
        QCOMPARE(state("left"), RunListState::Interrupted);
        QCOMPARE(state("waiting"), RunListState::NotStarted); // it is in no queue
        QCOMPARE(line("waiting"), text("Not started"));
    }

    void aRunWhoseRecordIsDamagedIsListedWithWhatIsThere() {
        Bench bench;
        const auto folder = bench.add({.name = "hurt", .accuracy = 0.8});
        std::filesystem::resize_file(folder / "summary.json", 20);
        bench.read();
        QVERIFY(bench.row(text("hurt")).isValid()); // and its name is not given to another run
        QCOMPARE(bench.row(text("hurt")).data(ui::RunLineRole).toString(),
                 text("summary.json cannot be read; curves and 1 checkpoint are there."));
        QCOMPARE(bench.row(text("hurt")).data(ui::RunBestRole).toString(), text("80.0 %"));
    }

    void everyRunKeepsItsOwnColour() {
        Bench bench;
        for (const char* name : {"a", "b", "c"})
            bench.add({.name = name});
        bench.read();
        QMap<QString, int> colours;
        for (const char* name : {"a", "b", "c"})
            colours.insert(text(name), bench.row(text(name)).data(ui::RunColourRole).toInt());
        QCOMPARE(QSet<int>(colours.cbegin(), colours.cend()), (QSet<int>{1, 2, 3}));
        bench.runs.remove({bench.id(text("a"))});
        QTRY_COMPARE(bench.runs.rowCount(), 2);
        // Another reader sees the same colours: they are kept in the runs.
        RunLibrary again(bench.controller);
        QSignalSpy spy(&again, &RunLibrary::refreshed);
        again.setFolder(bench.folder.path());
        QVERIFY(spy.wait());
        for (int i = 0; i < again.rowCount(); ++i)
            QCOMPARE(again.index(i).data(ui::RunColourRole).toInt(), colours.value(again.index(i).data().toString()));
    }

    void starAndNoteAreKeptInTheRun() {
        Bench bench;
        const auto folder = bench.add({.name = "one"});
        bench.read();
        bench.runs.setStarred(bench.id(text("one")), true);
        bench.runs.setNote(bench.id(text("one")), text("warm-up was too short"));
        QVERIFY(bench.row(text("one")).data(ui::RunStarredRole).toBool());
        QTRY_COMPARE(words(engine::RunReader(folder).summary().note), text("warm-up was too short"));
        QVERIFY(engine::RunReader(folder).summary().starred);
        bench.runs.refresh();
        QTest::qWait(0);
        QVERIFY(bench.row(text("one")).data(ui::RunStarredRole).toBool());
    }

    void ticksAreRememberedForTheFolder() {
        Bench bench;
        bench.add({.name = "one"});
        bench.add({.name = "two"});
        bench.read();
        const QString id = bench.id(text("two"));
        bench.runs.setTicked(id, true);
        QCOMPARE(bench.runs.ticked(), QStringList{id});
        RunLibrary again(bench.controller);
        QSignalSpy spy(&again, &RunLibrary::refreshed);
        again.setFolder(bench.folder.path());
        QVERIFY(spy.wait());
        QCOMPARE(again.ticked(), QStringList{id});
    }

    void deletingTakesTheFolderAway() {
        Bench bench;
        const auto folder = bench.add({.name = "one"});
        bench.read();
        QSignalSpy removed(&bench.runs, &RunLibrary::removed);
        bench.runs.remove({bench.id(text("one"))});
        QVERIFY(removed.wait());
        QVERIFY(!std::filesystem::exists(folder));
        QTRY_COMPARE(bench.runs.rowCount(), 0);
    }

    void deletingCanBeUndone() {
        Bench bench;
        const auto folder = bench.add({.name = "one", .accuracy = 0.8});
        bench.read();
        const QString id = bench.id(text("one"));
        bench.runs.setTicked(id, true);
        QSignalSpy removed(&bench.runs, &RunLibrary::removed);
        bench.runs.remove({id});
        QVERIFY(removed.wait());
        QTRY_COMPARE(bench.runs.rowCount(), 0);
        bench.runs.forget(); // it was deleted just now
        bench.runs.bringBack({id});
        QTRY_COMPARE(bench.runs.rowCount(), 1);
        QCOMPARE(bench.row(text("one")).data(ui::RunBestRole).toString(), text("80.0 %"));
        QVERIFY(bench.runs.isTicked(id));
        QVERIFY(std::filesystem::exists(folder));
    }

    void aNameTagsAndTheArchiveAreKeptInTheRun() {
        Bench bench;
        const auto folder = bench.add({.name = "one"});
        bench.read();
        const QString id = bench.id(text("one"));
        bench.runs.setName(id, text("short warm-up"));
        bench.runs.setTags(id, {text("baseline"), text("keep")});
        bench.runs.setArchived(id, true);
        QCOMPARE(bench.row(text("short warm-up")).data(ui::RunTagsRole).toStringList(),
                 (QStringList{text("baseline"), text("keep")}));
        QTRY_VERIFY(engine::readRunNotes(folder).archived);
        const auto notes = engine::readRunNotes(folder);
        QCOMPARE(notes.name, std::string("short warm-up"));
        QCOMPARE(notes.tags, (std::vector<std::string>{"baseline", "keep"}));
        QVERIFY(notes.colour > 0); // what was noted before stays
        // What another program notes is not overwritten by a change of something else.
        engine::editRunNotes(folder, [](engine::RunNotes& other) { other.note = "from elsewhere"; });
        bench.runs.setStarred(id, true);
        QTRY_VERIFY(engine::readRunNotes(folder).starred);
        QCOMPARE(engine::readRunNotes(folder).note, std::string("from elsewhere"));
    }

    void theQueueIsShownAsItsFileHasIt() {
        Bench bench;
        const auto first = bench.add({.name = "first", .end = engine::RunState::Queued});
        const auto second = bench.add({.name = "second", .end = engine::RunState::Queued});
        engine::addToQueue({.folder = second}); // by another program, or before this window was opened
        engine::addToQueue({.folder = first});
        bench.controller.setFolder(bench.folder.path());
        bench.read();
        QTRY_COMPARE(bench.row(text("second")).data(ui::RunPlaceRole).toInt(), 0);
        QCOMPARE(bench.row(text("first")).data(ui::RunPlaceRole).toInt(), 1);
        QVERIFY(bench.row(text("first")).data(ui::RunQueueStandsRole).toBool());
        QVERIFY(!bench.controller.busy()); // it begins when it is told to
        QCOMPARE(bench.row(text("second")).data(ui::RunLineRole).toString(), text("Begins when you press Start queue"));
        QCOMPARE(bench.row(text("first")).data(ui::RunLineRole).toString(), text("Number 2 in the queue"));
        bench.controller.runQueue().move(bench.id(text("first")), 0);
        QTRY_COMPARE(bench.row(text("first")).data(ui::RunPlaceRole).toInt(), 0);
        QCOMPARE(engine::queuedRuns(toPath(bench.folder.path())).at(0).folder, first);
        bench.controller.runQueue().takeOut({bench.id(text("first"))});
        QTRY_COMPARE(bench.row(text("first")).data(ui::RunStateRole).toInt(), int(RunListState::NotStarted));
        {
            const engine::QueueRunner other(toPath(bench.folder.path()), "A command line");
            QTRY_VERIFY(!bench.row(text("second")).data(ui::RunQueueStandsRole).toBool()); // somebody trains it
            QSignalSpy elsewhere(&bench.controller, &RunController::waitsElsewhere);
            bench.controller.startQueue();
            QVERIFY(elsewhere.wait());
            QVERIFY(elsewhere.first().at(0).toString().startsWith(text("A command line (process ")));
            QVERIFY(!bench.controller.busy());
        }
        QTRY_VERIFY(bench.row(text("second")).data(ui::RunQueueStandsRole).toBool());
    }

    void whenARunStartsIsKnownWhereItIsOfAllBefore() {
        Bench bench;
        const double seconds[] = {60, 30, 0, 10};
        for (int i = 0; i < 4; ++i)
            engine::addToQueue({.folder = bench.add({.name = std::to_string(i), .end = engine::RunState::Queued}),
                                .changes = {},
                                .aboutSeconds = seconds[i]});
        RunQueue queue;
        QSignalSpy changed(&queue, &RunQueue::changed);
        queue.setFolder(bench.folder.path());
        QVERIFY(changed.wait());
        QCOMPARE(queue.secondsBefore(0), std::optional(0.0));
        QCOMPARE(queue.secondsBefore(2), std::optional(90.0));
        QVERIFY(!queue.secondsBefore(3));
        bench.controller.setFolder(bench.folder.path());
        QTRY_COMPARE(bench.controller.queue().size(), 4);
        QVERIFY(!bench.controller.secondsToStart(bench.controller.queue().first())); // nothing runs
    }

    void theQueueGoesOnOnlyAsLongAsItIsToldTo() {
        Bench bench;
        QStringList names;
        for (const char* name : {"first", "second"}) { // their pictures are nowhere: each fails at once
            engine::addToQueue({.folder = bench.add({.name = name, .end = engine::RunState::Queued})});
            names.append(text(name));
        }
        bench.controller.setFolder(bench.folder.path());
        bench.read();
        QStringList ended;
        connect(&bench.controller, &RunController::ended, &bench.runs,
                [&](const QString&, const engine::RunSummary& run) { ended.append(words(run.name)); });
        QSignalSpy idle(&bench.controller, &RunController::idle);
        bench.controller.startQueue();
        QVERIFY(idle.wait(20'000));
        QCOMPARE(ended, names);
        QVERIFY(engine::queuedRuns(toPath(bench.folder.path())).empty());
        QTRY_VERIFY(engine::whoRunsQueue(toPath(bench.folder.path())).empty()); // others may
    }

    void anotherFolderShowsOnlyItsOwnRuns() {
        Bench bench;
        bench.add({.name = "here"});
        bench.read();
        QTemporaryDir other;
        madeup::run(toPath(other.path()), {.name = "there"});
        bench.runs.setFolder(other.path());
        QTRY_COMPARE(bench.runs.rowCount(), 1);
        QCOMPARE(bench.runs.index(0).data().toString(), text("there"));
    }

    void aFolderThatMayOnlyBeReadIsListedWithoutComplaint() {
        Bench bench;
        const auto run = bench.add({.name = "borrowed"});
        const QString folder = words(run);
        // A folder in the file's place: the colour cannot be kept, whoever runs the test.
        QDir(folder).mkpath(text("notes.json/kept"));
        QSignalSpy failures(&bench.runs, &RunLibrary::failed);
        bench.read();
        const int colour = bench.runs.colourOf(bench.id(text("borrowed")));
        bench.read();
        bench.read();
        QCOMPARE(bench.runs.colourOf(bench.id(text("borrowed"))), colour);
        QCOMPARE(failures.count(), 0);
        bench.runs.setStarred(bench.id(text("borrowed")), true); // what the person asks for is told
        QTRY_COMPARE(failures.count(), 1);
    }

    void theTableMarksTheBestOfAColumn() {
        Bench bench;
        bench.add({.name = "good", .accuracy = 0.95});
        bench.add({.name = "better", .accuracy = 0.97});
        bench.add({.name = "new", .end = engine::RunState::Queued});
        CompareTableModel table(bench.runs);
        const QAbstractItemModelTester tester(&table);
        bench.read();
        QCOMPARE(table.rowCount(), 3);
        int column = -1;
        for (int i = 0; i < table.columnCount(); ++i)
            if (table.headerData(i, Qt::Horizontal, Qt::DisplayRole).toString() == text("Best accuracy"))
                column = i;
        QVERIFY(column > 0);
        for (int row = 0; row < table.rowCount(); ++row) {
            const bool better = table.index(row, 0).data().toString() == text("better");
            QCOMPARE(table.index(row, column).data(ui::RunBestInColumnRole).toBool(), better);
            if (table.index(row, 0).data().toString() == text("new"))
                QCOMPARE(table.index(row, column).data().toString(), text("–"));
        }
    }

    void theLeastTimeOfTheFinishedRunsIsMarked() {
        Bench bench;
        for (const auto& [name, seconds, end] : {std::tuple("slow", 90, engine::RunState::Finished),
                                                 {"quick", 30, engine::RunState::Finished},
                                                 {"stopped", 5, engine::RunState::Stopped}}) {
            QFile summary(words(bench.add({.name = name, .end = end}) / "summary.json"));
            QVERIFY(summary.open(QIODevice::ReadWrite));
            QJsonObject record = QJsonDocument::fromJson(summary.readAll()).object();
            record[text("seconds")] = seconds;
            summary.resize(0);
            summary.write(QJsonDocument(record).toJson());
        }
        CompareTableModel table(bench.runs);
        bench.read();
        int column = 0;
        while (table.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString() != text("Time"))
            ++column;
        for (int row = 0; row < table.rowCount(); ++row)
            QCOMPARE(table.index(row, column).data(ui::RunBestInColumnRole).toBool(),
                     table.index(row, 0).data().toString() == text("quick"));
    }

    void fourSettingsThatDifferHaveColumns() {
        Bench bench;
        const QString one = words(bench.add({.name = "one"}).filename());
        const QString two = words(bench.add({.name = "two"}).filename());
        CompareTableModel table(bench.runs);
        bench.read();
        const int before = table.columnCount();
        engine::Experiment other;
        other.seed = 99;
        other.train.epochs = 77;
        other.train.batchSize = 7;
        other.train.accumulate = 3;
        other.train.learningRate = 0.5;
        table.setExperiments({{one, {}}, {two, other}});
        QCOMPARE(table.columnCount(), before + 4);
    }

    void theTableHasAColumnForASettingThatDiffers() {
        Bench bench;
        const auto slow = madeup::run(toPath(bench.folder.path()), {.name = "slow"}, 1e-4);
        const auto fast = madeup::run(toPath(bench.folder.path()), {.name = "fast"}, 1e-2);
        CompareTableModel table(bench.runs);
        const QAbstractItemModelTester tester(&table);
        bench.read();
        const int before = table.columnCount();
        table.setExperiments({{words(slow.filename()), engine::readExperiment(slow / "experiment.toml")},
                              {words(fast.filename()), engine::readExperiment(fast / "experiment.toml")}});
        QCOMPARE(table.columnCount(), before + 1);
        QCOMPARE(table.headerData(before, Qt::Horizontal, Qt::DisplayRole).toString(), text("Learning rate"));
        QSet<QString> values;
        for (int row = 0; row < table.rowCount(); ++row)
            values.insert(table.index(row, before).data().toString());
        QCOMPARE(values, (QSet<QString>{text("0.0001"), text("0.01")}));
    }
};

QTEST_MAIN(TestRunLibrary)
#include "tst_runlibrary.moc"
