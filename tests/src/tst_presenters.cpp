// Answers that come late, and Live between the page and a run's folder.
#include "engine/runs/runwriter.h"
#include "src/answer.h"
#include "src/livepresenter.h"
#include "src/livewords.h"
#include "src/runcontroller.h"
#include "src/runcurves.h"
#include "src/runevents.h"
#include "src/runlibrary.h"
#include "src/samplewords.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/charts/chart.h"
#include "ui/controls/thumbnailgrid.h"
#include "ui/live/livepage.h"
#include "ui/mistakes/pictureviewer.h"
#include "ui/setup/thawtimeline.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QFile>
#include <QHelpEvent>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QSemaphore>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>

#include <algorithm>
#include <cmath>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

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
        madeup::errorMetrics();
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
        QVERIFY(loss.most.contains(99.0));
        QVERIFY(loss.least.contains(-7.0));
        QVERIFY(loss.value.contains(1.0)); // the mean of a stretch, not an end of it
        QVERIFY(std::ranges::max(loss.value) < 99);
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

    void aRunThatDivergedIsNotOfferedTheSameAgain() {
        const QTemporaryDir folder;
        const engine::RunReader reader(
            madeup::run(toPath(folder.path()), {.name = "wild", .done = 1, .end = engine::RunState::Failed}, 100.0));
        const FailureWords failure = liveFailure(reader, engine::ErrorKind::Diverged);
        QCOMPARE(failure.remedies, (QList<RemedyKind>{RemedyKind::LowerRate, RemedyKind::ChangeSettings}));
        QVERIFY(failure.failure.remedies.first().title.contains(text("10")));
        QCOMPARE(withLowerRate(reader.experiment()).train.learningRate, 10.0);
    }

    void liveShowsARunFromItsFolder() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {});
        RunController controller;
        RunLibrary runLibrary(controller);
        runLibrary.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, runLibrary);
        page.resize(1200, 800);
        page.show();
        live.show(words(run.filename()), words(run));
        QTRY_COMPARE(live.points(), 20);
        QVERIFY(live.log().contains(text("finished")));
        live.show({}, {});
        QCOMPARE(live.points(), 0);
    }

    void theLogSaysWhatEachEpochReached() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.done = 2, .accuracy = 0.9});
        const QList<ui::LogLine> lines = liveLog(engine::RunReader(run), {});
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
        const auto lines = liveLog(reader, {});
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
        RunLibrary runLibrary(controller);
        runLibrary.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, runLibrary);
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

    void whatIsNoPhaseIsNotToldAsOne() {
        using engine::EventKind;
        using Kinds = std::vector<engine::RunEvent>;
        const Kinds events{{0, EventKind::Phase, 0, 0, "weights.safetensors: 150 tensors loaded."},
                           {1, EventKind::Phase, 60, 4, "phase 2 of 2: 34 tensors train"},
                           {2, EventKind::Phase, 60, 4, "The cache moves with the freeze."},
                           {3, EventKind::Note, 75, 5, "Only the validation pictures' outputs are kept."}};
        const std::vector<int> begins{1, 4};
        QCOMPARE(phasesBegun(events, begins), (std::vector<bool>{false, true, false, false}));
        QCOMPARE(eventWord(events[1], true), text("phase"));
        QCOMPARE(eventWord(events[3], false), text("note"));
        QCOMPARE(eventWord({0, EventKind::Verified, 5, 1, {}}, false), text("freeze"));
    }

    void stepsAreGroupedInEverySentence() {
        const QChar space(0x00a0); // the number does not stand alone on a line
        QCOMPARE(withGroupedSteps(text("114 frozen tensors are unchanged at step 80000")),
                 text("114 frozen tensors are unchanged at step") + space + text("80,000"));
        QCOMPARE(withGroupedSteps(text("changed between steps 6240 and 64000.")),
                 text("changed between steps") + space + text("6,240 and 64,000."));
        QCOMPARE(withGroupedSteps(text("no number here")), text("no number here"));
    }

    void namesKeepTheirLetters() {
        QCOMPARE(asSentence(text("phase 2 of 3")), text("Phase 2 of 3"));
        QCOMPARE(asSentence(text("train/scratched/part-099.jpg is left out")),
                 text("train/scratched/part-099.jpg is left out"));
        QCOMPARE(asSentence(text("blocks.2.0 changed")), text("blocks.2.0 changed"));
        QVERIFY(asSentence({}).isEmpty());
    }

    void theLogUsesTheSameWordsEverywhere() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.end = engine::RunState::Queued});
        {
            engine::RunWriter writer(run);
            writer.started(
                {.task = "image-classification", .monitor = "accuracy", .device = "cpu", .epochs = 1, .steps = 9}, -1);
            writer.event(engine::EventKind::Verified, 5, 1, "3 frozen tensors are unchanged at step 5");
            writer.event(engine::EventKind::Phase, 5, 1, "Only the validation pictures' outputs are kept.");
            writer.finished(9);
        }
        const engine::RunReader reader(run);
        QStringList kinds;
        for (const auto& line : liveLog(reader, {}))
            kinds.append(line.kind);
        QVERIFY(kinds.contains(text("freeze")) && kinds.contains(text("note")));
        QVERIFY(!kinds.contains(text("verified")) && !kinds.contains(text("phase")));
        const QString whole = wholeLog(reader, {});
        QVERIFY2(whole.contains(text("  freeze    ")) && whole.contains(text("  note      ")), qPrintable(whole));
        QVERIFY(liveChanges(reader, {}).isEmpty());
    }

    void aRunThatWasLeftWithinAnEpochSaysWhichAndWhereItGoesOn() {
        engine::RunSummary run;
        run.state = engine::RunState::Interrupted;
        run.epochs = 6;
        run.steps = 150;
        run.epoch = 3;
        run.step = 89;
        QCOMPARE(liveHeader(run, ui::RunListState::Interrupted, std::nullopt, 1).epoch, 4); // as the list says
        run.step = 75;                                                                      // at the end of an epoch
        QCOMPARE(liveHeader(run, ui::RunListState::Interrupted, std::nullopt, 1).epoch, 3);
        QTemporaryDir folder;
        const auto stopped = madeup::run(toPath(folder.path()), {.done = 2, .end = engine::RunState::Stopped});
        const auto facts = liveFacts(engine::RunReader(stopped), std::nullopt);
        const auto fact = std::ranges::find(facts, text("Resume goes on from"), &ui::LiveFact::name);
        QVERIFY(fact != facts.end());
        QCOMPARE(fact->value, text("step 10"));
    }

    void mistakesAreThoseOfTheBestEpochOnceTheRunIsOver() {
        engine::RunSummary run;
        run.epoch = 40;
        run.bestEpoch = 29;
        QCOMPARE(telling(run, RunIs::Over), 29);
        QCOMPARE(telling(run, RunIs::Live), 40);
        run.bestEpoch = 0;
        QCOMPARE(telling(run, RunIs::Over), 40);
    }

    void scoresAndMistakesAreThoseOfTheSamples() {
        const QStringList classes{text("ant"), text("bee"), text("fly")};
        const std::vector<engine::SampleResult> samples{{"a", 0, 0, 0.9F, 0.1F},
                                                        {"b", 0, 1, 0.6F, 1.F},
                                                        {"c", 0, 1, 0.8F, 1.F},
                                                        {"d", 1, 1, 0.9F, 0.1F},
                                                        {"e", 2, 0, 0.7F, 1.F}};
        const QList<int> counts = confusionOf(samples, 3);
        QCOMPARE(counts, (QList<int>{1, 2, 0, 0, 1, 0, 1, 0, 0}));
        const ui::ClassScores scores = scoresOf(counts, classes);
        QCOMPARE(scores.neverRecognised, QStringList{text("fly")});
        QCOMPARE(scores.classes.at(0).recall, 1.0 / 3);
        QCOMPARE(scores.classes.at(1).precision, 1.0 / 3);
        QVERIFY(std::isnan(scores.classes.at(2).precision)); // no answer named it
        const auto files = [](const QList<ui::Misclassified>& pictures) {
            QStringList made;
            for (const auto& picture : pictures)
                made.append(picture.file);
            return made.join(QLatin1Char(' '));
        };
        QCOMPARE(files(mistakesOf(samples, classes, "")), text("c e b")); // the surest first
        QCOMPARE(files(chosenOf(samples, classes, "", {0, 1})), text("c b"));
        QCOMPARE(files(chosenOf(samples, classes, "", {0, 0})), text("a"));
        QCOMPARE(files(chosenOf(samples, classes, "", {2, ui::MistakeChoice::kAnyOther})), text("e"));
        QCOMPARE(files(chosenOf(samples, classes, "", {ui::MistakeChoice::kAnyOther, 1})), text("c b"));
    }

    void aMistakeOfLiveOpensAllOfThemThere() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {});
        RunController controller;
        RunLibrary runLibrary(controller);
        runLibrary.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, runLibrary);
        page.resize(1400, 1000);
        page.show();
        live.show(words(run.filename()), words(run));
        QTRY_COMPARE(live.points(), 20);
        const auto* all = page.findChild<QAbstractButton*>(text("openMistakes"));
        QTRY_COMPARE(all->text(), text("Open all 1"));
        Q_EMIT page.pictureOpened(live.id(), {});
        QTRY_VERIFY(page.findChild<ui::PictureViewer*>());
        const auto* viewer = page.findChild<ui::PictureViewer*>();
        QCOMPARE(viewer->findChild<QLabel*>(text("mistakePlace"))->text(), text("1 of 1"));
        QCOMPARE(viewer->findChild<QLabel*>(text("mistakeTitle"))->text(), text("ant → bee"));
    }

    void theHeadIsAsWideAsTheClassesAreManyOnceTheyAreKnown() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.end = engine::RunState::Queued});
        RunController controller;
        RunLibrary runLibrary(controller);
        runLibrary.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, runLibrary);
        page.resize(1400, 1000);
        page.show();
        live.show(words(run.filename()), words(run)); // as it is the moment a training begins
        QTRY_VERIFY(live.atRest());
        const auto* timeline = page.findChild<ui::ThawTimeline*>();
        const auto headParameters = [timeline] {
            const auto& blocks = timeline->plan().blocks;
            return blocks.isEmpty() ? qint64(0) : blocks.last().parameters;
        };
        QTRY_VERIFY(headParameters() > 0);
        const qint64 ofOne = headParameters();
        engine::RunWriter writer(run);
        writer.started({.task = "image-classification",
                        .monitor = "accuracy",
                        .classes = {"bent", "chipped", "good", "scratched"},
                        .device = "cpu",
                        .epochs = 4,
                        .steps = 20},
                       -1);
        writer.scalar("train/loss", 1, 1);
        writer.flush();
        page.hide();
        page.show(); // looks again
        QTRY_COMPARE(headParameters(), 4 * ofOne);
    }

    void theHeaderOffersWhatTheStateAllows() {
        using State = ui::RunListState;
        engine::RunSummary run;
        const auto offers = [&run](State state) {
            const ui::LiveHeader header = liveHeader(run, state, std::nullopt, 1);
            return std::pair(header.canResume, header.canExtend);
        };
        run.lastCheckpointStep = -1;
        QVERIFY(!liveHeader(run, State::Finished, std::nullopt, 1).canExport);
        QCOMPARE(offers(State::Stopped), std::pair(true, false));
        QCOMPARE(offers(State::Failed), std::pair(false, false));
        QCOMPARE(offers(State::Finished), std::pair(false, false));
        run.lastCheckpointStep = 5;
        QVERIFY(liveHeader(run, State::Running, std::nullopt, 1).canExport);
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
};

QTEST_MAIN(TestPresenters)
#include "tst_presenters.moc"
