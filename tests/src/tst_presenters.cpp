#include "engine/api/metrics.h"
#include "engine/api/train.h"
#include "engine/runs/runwriter.h"
#include "src/answer.h"
#include "src/backbonewords.h"
#include "src/comparepresenter.h"
#include "src/experimentdocument.h"
#include "src/freezeedit.h"
#include "src/livepresenter.h"
#include "src/livewords.h"
#include "src/runcontroller.h"
#include "src/runcurves.h"
#include "src/runlibrary.h"
#include "src/runplan.h"
#include "src/setuppresenter.h"
#include "src/setupwords.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/charts/chart.h"
#include "ui/compare/comparepage.h"
#include "ui/compare/confusionview.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/controls/thumbnailgrid.h"
#include "ui/live/livepage.h"
#include "ui/setup/setuppage.h"
#include "ui/setup/thawtimeline.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QHelpEvent>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QSemaphore>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>
#include <QTreeView>

#include <algorithm>
#include <cmath>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

struct SetupBench {
    QTemporaryDir folder;
    ui::SetupPage page;
    ExperimentDocument document;
    SetupPresenter presenter{page, document};

    SetupBench() { document.startNew({}, folder.path()); }
    void usePictures() {
        madeup::pictures(folder.filePath(text("pictures")), 3, 6);
        Q_EMIT page.valueEdited(text("model.backbone"), text("squeezenet1_1"));
        Q_EMIT page.valueEdited(text("model.weights"), text("none"));
        Q_EMIT page.valueEdited(text("data.path"), folder.filePath(text("pictures")));
    }
};

// What the matrix says about each of its cells, and where.
QMap<QString, QPoint> cellsOf(QWidget& view) {
    QMap<QString, QPoint> cells;
    static_cast<void>(view.grab()); // drawn, wherever the page is scrolled to
    for (int y = 0; y < view.height(); y += 8)
        for (int x = 0; x < view.width(); x += 8) {
            QHelpEvent asked(QEvent::ToolTip, {x, y}, view.mapToGlobal(QPoint(x, y)));
            QApplication::sendEvent(&view, &asked);
            if (QToolTip::text().contains(text(" taken for ")) && !cells.contains(QToolTip::text()))
                cells.insert(QToolTip::text(), {x, y});
        }
    QToolTip::hideText();
    return cells;
}

const ui::MetricCurves& metricOf(const RunCurves& curves, const char* name) {
    static const ui::MetricCurves none;
    for (const auto& metric : curves.curves().metrics)
        if (metric.name == text(name))
            return metric;
    return none;
}

QStringList titlesOf(const QWidget& page) {
    QStringList titles;
    for (const auto* chart : page.findChildren<ui::Chart*>())
        if (chart->isVisibleTo(&page))
            titles.append(chart->title());
    return titles;
}

// All that a view says under the mouse.
QStringList tipsOf(QWidget& view) {
    QStringList tips;
    static_cast<void>(view.grab());
    for (int y = 0; y < view.height(); y += 16)
        for (int x = 0; x < view.width(); x += 16) {
            QHelpEvent asked(QEvent::ToolTip, {x, y}, view.mapToGlobal(QPoint(x, y)));
            QApplication::sendEvent(&view, &asked);
            if (!QToolTip::text().isEmpty() && !tips.contains(QToolTip::text()))
                tips.append(QToolTip::text());
        }
    QToolTip::hideText();
    return tips;
}

// The first convolution of SqueezeNet alone, as a safetensors file.
void writeStem(const QString& path) {
    const QByteArray header = R"({"features.0.weight":{"dtype":"F32","shape":[64,3,3,3],"data_offsets":[0,6912]}})";
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    const quint64 length = static_cast<quint64>(header.size());
    file.write(reinterpret_cast<const char*>(&length), sizeof length);
    file.write(header + QByteArray(6912, '\0'));
}

// How often fast answers overtake slow ones decides no test: the slow one waits for a semaphore.
struct Owner final : QObject {
    Answer<int> answer;
    QList<int> seen;
    Background background{2};
    void ask(const QString& question, int value, QSemaphore* gate = nullptr) {
        answer.ask(
            background, question,
            [value, gate](const std::stop_token&) {
                if (gate)
                    gate->acquire();
                return value;
            },
            [this] { seen.append(answer.value() ? *answer.value() : -1); });
    }
};

} // namespace

