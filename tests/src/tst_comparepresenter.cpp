// Compare between the page and the folder of runs.
#include "engine/runs/runwriter.h"
#include "src/comparepresenter.h"
#include "src/parallelaxes.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "tests/support/oldruns.h"
#include "ui/charts/chart.h"
#include "ui/compare/comparepage.h"
#include "ui/compare/confusionview.h"
#include "ui/compare/intervalrows.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/mistakes/pictureviewer.h"
#include "ui/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>

#include <cmath>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

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

QStringList titlesOf(const QWidget& page) {
    QStringList titles;
    for (const auto* chart : page.findChildren<ui::Chart*>())
        if (chart->isVisibleTo(&page))
            titles.append(chart->title());
    return titles;
}

// Compare over a folder of runs.
struct CompareBench {
    QTemporaryDir folder;
    RunController controller;
    RunLibrary runLibrary{controller};
    ui::ComparePage page;
    ComparePresenter compare{page, runLibrary};

    std::filesystem::path add(const madeup::RunWish& wish) const { return madeup::run(toPath(folder.path()), wish); }
    // Shows the page with so many runs listed.
    void open(int runs) {
        page.resize(1200, 1600);
        page.show();
        runLibrary.setFolder(folder.path());
        QTRY_COMPARE(runLibrary.rowCount(), runs);
    }
    void view(int index) {
        auto* views = page.findChild<ui::SegmentedControl*>(text("compareView"));
        views->setCurrent(index);
        Q_EMIT views->chosen(index);
    }
    QTableView* table() const { return page.findChild<QTableView*>(); }
    QStringList heads() const {
        QStringList made;
        for (int column = 0; column < table()->model()->columnCount(); ++column)
            made.append(table()->model()->headerData(column, Qt::Horizontal).toString());
        return made;
    }
    void tickAll() {
        for (int row = 0; row < runLibrary.rowCount(); ++row)
            runLibrary.setTicked(runLibrary.index(row).data(ui::RunIdRole).toString(), true);
    }
};

} // namespace

