// Compare between the page and the folder of runs.
#include "engine/runs/runwriter.h"
#include "src/comparepresenter.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/charts/chart.h"
#include "ui/compare/comparepage.h"
#include "ui/compare/confusionview.h"
#include "ui/theme.h"

#include <QApplication>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>

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
    RunLibrary library{controller};
    ui::ComparePage page;
    ComparePresenter compare{page, library};

    std::filesystem::path add(const madeup::RunWish& wish) const { return madeup::run(toPath(folder.path()), wish); }
    // Shows the page with so many runs listed.
    void open(int runs) {
        page.resize(1200, 1600);
        page.show();
        library.setFolder(folder.path());
        QTRY_COMPARE(library.rowCount(), runs);
    }
    void tickAll() {
        for (int row = 0; row < library.rowCount(); ++row)
            library.setTicked(library.index(row).data(ui::RunIdRole).toString(), true);
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

    void compareShowsTheTickedRuns() {
        CompareBench bench;
        bench.add({.name = "one"});
        bench.add({.name = "two"});
        bench.open(2);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 2);
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
        bench.open(1);
        bench.tickAll();
        QTRY_COMPARE(bench.compare.shownRuns(), 1);
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
        for (const QString& id : bench.library.ticked())
            ticked.append(words(bench.library.find(id)->name));
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
        QVERIFY(!bench.page.findChild<QLabel*>(text("confusionNote"))->isVisible());
    }

    void runsOfSeveralLabelsHaveASentenceInPlaceOfTheConfusion() {
        CompareBench bench;
        for (const char* name : {"one", "two"})
            bench.add({.name = name,
                       .task = "multi-label",
                       .measured = {{"mean_average_precision", 0.6, -0.1}, {"f1", 0.5, -0.1}}});
        bench.open(2);
        bench.tickAll();
        const auto* note = bench.page.findChild<QLabel*>(text("confusionNote"));
        QTRY_COMPARE(note->text(), text("These runs give several labels to a picture, so none is taken for another."));
        QVERIFY(note->isVisible());
        QVERIFY(!bench.page.findChild<ui::ConfusionView*>()->isVisible());
        QCOMPARE(titlesOf(bench.page),
                 (QStringList{text("Validation mean average precision"), text("Validation loss")}));
    }
};

QTEST_MAIN(TestComparePresenter)
#include "tst_comparepresenter.moc"