class TestPresenters final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        engine::addMetric({.name = "mean_squared_error",
                           .label = "Mean squared error",
                           .unit = {},
                           .better = engine::Better::Lower,
                           .format = engine::MetricFormat::Number,
                           .meaning = {}});
        ui::Theme::install(*qApp);
    }

    void anAnswerToAnOldQuestionIsDropped() {
        Owner owner;
        QSemaphore gate;
        owner.ask(text("old"), 1, &gate);
        owner.ask(text("new"), 2);
        QTRY_COMPARE(owner.seen, QList<int>{2});
        gate.release();
        QTest::qWait(50);
        QCOMPARE(owner.seen, QList<int>{2});
        QCOMPARE(*owner.answer.value(), 2);
    }

    void theSameQuestionIsAskedOnce() {
        Owner owner;
        owner.ask(text("same"), 1);
        QTRY_COMPARE(owner.seen.size(), 1);
        owner.ask(text("same"), 2);
        QTest::qWait(20);
        QCOMPARE(owner.seen, QList<int>{1});
        owner.answer.clear();
        owner.ask(text("same"), 3);
        QTRY_COMPARE(owner.seen, (QList<int>{1, 3}));
    }

    void aGrowingRunIsAppendedAndAResumedOneTakesPointsBack() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.epochs = 6, .done = 2, .end = engine::RunState::Stopped});
        engine::RunReader reader(run);
        RunCurves curves({}, {});
        curves.read(reader);
        QCOMPARE(metricOf(curves, "loss").train.step.size(), 10);
        QCOMPARE(metricOf(curves, "accuracy").validation.step.size(), 2);
        QCOMPARE(curves.curves().stepsPerEpoch, 5.0);
        {
            engine::RunWriter writer(run);
            writer.started({.task = "image-classification",
                            .monitor = "accuracy",
                            .classes = {"ant", "bee"},
                            .device = "cpu",
                            .epochs = 6,
                            .steps = 30},
                           8);
            for (std::int64_t step = 9; step <= 12; ++step)
                writer.scalar("train/loss", step, 5.0);
            writer.stopped(12);
        }
        reader.refresh();
        curves.read(reader);
        const ui::Curve& loss = metricOf(curves, "loss").train;
        QCOMPARE(loss.step.size(), 12);
        QCOMPARE(loss.value.at(8), 5.0);
        QCOMPARE(loss.value.at(7), static_cast<double>(1.0F / 8));
        QVERIFY(std::is_sorted(loss.seconds.begin(), loss.seconds.end()));
    }

    void aLongSeriesIsThinnedButKeepsItsSpikes() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.end = engine::RunState::Queued});
        constexpr int kSteps = 60'000;
        {
            engine::RunWriter writer(run);
            writer.started(
                {.task = "image-classification", .monitor = "accuracy", .device = "cpu", .epochs = 1, .steps = kSteps},
                -1);
            for (int step = 1; step <= kSteps; ++step)
                writer.scalar("train/loss", step, step == 31'234 ? 99.0 : step == 47'111 ? -7.0 : 1.0);
            writer.finished(kSteps);
        }
        const engine::RunReader reader(run);
        RunCurves curves({}, {});
        curves.read(reader);
        const ui::Curve& loss = metricOf(curves, "loss").train;
        QVERIFY(loss.step.size() <= 20'000);
        QVERIFY(loss.value.contains(99.0));
        QVERIFY(loss.value.contains(-7.0));
        QVERIFY(std::is_sorted(loss.step.begin(), loss.step.end()));
    }

    void aLongSeriesThatRunsIsReadAgainWhenItsGrowthCanBeSeen() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.end = engine::RunState::Queued});
        constexpr int kSteps = 30'000;
        engine::RunWriter writer(run);
        writer.started(
            {.task = "image-classification", .monitor = "accuracy", .device = "cpu", .epochs = 1, .steps = 2 * kSteps},
            -1);
        int step = 0;
        const auto grow = [&](int steps) {
            for (const int end = step + steps; step < end;)
                writer.scalar("train/loss", ++step, 1.0);
            writer.flush();
        };
        grow(kSteps);
        engine::RunReader reader(run);
        RunCurves curves({}, {});
        curves.read(reader);
        const auto lastStep = [&] {
            reader.refresh();
            curves.read(reader);
            return metricOf(curves, "loss").train.step.last();
        };
        const double read = lastStep();
        QVERIFY(read > kSteps - 10);
        grow(20);
        QCOMPARE(lastStep(), read);
        grow(100);
        QVERIFY(lastStep() > kSteps + 100);
        grow(20);
        writer.finished(step); // what ends is read to its end
        QVERIFY(lastStep() > kSteps + 130);
    }

    void aRunOutOfMemoryOffersASmallerBatchOfTheSameEffect() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.done = 2, .end = engine::RunState::Failed});
        const engine::RunReader reader(run);
        const FailureWords words = liveFailure(reader, std::nullopt); // the record says of what kind it was
        QCOMPARE(words.remedies.first(), RemedyKind::SmallerBatch);
        QVERIFY(words.remedies.contains(RemedyKind::GoOn));
        QCOMPARE(words.remedies.size(), words.failure.remedies.size());
        QVERIFY(words.failure.why.contains(text("Use a smaller batch.")));
        const engine::Experiment smaller = withSmallerBatch(reader.experiment());
        QCOMPARE(smaller.train.batchSize * smaller.train.accumulate,
                 reader.experiment().train.batchSize * reader.experiment().train.accumulate);
        QVERIFY(smaller.train.batchSize < reader.experiment().train.batchSize);
    }

    void liveShowsARunFromItsFolder() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {});
        RunController controller;
        RunLibrary library(controller);
        library.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, library);
        page.resize(1200, 800);
        page.show();
        live.show(words(run.filename()), words(run));
        QTRY_COMPARE(live.points(), 20);
        QVERIFY(live.log().contains(text("finished")));
        live.show({}, {});
        QCOMPARE(live.points(), 0);
    }

    void compareShowsTheTickedRuns() {
        QTemporaryDir folder;
        madeup::run(toPath(folder.path()), {.name = "one"});
        madeup::run(toPath(folder.path()), {.name = "two"});
        RunController controller;
        RunLibrary library(controller);
        ui::ComparePage page;
        ComparePresenter compare(page, library);
        page.resize(1200, 800);
        page.show();
        library.setFolder(folder.path());
        QTRY_COMPARE(library.rowCount(), 2);
        for (int row = 0; row < 2; ++row)
            library.setTicked(library.index(row).data(ui::RunIdRole).toString(), true);
        QTRY_COMPARE(compare.shownRuns(), 2);
    }

    void theConfusionIsTheBestEpochsWithTruthInRows() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.name = "one", .end = engine::RunState::Queued});
        {
            engine::RunWriter writer(run);
            writer.started({.task = "image-classification",
                            .monitor = "accuracy",
                            .classes = {"ant", "bee"},
                            .device = "cpu",
                            .epochs = 3,
                            .steps = 3},
                           -1);
            using Results = std::vector<engine::SampleResult>;
            // Two ants taken for bees, no bee for an ant: only the best epoch, the second of three, says so.
            const Results best{
                {"1", 0, 1, 0.9F, 1.F}, {"2", 0, 1, 0.9F, 1.F}, {"3", 0, 0, 0.9F, 1.F}, {"4", 1, 1, 0.9F, 1.F}};
            const Results others{{"1", 0, 0, 0.9F, 1.F}, {"4", 1, 0, 0.9F, 1.F}};
            for (int epoch = 1; epoch <= 3; ++epoch) {
                writer.samples(epoch, epoch == 2 ? best : others);
                writer.epochDone(epoch, epoch, {{"validation/accuracy", epoch == 2 ? 0.5 : 0.4}}, epoch <= 2);
            }
            writer.finished(3);
        }
        RunController controller;
        RunLibrary library(controller);
        ui::ComparePage page;
        ComparePresenter compare(page, library);
        page.resize(1200, 1600);
        page.show();
        library.setFolder(folder.path());
        QTRY_COMPARE(library.rowCount(), 1);
        library.setTicked(library.index(0).data(ui::RunIdRole).toString(), true);
        QTRY_COMPARE(compare.shownRuns(), 1);
        auto* view = page.findChild<ui::ConfusionView*>();
        QVERIFY(view);
        QTRY_COMPARE(cellsOf(*view).size(), 4);
        const auto cells = cellsOf(*view);
        QVERIFY(cells.contains(text("ant taken for ant: 1 of 3")));
        QVERIFY(cells.contains(text("ant taken for bee: 2 of 3")));
        QVERIFY(cells.contains(text("bee taken for ant: 0 of 1")));
        const QPoint wrong = cells.value(text("ant taken for bee: 2 of 3"));
        const QPoint none = cells.value(text("bee taken for ant: 0 of 1"));
        QVERIFY(wrong.y() < none.y() && wrong.x() > none.x()); // rows true, columns predicted
    }

    void theLastTwoRunsWithAResultAreTicked() {
        QTemporaryDir folder;
        for (const char* name : {"first", "second", "third"})
            madeup::run(toPath(folder.path()), {.name = name});
        madeup::run(toPath(folder.path()), {.name = "waits", .end = engine::RunState::Queued});
        RunController controller;
        RunLibrary library(controller);
        ui::ComparePage page;
        ComparePresenter compare(page, library);
        library.setFolder(folder.path());
        QTRY_COMPARE(library.rowCount(), 4);
        Q_EMIT page.tickLastTwoRequested();
        QStringList ticked;
        for (const QString& id : library.ticked())
            ticked.append(words(library.find(id)->name));
        QCOMPARE(ticked, (QStringList{text("third"), text("second")}));
    }

    void theLogSaysWhatEachEpochReached() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.done = 2, .accuracy = 0.9});
        const QList<ui::LogLine> lines = liveLog(engine::RunReader(run));
        QStringList epochs;
        for (const auto& line : lines)
            if (line.kind.startsWith(text("epoch")))
                epochs.append(line.kind + text(": ") + line.text);
        QCOMPARE(epochs, (QStringList{text("epoch 2: accuracy 90.0 %  loss 0.100"),
                                      text("epoch 1: accuracy 89.0 %  loss 0.110")}));
    }

    void whatARunMeasuresIsNamedAndWrittenByTheTable() {
        QTemporaryDir folder;
        const auto run =
            madeup::run(toPath(folder.path()),
                        {.done = 2, .task = "regression", .measured = {{"mean_squared_error", 0.03123, 0.1}}});
        const engine::RunReader reader(run);
        const auto lines = liveLog(reader);
        QVERIFY(std::ranges::any_of(lines, [](const auto& line) {
            return line.kind == text("epoch 2") && line.text == text("mean squared error 0.0312  loss 0.100");
        }));
        const auto facts = liveFacts(reader, std::nullopt);
        const auto best = std::ranges::find(facts, text("Best mean squared error"), &ui::LiveFact::name);
        QVERIFY(best != facts.end());
        QCOMPARE(best->value, text("0.0312"));
    }

    void chartsAreMadeFromTheSeriesAndTheTable() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.task = "regression",
                                                             .measured = {{"mean_squared_error", 0.03, 0.1},
                                                                          {"of_a_later_version", 0.5, -0.1},
                                                                          {"f1", 0.5, -0.1},
                                                                          {"accuracy/ant", 0.5, 0}}});
        const engine::RunReader reader(run);
        RunCurves curves({}, {});
        curves.read(reader);
        curves.read(reader); // again what is there
        QStringList labels;
        for (const auto& metric : curves.curves().metrics)
            labels.append(metric.label);
        QCOMPARE(labels,
                 (QStringList{text("Loss"), text("Mean squared error"), text("F1"), text("Of a later version")}));
        const ui::MetricCurves& error = metricOf(curves, "mean_squared_error");
        QVERIFY(error.format == ui::ChartUnit::Number);
        QVERIFY(error.train.isEmpty());
        QCOMPARE(error.validation.value.size(), 4);
        QCOMPARE(error.bestStep, 20.0);
        QVERIFY(metricOf(curves, "f1").format == ui::ChartUnit::Percent);
        QCOMPARE(metricOf(curves, "f1").bestStep, -1.0);
        QCOMPARE(metricOf(curves, "loss").train.step.size(), 20);

        ui::LivePage page;
        page.resize(1200, 800);
        page.setHeader(liveHeader(reader.summary(), ui::RunListState::Finished, std::nullopt, 1));
        page.setCurves(curves.curves());
        page.show();
        for (const auto& label : labels)
            QVERIFY2(titlesOf(page).contains(label), qPrintable(label));
        QVERIFY(!titlesOf(page).contains(text("Accuracy")));
    }

    void ofSeveralLabelsItIsSaidWhatWasMissedAndWhatWasWrong() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()),
                                     {.task = "multi-label", .measured = {{"mean_average_precision", 0.6, -0.1}}});
        RunController controller;
        RunLibrary library(controller);
        library.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, library);
        page.resize(1400, 1000);
        page.show();
        live.show(words(run.filename()), words(run));
        auto* grid = page.findChild<ui::ThumbnailGrid*>();
        QVERIFY(grid);
        const auto said = [grid] {
            QStringList made;
            for (const auto& tip : tipsOf(*grid))
                made.append(tip.section(QLatin1Char('\n'), 0, -2));
            return made;
        };
        QTRY_COMPARE(said(), (QStringList{text("missed bee\nwrongly ant"), text("wrongly ant")})); // worst first
    }

    void compareDrawsWhatTheFirstRunIsJudgedBy() {
        QTemporaryDir folder;
        madeup::run(toPath(folder.path()), {.name = "one", .measured = {{"mean_squared_error", 0.03, 0.1}}});
        madeup::run(toPath(folder.path()), {.name = "two", .measured = {{"mean_squared_error", 0.02, 0.1}}});
        RunController controller;
        RunLibrary library(controller);
        ui::ComparePage page;
        ComparePresenter compare(page, library);
        page.resize(1200, 1000);
        page.show();
        library.setFolder(folder.path());
        QTRY_COMPARE(library.rowCount(), 2);
        for (int row = 0; row < 2; ++row)
            library.setTicked(library.index(row).data(ui::RunIdRole).toString(), true);
        QTRY_COMPARE(titlesOf(page), (QStringList{text("Validation mean squared error"), text("Validation loss")}));
        QTRY_COMPARE(page.findChild<QLineEdit*>()->placeholderText(), text("Filter: name, setting, error < 0.1"));
        const auto* table = page.findChild<QTableView*>();
        QCOMPARE(table->model()->index(0, 0).data().toString(), text("two"));
        auto* chart = page.findChild<ui::Chart*>();
        chart->redrawNow();
        QVERIFY2(chart->valuesAsText().contains(text("0.03")) && chart->valuesAsText().contains(text("0.02")),
                 qPrintable(chart->valuesAsText()));
        QVERIFY(!page.findChild<QLabel*>(text("confusionNote"))->isVisible());
    }

    void runsOfSeveralLabelsHaveASentenceInPlaceOfTheConfusion() {
        QTemporaryDir folder;
        for (const char* name : {"one", "two"})
            madeup::run(toPath(folder.path()),
                        {.name = name,
                         .task = "multi-label",
                         .measured = {{"mean_average_precision", 0.6, -0.1}, {"f1", 0.5, -0.1}}});
        RunController controller;
        RunLibrary library(controller);
        ui::ComparePage page;
        ComparePresenter compare(page, library);
        page.resize(1200, 1000);
        page.show();
        library.setFolder(folder.path());
        QTRY_COMPARE(library.rowCount(), 2);
        for (int row = 0; row < 2; ++row)
            library.setTicked(library.index(row).data(ui::RunIdRole).toString(), true);
        const auto* note = page.findChild<QLabel*>(text("confusionNote"));
        QTRY_COMPARE(note->text(), text("These runs give several labels to a picture, so none is taken for another."));
        QVERIFY(note->isVisible());
        QVERIFY(!page.findChild<ui::ConfusionView*>()->isVisible());
        QCOMPARE(titlesOf(page), (QStringList{text("Validation mean average precision"), text("Validation loss")}));
    }

    void theHeaderOffersWhatTheStateAllows() {
        using State = ui::RunListState;
        engine::RunSummary run;
        const auto offers = [&run](State state) {
            const ui::LiveHeader header = liveHeader(run, state, std::nullopt, 1);
            return std::pair(header.canResume, header.canExtend);
        };
        run.lastCheckpointStep = -1;
        QCOMPARE(offers(State::Stopped), std::pair(true, false));
        QCOMPARE(offers(State::Failed), std::pair(false, false));
        QCOMPARE(offers(State::Finished), std::pair(false, false));
        run.lastCheckpointStep = 5;
        QCOMPARE(offers(State::Failed), std::pair(true, false));
        QCOMPARE(offers(State::Finished), std::pair(false, true));
        QCOMPARE(offers(State::Running), std::pair(false, false));
    }

    void theFlagOfTheLossStandsWhereItWasLeast() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.end = engine::RunState::Queued});
        {
            engine::RunWriter writer(run);
            writer.started(
                {.task = "image-classification", .monitor = "accuracy", .device = "cpu", .epochs = 3, .steps = 3}, -1);
            for (const auto& [step, loss] : {std::pair(1, 3.0), {2, 1.0}, {3, 2.0}})
                writer.scalar("validation/loss", step, loss);
            writer.finished(3);
        }
        RunCurves curves({}, {});
        curves.read(engine::RunReader(run));
        QCOMPARE(metricOf(curves, "loss").bestStep, 2.0);
    }

    void timeDoesNotRunWhileTheRunStoodStill() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.done = 1, .stepsPerEpoch = 1});
        const double at = engine::RunReader(run).series("train/loss").time.front();
        // Begun a minute before that point, of which it stood still for half a minute.
        QFile events(words(run / "events.jsonl"));
        QVERIFY(events.open(QIODevice::WriteOnly));
        for (const auto& [before, kind] : {std::pair(60, "started"), {50, "stopped"}, {20, "started"}})
            events.write(QStringLiteral("{\"time\": %1, \"kind\": \"%2\", \"step\": 0}\n")
                             .arg(at - before, 0, 'f', 3)
                             .arg(text(kind))
                             .toUtf8());
        events.close();
        QFile summary(words(run / "summary.json"));
        QVERIFY(summary.open(QIODevice::ReadWrite));
        QJsonObject record = QJsonDocument::fromJson(summary.readAll()).object();
        record[text("started_at")] = at - 60;
        summary.resize(0);
        summary.write(QJsonDocument(record).toJson());
        summary.close();
        RunCurves curves({}, {});
        curves.read(engine::RunReader(run));
        const double seconds = metricOf(curves, "loss").train.seconds.first();
        QVERIFY2(std::abs(seconds - 30) < 0.1, qPrintable(QString::number(seconds)));
    }

    void theMappingCountsWhatMatchesOfAll() {
        engine::WeightsReport report;
        report.matched = 3;
        report.renamed = report.reshaped = 1;
        report.fresh = 2;
        report.missing = 3;
        report.pretrainedShare = 0.5;
        const ui::WeightsState half = mappingState(text("net.pth"), report);
        QCOMPARE(half.words, text("5 of 10 tensors match"));
        QCOMPARE(half.tone, ui::Tone::Warning);
        report.pretrainedShare = 0.95;
        QCOMPARE(mappingState(text("net.pth"), report).tone, ui::Tone::Success);
        report.pretrainedShare = 0;
        QCOMPARE(mappingState(text("net.pth"), report).tone, ui::Tone::Danger);
    }

    void thePlanOfARunCountsItsClasses() {
        QTemporaryDir folder;
        engine::Experiment experiment;
        experiment.model.backbone = "cifar_resnet20";
        const RunPlan plan = readRunPlan(engine::createRun(experiment, toPath(folder.path())), 4);
        QCOMPARE(plan.tree.back().parameters, std::int64_t(64 * 4 + 4));
    }

    void setupChecksTheDataAndIsReady() {
        SetupBench bench;
        QVERIFY(!bench.presenter.canTrain());
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        const auto* report = bench.presenter.analysis().data().value();
        QVERIFY(report);
        QCOMPARE(report->trainSamples, 18);
        QCOMPARE(report->classes.size(), std::size_t{3});
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().estimate().value(), 30'000);
        QCOMPARE(bench.page.value(text("data.path")), bench.folder.filePath(text("pictures")));
    }

    void otherPicturesTakeTheirSplitAndTheirNameFromThemselves() {
        SetupBench bench;
        engine::Experiment sample;
        sample.name = "pictures";
        madeup::pictures(bench.folder.filePath(text("pictures")), 3, 6);
        sample.data.path = toPath(bench.folder.filePath(text("pictures")));
        sample.data.train = "train";
        sample.data.validation = "val";
        sample.data.leaveOut = {"train/class0/0.png"};
        sample.data.layout = "split";
        sample.model.weights = "none";
        sample.freeze.preset = "none";
        bench.document.startNew(sample, bench.folder.path());
        const QString own = bench.folder.filePath(text("own"));
        const QDir folder(bench.folder.filePath(text("pictures/train")));
        QVERIFY(QDir().mkpath(own));
        for (const char* name : {"class0", "class1"})
            QVERIFY(QFile::link(folder.filePath(text(name)), own + QLatin1Char('/') + text(name)));
        Q_EMIT bench.page.valueEdited(text("data.path"), own);
        QCOMPARE(bench.document.value(text("data.train")), QString());
        QCOMPARE(bench.document.value(text("data.validation")), QString());
        QCOMPARE(bench.document.value(text("data.leave_out")), QString());
        QCOMPARE(bench.document.value(text("data.layout")), text("auto"));
        QCOMPARE(bench.document.value(text("experiment.name")), text("own")); // it was the other folder's
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        QCOMPARE(bench.presenter.analysis().data().value()->classes.size(), std::size_t{2});
        bench.document.undoStack().undo(); // in one step
        QCOMPARE(bench.document.value(text("data.validation")), text("val"));
        QCOMPARE(bench.document.value(text("experiment.name")), text("pictures"));
    }

    void aNameOfOnesOwnStaysAndSoDoesASplitThatIsThereAsWell() {
        SetupBench bench;
        for (const char* name : {"one", "two"})
            madeup::pictures(bench.folder.filePath(text(name)), 2, 2);
        Q_EMIT bench.page.valueEdited(text("data.path"), bench.folder.filePath(text("one")));
        Q_EMIT bench.page.valueEdited(text("experiment.name"), text("mine"));
        Q_EMIT bench.page.valueEdited(text("data.train"), text("val"));
        Q_EMIT bench.page.valueEdited(text("data.path"), bench.folder.filePath(text("two")));
        QCOMPARE(bench.document.value(text("experiment.name")), text("mine"));
        QCOMPARE(bench.document.value(text("data.train")), text("val"));
    }

    void aPartThatIsNotThereCanBeLookedForByTheUsualNames() {
        SetupBench bench;
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        Q_EMIT bench.page.valueEdited(text("data.train"), text("nowhere"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().data().trouble(), 30'000);
        QVERIFY(!bench.presenter.canTrain());
        QTRY_VERIFY(bench.page.findChild<QAbstractButton*>(text("fix:data.path")));
        QCOMPARE(bench.page.findChild<QAbstractButton*>(text("fix:data.path"))->text(),
                 text("Look for the usual names"));
        bench.page.findChild<QAbstractButton*>(text("fix:data.path"))->click();
        QCOMPARE(bench.document.value(text("data.train")), QString());
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
    }

    void anotherLookSeesWhatBecameOfTheFolder() {
        SetupBench bench;
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        int looks = 0;
        const auto look = [&] { bench.presenter.lookAgain([&looks] { ++looks; }); };
        look();
        QTRY_COMPARE_WITH_TIMEOUT(looks, 1, 30'000);
        QVERIFY(bench.presenter.canTrain()); // nothing changed
        QVERIFY(QFile::rename(bench.folder.filePath(text("pictures")), bench.folder.filePath(text("away"))));
        look();
        QTRY_COMPARE_WITH_TIMEOUT(looks, 2, 30'000);
        QVERIFY(!bench.presenter.canTrain());
        QVERIFY(QFile::rename(bench.folder.filePath(text("away")), bench.folder.filePath(text("pictures"))));
        QVERIFY(QFile::remove(bench.folder.filePath(text("pictures/train/class0/0.png"))));
        look();
        QTRY_COMPARE_WITH_TIMEOUT(looks, 3, 30'000);
        QVERIFY(bench.presenter.canTrain());
        QCOMPARE(bench.presenter.analysis().data().value()->trainSamples, 17);
    }

    void aMissingFolderStopsTrainingWithAReason() {
        SetupBench bench;
        Q_EMIT bench.page.valueEdited(text("data.path"), text("/nowhere/at/all"));
        QTRY_VERIFY(bench.presenter.whyNot().contains(text("stop")));
        QVERIFY(!bench.presenter.canTrain());
    }

    void aRefusedTextIsAProblemUntilItIsCorrected() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        Q_EMIT bench.page.valueEdited(text("train.epochs"), text("0"));
        QVERIFY(!bench.presenter.canTrain());
        QVERIFY(bench.document.experiment().train.epochs > 0);
        Q_EMIT bench.page.valueEdited(text("train.epochs"), text("2"));
        QVERIFY(bench.presenter.canTrain());
    }

    void weightsThatFillLittleOfTheBackboneAreAskedAbout() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        QVERIFY(!bench.presenter.beforeTraining()); // a random start was chosen, not overlooked
        const QString file = bench.folder.filePath(text("stem.safetensors"));
        writeStem(file);
        Q_EMIT bench.page.valueEdited(text("model.weights"), file);
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain() && bench.presenter.beforeTraining(), 30'000);
        const auto question = bench.presenter.beforeTraining();
        QVERIFY(question->title.contains(text("0 %")));
        QVERIFY(question->text.contains(text("stem.safetensors has no features.")));
        QVERIFY(question->text.contains(text("more.")));
    }

    void aHubNameIsCheckedWhileItIsTyped() {
        SetupBench bench;
        const auto hubProblem = [&bench] {
            for (const auto* label : bench.page.findChildren<QLabel*>())
                if (label->text().contains(text("no name on the hub")))
                    return true;
            return false;
        };
        Q_EMIT bench.page.valueEdited(text("model.weights"), text("hub:resnet18"));
        QVERIFY(hubProblem());
        Q_EMIT bench.page.valueEdited(text("model.weights"), text("hub:timm/resnet18.a1_in1k@main"));
        QTRY_VERIFY(!hubProblem());
    }

    void smallPicturesSuggestABackboneMadeForThem() {
        SetupBench bench;
        QTRY_VERIFY(bench.presenter.analysis().machine().value());
        QVERIFY(!suggestedBackbones({}, bench.presenter.analysis()).first().name.startsWith(text("cifar")));
        bench.usePictures(); // 64 × 48
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().data().value(), 30'000);
        const auto suggested = suggestedBackbones({}, bench.presenter.analysis());
        QCOMPARE(suggested.size(), 3);
        QVERIFY(std::any_of(suggested.begin(), suggested.end(), [](const Suggestion& one) {
            return one.name == text("cifar_resnet20") && one.tip.contains(text("64 at most"));
        }));
    }

    void aProgramOfOnesOwnThatIsGoneIsToldAndHarmsNothing() {
        SetupBench bench;
        bench.usePictures();
        const QString program = text("torchscript:") + bench.folder.filePath(text("gone.pt"));
        Q_EMIT bench.page.valueEdited(text("model.backbone"), program);
        const auto rows = backboneRows(bench.document.experiment(), bench.presenter.analysis());
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.name == program; });
        QVERIFY(row != rows.end() && row->suggested);
        QCOMPARE(row->reason, text("Your own"));
        const auto findings = engine::validate(bench.document.experiment());
        QVERIFY(std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
            return finding.key == "model.backbone" && finding.message.find("does not exist") != std::string::npos;
        }));
        QTRY_VERIFY_WITH_TIMEOUT(!bench.presenter.canTrain(), 30'000);
        bench.page.findChild<QAbstractButton*>(text("allBackbonesButton"))->click(); // asks for its details
        QTest::qWait(100);
    }

    void theDialogsQuestionIsAnsweredWithLayersAndMapping() {
        SetupBench bench;
        auto* all = bench.page.findChild<QAbstractButton*>(text("allBackbonesButton"));
        QVERIFY(all);
        Q_EMIT bench.page.valueEdited(text("model.backbone"), text("squeezenet1_1"));
        const QString file = bench.folder.filePath(text("stem.safetensors"));
        writeStem(file);
        Q_EMIT bench.page.valueEdited(text("model.weights"), file);
        all->click();
        auto* layers = bench.page.findChild<QTreeView*>(text("layers"));
        QVERIFY(layers);
        QTRY_VERIFY_WITH_TIMEOUT(layers->model()->rowCount() > 5, 30'000);
        auto* tensors = bench.page.findChild<QTableView*>(text("tensors"));
        QVERIFY(tensors);
        QVERIFY(tensors->model()->rowCount() > 20);
        QStringList matches;
        for (int row = 0; row < tensors->model()->rowCount(); ++row)
            matches.append(tensors->model()->index(row, 3).data().toString());
        QVERIFY(matches.contains(text("matched")) && matches.contains(text("missing")) &&
                matches.contains(text("new")));
    }

    void byHandBeginsWithWhatThePresetTrains() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().planUpToDate() && bench.presenter.canTrain(), 30'000);
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("by-hand"));
        const auto& freeze = bench.document.experiment().freeze;
        QCOMPARE(freeze.preset, std::string("by-hand"));
        QCOMPARE(freeze.phases.size(), std::size_t{1});
        QCOMPARE(freeze.phases[0].train, std::vector<std::string>{"classifier"});
        // Two clicks at once: the second waits for the plan of the first, none is lost.
        const auto& tree = *bench.presenter.analysis().blocks().value();
        const QString one = words(tree[tree.size() - 2].name);
        const QString two = words(tree[tree.size() - 3].name);
        Q_EMIT bench.page.blocksToggled({one}, true);
        Q_EMIT bench.page.blocksToggled({two}, true);
        QTRY_COMPARE_WITH_TIMEOUT(freeze.phases[0].train,
                                  (std::vector<std::string>{two.toStdString(), one.toStdString(), "classifier"}),
                                  30'000);
        bench.document.undoStack().undo();
        QCOMPARE(freeze.phases[0].train, (std::vector<std::string>{one.toStdString(), "classifier"}));
    }

    void theTimelineEditsTheSamePlanAndADragIsOneStepBack() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().planUpToDate() && bench.presenter.canTrain(), 30'000);
        auto* timeline = bench.page.findChild<ui::ThawTimeline*>();
        QVERIFY(timeline);
        const ui::ThawPlan before = timeline->plan();
        QCOMPARE(before.epochs, 5);
        QVERIFY(before.phases.first().cells.last().trained());
        const int count = bench.document.undoStack().count();
        const int last = static_cast<int>(before.blocks.size()) - 2;
        const auto moved = ui::withEdgeMoved(before, {last, 6, true}, 3);
        Q_EMIT bench.page.thawEdited(moved, 1);
        const auto& freeze = bench.document.experiment().freeze;
        QCOMPARE(freeze.preset, std::string("by-hand"));
        QCOMPARE(freeze.phases.size(), std::size_t{2});
        QCOMPARE(freeze.phases[1].fromEpoch, 3);
        QCOMPARE(timeline->plan(), moved); // at once
        Q_EMIT bench.page.thawEdited(ui::withFactor(moved, last, 1, 0.25), 1);
        QCOMPARE(freeze.phases[1].factors.size(), std::size_t{1});
        QCOMPARE(freeze.phases[1].factors[0].factor, 0.25);
        QCOMPARE(bench.document.undoStack().count(), count + 1); // one gesture
        bench.document.undoStack().undo();
        QCOMPARE(freeze.preset, std::string("head-only"));
        QTRY_COMPARE_WITH_TIMEOUT(timeline->plan(), before, 30'000);
        bench.document.undoStack().redo();
        QCOMPARE(freeze.phases[1].factors[0].factor, 0.25);
        QTRY_COMPARE_WITH_TIMEOUT(timeline->plan().phases.size(), 2, 30'000);
    }

    void theFutureOfARunningRunIsDraggedOnItsTimeline() {
        QTemporaryDir folder;
        madeup::pictures(folder.filePath(text("pictures")), 2, 4);
        engine::Experiment experiment;
        experiment.data.path = toPath(folder.filePath(text("pictures")));
        experiment.data.imageSize = 32;
        experiment.model.backbone = "cifar_resnet20";
        experiment.model.weights = "none";
        experiment.train.epochs = 60;
        experiment.train.batchSize = 4;
        experiment.freeze.preset = "by-hand";
        experiment.freeze.phases = {{.fromEpoch = 1, .train = {"linear"}},
                                    {.fromEpoch = 2, .train = {"layer3", "linear"}},
                                    {.fromEpoch = 50, .train = {"layer2", "layer3", "linear"}}};
        RunController controller;
        RunLibrary library(controller);
        library.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, library);
        page.resize(1300, 900);
        page.show();
        connect(&controller, &RunController::started, &live, &LivePresenter::show);
        connect(&controller, &RunController::ended, &live, [](const QString&, const engine::RunSummary& run) {
            if (run.state == engine::RunState::Failed)
                qWarning("it failed: %s", run.failure.c_str());
        });
        controller.train(experiment, folder.path());
        const auto epoch = [&controller] {
            const auto progress = controller.progress();
            return progress ? progress->epoch : 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(epoch() >= 3, 60'000);
        controller.setPaused(true);
        QTRY_COMPARE_WITH_TIMEOUT(controller.progress()->phase, engine::Phase::Paused, 30'000);
        const int present = epoch();
        QVERIFY2(present < 40, "it trained faster than a person can drag");
        const engine::FreezeSettings before =
            engine::readExperiment(toPath(controller.currentFolder()) / "experiment.toml").freeze;
        QCOMPARE(before.phases.size(), std::size_t{3});

        auto* view = page.findChild<ui::SegmentedControl*>(text("liveView"));
        QTest::mouseClick(view, Qt::LeftButton, {}, view->segmentRect(1).center());
        auto* timeline = page.findChild<ui::ThawTimeline*>(text("runTimeline"));
        QTRY_VERIFY_WITH_TIMEOUT(timeline->isVisible() && timeline->isEnabled(), 30'000);
        QTRY_COMPARE(timeline->plan().fixedEpochs, present);
        const auto blockOf = [timeline](const char* name) {
            for (int block = 0; block < timeline->plan().blocks.size(); ++block)
                if (timeline->plan().blocks.at(block).name == text(name))
                    return block;
            return -1;
        };
        const auto drag = [timeline](const ui::ThawEdge& edge, int to) {
            const QPoint from = timeline->edgePoint(edge);
            const QPoint end(timeline->xOfEpoch(to), from.y());
            QTest::mousePress(timeline, Qt::LeftButton, {}, from);
            QMouseEvent move(QEvent::MouseMove, end, timeline->mapToGlobal(end), Qt::NoButton, Qt::LeftButton, {});
            QApplication::sendEvent(timeline, &move);
            QTest::mouseRelease(timeline, Qt::LeftButton, {}, end);
        };
        const ui::ThawPlan shown = timeline->plan();
        QSignalSpy edits(&page, &ui::LivePage::thawEdited);
        drag({blockOf("layer3"), 2, true}, 20); // has been
        QCOMPARE(edits.count(), 0);
        QCOMPARE(timeline->plan(), shown);

        // Taken back before the training has seen it.
        drag({blockOf("layer2"), 50, true}, 55);
        QCOMPARE(edits.count(), 1);
        QTRY_VERIFY(controller.freezeWaits());
        auto* undo = page.findChild<QWidget*>(text("changes"))->findChild<QAbstractButton*>();
        QTRY_VERIFY(undo->isVisible());
        QTest::mouseClick(undo, Qt::LeftButton);
        QVERIFY(!controller.freezeWaits());
        QCOMPARE(timeline->plan(), shown);
        QVERIFY(!undo->isVisible());

        // What trains nothing is refused by the engine's words, and what holds is shown again.
        QSignalSpy refusals(&live, &LivePresenter::thawRefused);
        ui::ThawPlan nothing = shown;
        for (auto& cell : nothing.phases.last().cells)
            cell = {};
        Q_EMIT page.thawEdited(live.id(), nothing, -1);
        QTRY_COMPARE(refusals.count(), 1);
        QVERIFY2(refusals.last().at(0).toString().contains(text("train")),
                 qPrintable(refusals.last().at(0).toString()));
        QTRY_COMPARE(timeline->plan(), shown);
        QVERIFY(!controller.freezeWaits());

        drag({blockOf("layer2"), 50, true}, 45);
        QTRY_VERIFY(controller.freezeWaits());
        controller.setPaused(false);
        const auto recorded = [&controller] {
            return engine::readExperiment(toPath(controller.currentFolder()) / "experiment.toml").freeze.phases;
        };
        QTRY_VERIFY_WITH_TIMEOUT(!controller.freezeWaits() && recorded().back().fromEpoch == 45, 30'000);
        QCOMPARE(recorded().size(), std::size_t{3});
        QCOMPARE(recorded()[1], before.phases[1]); // the present phase just goes on
        const QString said = text("Thaw layer2 from epoch 45, not 50");
        QTRY_VERIFY(live.log().contains(said));
        QTRY_VERIFY_WITH_TIMEOUT(undo->isVisible(), 10'000);
        QTest::mouseClick(undo, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(recorded().back().fromEpoch == 50, 30'000);

        controller.stop(false);
        QTRY_VERIFY_WITH_TIMEOUT(!controller.busy(), 30'000);
        QTRY_VERIFY(!timeline->isEnabled());
        QCOMPARE(timeline->plan().fixedEpochs, 60);
    }

    void blocksThatLearnAndTheirRatesComeFromTheRunsSeries() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.end = engine::RunState::Queued});
        {
            engine::RunWriter writer(run);
            writer.started(
                {.task = "image-classification", .monitor = "accuracy", .device = "cpu", .epochs = 4, .steps = 40}, -1);
            for (int step = 1; step <= 30; ++step) {
                writer.scalar("train/loss", step, 1.0);
                writer.scalar("learning_rate", step, 1e-3);
                writer.scalar("learning_rate/head", step, 1e-3);
                writer.scalar("insight/head/update_ratio", step, 2e-3);
                if (step <= 20)
                    continue;
                for (const char* block : {"learning_rate/blocks.0", "learning_rate/blocks.1"})
                    writer.scalar(block, step, 1e-4);
                writer.scalar("insight/blocks.1/gradient_norm", step, 0.5);
            }
            writer.event("verified", 30, 3, "219 tensors unchanged");
            writer.flush();
        }
        engine::RunReader reader(run);
        Tree tree(3);
        tree[0].name = "blocks.0";
        tree[1].name = "blocks.1";
        tree[2].name = "head";
        for (auto& block : tree)
            block.parameters = 10;
        tree[2].head = true;
        engine::FreezeOutcome first{.fromEpoch = 1, .trainedBlocks = {"head"}};
        engine::FreezeOutcome second{.fromEpoch = 3, .trainedBlocks = {"blocks.1", "head"}};
        RunCurves curves({first, second}, tree);
        curves.read(reader);
        const auto& blocks = curves.curves().blocks;
        QCOMPARE(blocks.size(), 3);
        QVERIFY(blocks[0].trained.isEmpty());
        QCOMPARE(blocks[1].trained, (QList<std::pair<double, double>>{{20, 40}}));
        QCOMPARE(blocks[1].gradientNorm.step.size(), 10);
        QCOMPARE(blocks[2].trained, (QList<std::pair<double, double>>{{0, 40}}));
        QCOMPARE(curves.curves().blockRates.size(), 1); // two blocks at one rate; the head goes the run's own way
        QCOMPARE(curves.curves().blockRates[0].name, text("blocks.0 +1"));

        const ui::ThawPlan plan = thawPlan(tree, handPlan(tree, {first, second}, {}), 4);
        ui::LiveProof proof = liveProof(reader, plan);
        QCOMPARE(proof.tone, ui::Tone::Success);
        QCOMPARE(proof.title, text("1 block proved frozen"));
        QCOMPARE(proof.detail, text("219 tensors unchanged at step 30"));
        {
            engine::RunWriter writer(run);
            writer.event("alarm", 30, 3, "blocks.0.bn1.running_mean changed between steps 24 and 30");
            writer.flush();
        }
        reader.refresh();
        proof = liveProof(reader, plan);
        QCOMPARE(proof.tone, ui::Tone::Danger);
        QVERIFY(proof.detail.contains(text("blocks.0.bn1.running_mean")));
        const auto phases = livePhases(reader, plan);
        QCOMPARE(phases.size(), 2);
        QVERIFY(phases[0].words.startsWith(text("Head, ")));
        QCOMPARE(phases[1].words, text("+ last stage, now"));
    }
};

QTEST_MAIN(TestPresenters)
#include "tst_presenters.moc"