class TestComparePresenter final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        madeup::errorMetrics();
        ui::Theme::install(*qApp);
    }

    void settingsThatDifferAndResultsAreAxes() {
        engine::Experiment one, two, three;
        one.name = "a";
        one.train.learningRate = 1e-4;
        two.train.learningRate = 1e-2;
        three.train.learningRate = 1e-3;
        three.freeze.preset = "none";
        const auto axes = settingAxes({one, two, three});
        QCOMPARE(axes.size(), 2);
        const auto& preset = axes.at(axes.first().steps.isEmpty() ? 1 : 0);
        const auto& rate = axes.at(axes.first().steps.isEmpty() ? 0 : 1);
        QCOMPARE(rate.values, QList<double>({1e-4, 1e-2, 1e-3}));
        QVERIFY(rate.logarithmic);
        QCOMPARE(preset.steps, QStringList({text("head-only"), text("none")}));
        QCOMPARE(preset.values, QList<double>({0, 0, 1}));
        QVERIFY(!preset.logarithmic);
        engine::RunSummary first, second;
        first.best = {{"validation/accuracy", 0.9}, {"validation/loss", 0.4}};
        first.seconds = 12;
        const auto results = resultAxes({&first, &second});
        QCOMPARE(results.size(), 3);
        QCOMPARE(results.last().name, text("Best accuracy"));
        QCOMPARE(results.last().values.first(), 0.9);
        QVERIFY(std::isnan(results.last().values.last()));
    }

    void onlyTheRunsThatWereKeptStayTicked() {
        CompareBench bench;
        bench.add({.name = "one"});
        bench.add({.name = "two"});
        bench.add({.name = "three"});
        bench.open(3);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 3);
        const QString kept = bench.runLibrary.index(1).data(ui::RunIdRole).toString();
        Q_EMIT bench.page.tickOnlyRequested({kept});
        QTRY_COMPARE(bench.compare.shownRuns(), 1);
        QCOMPARE(bench.runLibrary.ticked(), QStringList(kept));
    }

    void compareShowsTheTickedRuns() {
        CompareBench bench;
        bench.add({.name = "one"});
        bench.add({.name = "two"});
        bench.open(2);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 2);
    }

    void runsOfEarlierVersionsAreCompared() {
        CompareBench bench;
        for (const char* run : {"first", "classes"})
            tests::copyRun(std::filesystem::path(THAW_OLD_RUNS) / run, toPath(bench.folder.filePath(text(run))));
        bench.open(2);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 2);
        const auto column = bench.heads().indexOf(text("Best accuracy"));
        QVERIFY(column >= 0);
        for (int row = 0; row < 2; ++row)
            QCOMPARE(bench.table()->model()->index(row, static_cast<int>(column)).data().toString(), text("50.0 %"));
    }

    void theConfusionIsTheBestEpochsWithTruthInRows() {
        CompareBench bench;
        const auto run = bench.add({.name = "one", .end = engine::RunState::Queued});
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
        bench.add({.name = "two"});
        bench.open(2);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 2);
        bench.view(2);
        auto* first = bench.page.findChild<QComboBox*>(text("firstRun"));
        QTRY_VERIFY(first->findText(text("one")) >= 0);
        first->setCurrentIndex(first->findText(text("one")));
        auto* second = bench.page.findChild<QComboBox*>(text("secondRun"));
        second->setCurrentIndex(0); // no other
        Q_EMIT second->activated(0);
        auto* view = bench.page.findChild<ui::ConfusionView*>();
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
        CompareBench bench;
        for (const char* name : {"first", "second", "third"})
            bench.add({.name = name});
        bench.add({.name = "waits", .end = engine::RunState::Queued});
        bench.open(4);
        Q_EMIT bench.page.tickLastTwoRequested();
        QStringList ticked;
        for (const QString& id : bench.runLibrary.ticked())
            ticked.append(words(bench.runLibrary.find(id)->name));
        QCOMPARE(ticked, (QStringList{text("third"), text("second")}));
    }

    void compareDrawsWhatTheFirstRunIsJudgedBy() {
        CompareBench bench;
        bench.add({.name = "one", .measured = {{"mean_squared_error", 0.03, 0.1}}});
        bench.add({.name = "two", .measured = {{"mean_squared_error", 0.02, 0.1}}});
        bench.open(2);
        bench.tickAll();
        QTRY_COMPARE(titlesOf(bench.page),
                     (QStringList{text("Validation mean squared error"), text("Validation loss")}));
        QTRY_COMPARE(bench.page.findChild<QLineEdit*>()->placeholderText(), text("Filter: name, setting, error < 0.1"));
        const auto* table = bench.page.findChild<QTableView*>();
        QCOMPARE(table->model()->index(0, 0).data().toString(), text("two"));
        auto* chart = bench.page.findChild<ui::Chart*>();
        chart->redrawNow();
        QVERIFY2(chart->valuesAsText().contains(text("0.03")) && chart->valuesAsText().contains(text("0.02")),
                 qPrintable(chart->valuesAsText()));
    }

    void runsStandEverywhereInTheTablesOrder() {
        CompareBench bench;
        for (const auto& [name, accuracy] : {std::pair("worst", 0.5), {"best", 0.9}, {"middle", 0.7}})
            bench.add({.name = name, .accuracy = accuracy});
        bench.open(3);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 3);
        const auto names = [&bench] {
            auto* chart = bench.page.findChild<ui::Chart*>();
            chart->redrawNow();
            return chart->valuesAsText().section(QLatin1Char('\n'), 0, 0);
        };
        QTRY_COMPARE(names(), text("epoch\tbest\tmiddle\tworst"));
        bench.table()->sortByColumn(1, Qt::AscendingOrder);
        QTRY_COMPARE(names(), text("epoch\tworst\tmiddle\tbest"));
    }

    void columnsAreChosenFromAnyMetricAndSettingAndRecalled() {
        QSettings().clear();
        CompareBench bench;
        madeup::run(toPath(bench.folder.path()),
                    {.name = "one", .measured = {{"accuracy", 0.9, -0.1}, {"f1", 0.8, -0.1}}});
        bench.add({.name = "two"});
        bench.open(2);
        QTRY_VERIFY(bench.heads().contains(text("Best accuracy")));
        QVERIFY(!bench.heads().contains(text("Best F1")));
        const QStringList keys{text("best/f1"), text("time"), text("setting/train.batch_size")};
        Q_EMIT bench.page.columnsChosen(keys);
        const QStringList chosen{text("Run"), text("Time"), text("Best F1"), text("Batch size")};
        QStringList heads = bench.heads();
        heads.sort();
        QStringList wanted = chosen;
        wanted.sort();
        QCOMPARE(heads, wanted);
        const auto cell = [&bench](const char* head) {
            const auto column = static_cast<int>(bench.heads().indexOf(text(head)));
            return bench.table()->model()->index(0, column).data().toString();
        };
        QTRY_COMPARE(cell("Batch size"), text("32"));
        Q_EMIT bench.page.columnsResized({{text("time"), 140}});
        CompareBench later; // the program, started again
        later.add({.name = "three"});
        later.open(1);
        QTRY_VERIFY(later.heads().contains(text("Batch size")));
        const auto time = static_cast<int>(later.heads().indexOf(text("Time")));
        QCOMPARE(later.table()->columnWidth(time), 140);
        Q_EMIT later.page.columnsChosen({}); // the usual ones
        QVERIFY(later.heads().contains(text("Best accuracy")));
        QSettings().clear();
    }

    void whetherADifferenceIsRealIsToldForRunsOfTheSameData() {
        CompareBench bench;
        const auto answers = [&bench](const char* name, int wrong, int of, const char* prefix) {
            const auto run = bench.add({.name = name, .end = engine::RunState::Queued});
            engine::RunWriter writer(run);
            writer.started({.task = "image-classification",
                            .monitor = "accuracy",
                            .classes = {"ant", "bee"},
                            .device = "cpu",
                            .epochs = 1,
                            .steps = 1},
                           -1);
            std::vector<engine::SampleResult> samples;
            for (int i = 0; i < of; ++i)
                samples.push_back({prefix + std::to_string(i), 0, i < wrong ? 1 : 0, 0.9F, 1.F});
            writer.samples(1, samples);
            const double share = 1 - double(wrong) / of;
            writer.epochDone(1, 1, {{"validation/accuracy", share}}, true);
            writer.finished(1);
        };
        answers("good", 2, 60, "");
        answers("like it", 4, 60, "");
        answers("bad", 30, 60, "");
        answers("elsewhere", 1, 60, "other/");
        bench.open(4);
        bench.tickAll();
        bench.view(1);
        auto* reference = bench.page.findChild<QComboBox*>(text("reference"));
        QTRY_COMPARE(reference->count(), 4);
        Q_EMIT bench.page.referenceChosen(reference->itemData(reference->findText(text("good"))).toString());
        QTRY_COMPARE(reference->currentText(), text("good"));
        auto* rows = bench.page.findChildren<ui::IntervalRows*>().last();
        const QString said = rows->accessibleDescription();
        QVERIFY2(said.contains(text("like it not distinguishable 0.50")), qPrintable(said));
        QVERIFY2(said.contains(text("bad good is better < 0.001")), qPrintable(said));
        QVERIFY2(said.contains(text("elsewhere other data")), qPrintable(said));
    }

    void aCellOfTheConfusionOpensItsPictures() {
        CompareBench bench;
        bench.add({.name = "one"});
        bench.add({.name = "two"});
        bench.open(2);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 2);
        Q_EMIT bench.page.picturesRequested(bench.runLibrary.ticked().first(), {0, 1});
        QTRY_VERIFY(bench.page.findChild<ui::PictureViewer*>());
        const auto* viewer = bench.page.findChild<ui::PictureViewer*>();
        QCOMPARE(viewer->findChild<QLabel*>(text("mistakeTitle"))->text(), text("ant → bee"));
        QCOMPARE(viewer->findChild<QLabel*>(text("mistakePlace"))->text(), text("1 of 1"));
        bool said = false;
        for (const auto* label : viewer->findChildren<QLabel*>())
            said |= label->text() == text("ant taken for bee: 1 picture");
        QVERIFY(said);
    }

    void theTableIsSavedAsAFile() {
        CompareBench bench;
        bench.add({.name = "one, with a comma"});
        bench.open(1);
        Q_EMIT bench.page.tableExportRequested();
        auto* dialog = bench.page.findChild<QFileDialog*>(text("tableDialog"));
        QVERIFY(dialog);
        const QString file = bench.folder.filePath(text("table.csv"));
        Q_EMIT dialog->fileSelected(file);
        QFile saved(file);
        QVERIFY(saved.open(QIODevice::ReadOnly));
        const QString content = QString::fromUtf8(saved.readAll());
        QVERIFY2(content.contains(text("\"one, with a comma\",0.9,")), qPrintable(content));
        QVERIFY(content.contains(text("\"Time, s\"")));
        QSignalSpy failed(&bench.compare, &ComparePresenter::failed);
        Q_EMIT dialog->fileSelected(bench.folder.filePath(text("no/such/table.csv")));
        QCOMPARE(failed.size(), 1);
        dialog->close();
    }

    void runsOfSeveralLabelsHaveASentenceInPlaceOfTheConfusion() {
        CompareBench bench;
        for (const char* name : {"one", "two"})
            bench.add({.name = name,
                       .task = "multi-label",
                       .measured = {{"mean_average_precision", 0.6, -0.1}, {"f1", 0.5, -0.1}}});
        bench.open(2);
        bench.tickAll();
        bench.view(2);
        const auto* note = bench.page.findChild<QLabel*>(text("confusionNote"));
        QTRY_COMPARE(note->text(), text("These runs give several labels to a picture, so none is taken for another."));
        QVERIFY(note->isVisible());
        QVERIFY(!bench.page.findChild<ui::ConfusionView*>()->isVisible());
        bench.view(0);
        QCOMPARE(titlesOf(bench.page),
                 (QStringList{text("Validation mean average precision"), text("Validation loss")}));
    }
};

QTEST_MAIN(TestComparePresenter)
#include "tst_comparepresenter.moc"
