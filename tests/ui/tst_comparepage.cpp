// Compare's views of the ticked runs: names, columns, ticks, confusion, and whether a difference is real.
#include "tests/ui/fakedata.h"
#include "ui/charts/chart.h"
#include "ui/charts/chartoverlay.h"
#include "ui/compare/columnchooser.h"
#include "ui/compare/comparepage.h"
#include "ui/compare/comparetable.h"
#include "ui/compare/confusionview.h"
#include "ui/compare/differenceview.h"
#include "ui/compare/headtick.h"
#include "ui/compare/realityview.h"
#include "ui/compare/runnames.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/frame/runrole.h"
#include "ui/mistakes/scoretable.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QRegularExpression>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace ui;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

ConfusionMatrix matrixOf(const char* id, int classes, int wrong) {
    ConfusionMatrix made{text(id), text(id), 1, {}, {}, {}};
    for (int i = 0; i < classes; ++i)
        made.classes.append(QStringLiteral("class %1").arg(i));
    made.counts = QList<int>(qsizetype(classes) * classes, 0);
    for (int i = 0; i < classes; ++i) {
        made.counts[qsizetype(i) * classes + i] = 10;
        made.counts[qsizetype(i) * classes + (i + 1) % classes] = wrong + i % 3;
        made.scores.classes.append({made.classes[i], 0.9 - 0.01 * i, 0.8, 0.85 - 0.01 * i, 10 + wrong});
    }
    made.scores.macroF1 = 0.8;
    return made;
}

} // namespace

class TestComparePage final : public QObject {
    Q_OBJECT
    std::unique_ptr<QStandardItemModel> m_model;
    std::unique_ptr<ComparePage> m_page;

    template <typename Widget>
    Widget* find(const char* name = nullptr) const {
        return name ? m_page->findChild<Widget*>(text(name)) : m_page->findChild<Widget*>();
    }
    void view(int index) const {
        auto* views = find<SegmentedControl>("compareView");
        views->setCurrent(index);
        Q_EMIT views->chosen(index);
    }

private Q_SLOTS:
    void init() {
        m_model = fake::compareTable();
        m_page = std::make_unique<ComparePage>();
        m_page->setModel(m_model.get());
        m_page->resize(1300, 850);
        m_page->setRuns(fake::compareCharts(), fake::compareRuns());
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    }
    void cleanup() { m_page.reset(); }

    void whatAllNamesShareIsCut_data() {
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QStringList>("made");
        const auto row = [](const char* what, const QStringList& names, const QStringList& made) {
            QTest::newRow(what) << names << made;
        };
        row("one stays whole", {text("parts, pretrained")}, {text("parts, pretrained")});
        row("a beginning", {text("sweep lr 0.1"), text("sweep lr 0.01")},
            {text("lr 0.1"), text("lr 0.01")}); // a number alone is no name
        row("an end", {text("gradual thaw, seed 1"), text("head only, seed 1")},
            {text("gradual thaw"), text("head only")});
        row("at least a word stays", {text("parts, pretrained"), text("parts, pretrained 2")},
            {text("pretrained"), text("pretrained 2")});
        row("nothing", {text("one"), text("two words")}, {text("one"), text("two words")});
        row("the same", {text("a b"), text("a b")}, {text("b"), text("b")});
    }
    void whatAllNamesShareIsCut() {
        QFETCH(QStringList, names);
        QFETCH(QStringList, made);
        QCOMPARE(withoutShared(names), made);
    }

    void theRowUnderTheMouseLiftsItsLineAndTheOtherWayRound() {
        auto* table = find<CompareTable>();
        Q_EMIT table->hovered(text("head only"));
        for (const auto* chart : m_page->findChildren<Chart*>())
            QCOMPARE(chart->lifted(), text("head only"));
        auto* chart = find<Chart>();
        Q_EMIT chart->liftedChanged(text("gradual thaw"));
        const auto rowColour = [table](int row) {
            return table->grab().toImage().pixelColor(
                table->viewport()->x() + 4,
                table->viewport()->y() + table->visualRect(table->model()->index(row, 0)).center().y());
        };
        int hovered = 0;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            hovered += rowColour(row) == color(Role::Hover);
        Q_EMIT chart->liftedChanged(table->model()->index(1, 0).data(RunIdRole).toString());
        QCOMPARE(rowColour(1), color(Role::Hover));
        QVERIFY(hovered <= 1);
    }

    void theBoxInTheHeadTicksAllThatMatch() {
        auto* box = find<HeadTick>("tickAll");
        QVERIFY(box && box->isVisible());
        QSignalSpy ticks(m_page.get(), &ComparePage::tickRequested);
        auto* filter = find<QLineEdit>();
        filter->setText(text("head"));
        const int matching = find<CompareTable>()->model()->rowCount();
        QVERIFY(matching > 0 && matching < m_model->rowCount());
        int ticked = 0;
        for (int row = 0; row < matching; ++row)
            ticked += find<CompareTable>()->model()->index(row, 0).data(RunTickedRole).toBool();
        QCOMPARE(box->state(), ticked == matching ? Qt::Checked : ticked > 0 ? Qt::PartiallyChecked : Qt::Unchecked);
        QTest::mouseClick(box, Qt::LeftButton);
        QCOMPARE(ticks.size(), 1);
        QCOMPARE(ticks.first().at(0).toStringList().size(), matching);
        QCOMPARE(ticks.first().at(1).toBool(), ticked != matching);
    }

    void controlAAndSpaceTickAllThatMatch() {
        auto* table = find<CompareTable>();
        QSignalSpy ticks(m_page.get(), &ComparePage::tickRequested);
        table->setFocus();
        QTest::keyClick(table, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClick(table, Qt::Key_Space);
        QCOMPARE(ticks.size(), 1);
        QCOMPARE(ticks.first().at(0).toStringList().size(), m_model->rowCount());
    }

    void widthsStayOverFiltersAndAreRecalled() {
        auto* table = find<CompareTable>();
        const auto widths = [table] {
            QList<int> all;
            for (int column = 1; column < table->model()->columnCount(); ++column)
                all.append(table->columnWidth(column));
            return all;
        };
        const QList<int> before = widths();
        find<QLineEdit>()->setText(text("head"));
        QCOMPARE(widths(), before);
        find<QLineEdit>()->clear();
        QSignalSpy told(m_page.get(), &ComparePage::columnsResized);
        QHeaderView* heads = table->horizontalHeader();
        const int edge = heads->sectionViewportPosition(3) - 1;
        const QPoint at(edge, heads->height() / 2);
        QTest::mousePress(heads->viewport(), Qt::LeftButton, {}, at);
        QTest::mouseMove(heads->viewport(), at + QPoint(40, 0));
        QTest::mouseRelease(heads->viewport(), Qt::LeftButton, {}, at + QPoint(40, 0));
        QVERIFY(!told.isEmpty());
        const int wide = table->columnWidth(2);
        QVERIFY(wide > before.at(1) + 20);
        find<QLineEdit>()->setText(text("head"));
        QCOMPARE(table->columnWidth(2), wide);
    }

    void aWidthThatWasChosenHolds() {
        auto* table = find<CompareTable>();
        const QString head = table->model()->headerData(2, Qt::Horizontal).toString();
        m_page->setWidths({{head, 177}});
        QCOMPARE(table->columnWidth(2), 177);
        find<QLineEdit>()->setText(text("head"));
        QCOMPARE(table->columnWidth(2), 177);
        m_page->resize(1500, 850);
        QTRY_COMPARE(table->columnWidth(2), 177);
    }

    void theTableTakesThePageWhileNothingIsTicked() {
        QStandardItemModel many;
        many.setHorizontalHeaderLabels({text("Run"), text("Best accuracy")});
        for (int i = 0; i < 60; ++i)
            many.appendRow({new QStandardItem(QString::number(i)), new QStandardItem(text("90.0 %"))});
        m_page->setModel(&many);
        m_page->setRuns({}, {});
        auto* table = find<CompareTable>();
        QTRY_VERIFY(table->height() > 500);
        m_page->setRuns(fake::compareCharts(), fake::compareRuns());
        QTRY_VERIFY(table->height() < 340);
        m_page->setModel(m_model.get());
    }

    void columnsAreFoundAndChosen() {
        m_page->setColumns({{text("best/accuracy"), text("Best accuracy"), text("Results"), true},
                            {text("last/accuracy"), text("Last"), text("Results"), true},
                            {text("setting/train.learning_rate"), text("Learning rate"), text("Settings"), false}});
        auto* button = find<QAbstractButton>("columns");
        QCOMPARE(button->text(), text("Columns, 2"));
        QTest::mouseClick(button, Qt::LeftButton);
        auto* chooser = find<ColumnChooser>("columnChooser");
        QVERIFY(chooser->isVisible());
        auto* list = chooser->findChild<QListView*>();
        QCOMPARE(list->model()->rowCount(), 3);
        QSignalSpy chosen(m_page.get(), &ComparePage::columnsChosen);
        chooser->findChild<QLineEdit*>()->setText(text("learning"));
        QCOMPARE(list->model()->rowCount(), 1);
        list->setCurrentIndex(list->model()->index(0, 0));
        QTest::keyClick(list, Qt::Key_Space);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen.first().at(0).toStringList(),
                 (QStringList{text("best/accuracy"), text("last/accuracy"), text("setting/train.learning_rate")}));
        chooser->close();
    }

    void theTableIsSavedWithItsNumbers() {
        m_model->item(0, 1)->setData(0.961, RunSortRole);
        const QStringList rows = m_page->tableAsCsv().split(text("\r\n"));
        QCOMPARE(rows.size(), m_model->rowCount() + 2);
        QVERIFY(rows.first().startsWith(text("Run,Best accuracy")));
        QVERIFY2(rows.filter(QRegularExpression(text("^gradual thaw,0.961,"))).size() == 1,
                 qPrintable(rows.join(QLatin1Char('\n')))); // the number itself, not as it is shown
        find<QLineEdit>()->setText(text("head"));
        QVERIFY(m_page->tableAsCsv().split(text("\r\n")).size() < rows.size()); // what the filter leaves
    }

    void differencesOfManyRunsAreScrolledAndTheirHeadsTellThemApart() {
        Differences many;
        for (int i = 0; i < 13; ++i) {
            many.names.append(QStringLiteral("sweep of the first week lr 0.%1").arg(i));
            many.colours.append(i + 1);
        }
        many.rows.append({text("Learning rate"), QStringList(13, text("1e-3")), QList<bool>(13, true)});
        many.settings = 31;
        m_page->setDifferences(many);
        auto* view = find<DifferenceView>();
        auto* scroll = qobject_cast<QScrollArea*>(view->parentWidget()->parentWidget());
        QVERIFY(scroll);
        QTRY_VERIFY(scroll->horizontalScrollBar()->maximum() > 0 || view->width() >= view->minimumSizeHint().width());
        m_page->resize(920, 850);
        QTRY_VERIFY(scroll->horizontalScrollBar()->maximum() > 0);
        scroll->horizontalScrollBar()->setValue(scroll->horizontalScrollBar()->maximum());
        QCOMPARE(view->wordsAt(QPoint(view->width() - 40, 10)), text("sweep of the first week lr 0.12"));
        QCOMPARE(view->wordsAt(QPoint(-view->x() + 10, 45)), text("Learning rate")); // the setting stays in sight
    }

    void theConfusionOfAnyTwoRunsIsShownAndTheirDifference() {
        view(2);
        m_page->setConfusion({matrixOf("a", 3, 1), matrixOf("b", 3, 2), matrixOf("c", 3, 4)}, {}, text("Pictures"));
        auto* confusion = find<ConfusionView>();
        QTRY_VERIFY(confusion->isVisible());
        const auto at = [confusion](int matrix, int truth, int predicted) {
            return confusion->wordsAt(confusion->cellRect(matrix, truth, predicted).center());
        };
        QCOMPARE(at(0, 0, 1), text("class 0 taken for class 1: 1 of 11"));
        QCOMPARE(at(1, 0, 1), text("class 0 taken for class 1: 2 of 12"));
        auto* second = find<QComboBox>("secondRun");
        second->setCurrentIndex(second->findData(text("c")));
        Q_EMIT second->activated(second->currentIndex());
        QCOMPARE(at(1, 0, 1), text("class 0 taken for class 1: 4 of 14"));
        auto* mode = find<SegmentedControl>("confusionMode");
        mode->setCurrent(1);
        Q_EMIT mode->chosen(1);
        QCOMPARE(at(0, 0, 1), text("class 0 taken for class 1: +3 in c than in a"));
        QCOMPARE(at(0, 0, 0), text("class 0 taken for class 0: 0 in c than in a"));
        // What was chosen holds while it is ticked.
        m_page->setConfusion({matrixOf("c", 3, 4), matrixOf("a", 3, 1)}, {}, text("Pictures"));
        QCOMPARE(find<QComboBox>("firstRun")->currentData().toString(), text("a"));
        QCOMPARE(second->currentData().toString(), text("c"));
    }

    void aCellOpensItsPicturesByMouseAndKeys() {
        view(2);
        m_page->setConfusion({matrixOf("a", 3, 1), matrixOf("b", 3, 2)}, {}, text("Pictures"));
        auto* confusion = find<ConfusionView>();
        QTRY_VERIFY(confusion->isVisible());
        QSignalSpy wanted(m_page.get(), &ComparePage::picturesRequested);
        QTest::mouseClick(confusion, Qt::LeftButton, {}, confusion->cellRect(1, 0, 1).center());
        QCOMPARE(wanted.size(), 1);
        QCOMPARE(wanted.first().at(0).toString(), text("b"));
        const auto choice = wanted.first().at(1).value<MistakeChoice>();
        QCOMPARE(choice.truth, 0);
        QCOMPARE(choice.predicted, 1);
        QTest::keyClick(confusion, Qt::Key_Left); // the diagonal
        QTest::keyClick(confusion, Qt::Key_Left); // the matrix before
        QTest::keyClick(confusion, Qt::Key_Return);
        QCOMPARE(wanted.size(), 2);
        QCOMPARE(wanted.last().at(0).toString(), text("a"));
        QCOMPARE(wanted.last().at(1).value<MistakeChoice>().predicted, 2);
    }

    void cellsHaveNumbersWheneverTheyFit_data() {
        QTest::addColumn<int>("classes");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("numbers");
        QTest::newRow("4 in a narrow card") << 4 << QSize(240, 180) << true;
        QTest::newRow("12") << 12 << QSize(420, 420) << true;
        QTest::newRow("20") << 20 << QSize(640, 560) << true;
        QTest::newRow("40, too small for a number") << 40 << QSize(420, 420) << false;
    }
    void cellsHaveNumbersWheneverTheyFit() {
        QFETCH(int, classes);
        QFETCH(QSize, size);
        QFETCH(bool, numbers);
        ConfusionView one;
        one.resize(size);
        one.setMatrices({matrixOf("a", classes, 1)}, ConfusionView::Show::Counts);
        QCOMPARE(one.numbersShown(), numbers);
    }

    void tooManyClassesAreSaidAndTheCommonestConfusionsListed() {
        view(2);
        m_page->setConfusion({matrixOf("a", 300, 1)}, {}, text("Pictures"));
        auto* note = find<QLabel>("confusionNote");
        QTRY_VERIFY(note->isVisible());
        QVERIFY2(note->text().startsWith(text("300 classes are too many")), qPrintable(note->text()));
        QVERIFY(!find<ConfusionView>()->isVisible());
        auto* list = find<QListWidget>("commonest");
        QVERIFY(list->isVisible());
        QCOMPARE(list->count(), 50);
        QCOMPARE(list->item(0)->text(), text("class 2 → class 3, 3 of 13")); // the commonest first
        QSignalSpy wanted(m_page.get(), &ComparePage::picturesRequested);
        Q_EMIT list->itemActivated(list->item(0));
        QCOMPARE(wanted.value(0).at(1).value<MistakeChoice>().truth, 2);
    }

    void theWeakestClassIsFirstAndOneNeverRecognisedIsNamed() {
        view(2);
        ConfusionMatrix matrix = matrixOf("a", 4, 1);
        matrix.scores.neverRecognised = {text("bent"), text("good")};
        m_page->setConfusion({matrix}, {}, text("Pictures"));
        auto* scores = find<ScoreTable>();
        QTRY_VERIFY(scores->isVisible());
        QCOMPARE(scores->model()->index(0, 0).data().toString(), text("class 3"));
        QCOMPARE(scores->model()->index(0, 1).data().toString(), text("87.0 %"));
        QCOMPARE(scores->model()->index(0, 3).data().toString(), text("0.820"));
        QCOMPARE(scores->model()->headerData(4, Qt::Horizontal).toString(), text("Pictures"));
        QCOMPARE(find<QLabel>("neverRecognised")->text(), text("bent, good are never recognised."));
        QSignalSpy wanted(m_page.get(), &ComparePage::picturesRequested);
        Q_EMIT scores->activated(scores->model()->index(0, 0));
        QCOMPARE(wanted.value(0).at(1).value<MistakeChoice>().truth, 3);
        QCOMPARE(wanted.value(0).at(1).value<MistakeChoice>().predicted, MistakeChoice::kAnyOther);
    }

    void whatIsNotShownIsNotDistinguishable() {
        view(1);
        m_page->setReality(fake::reality(), {});
        auto* verdict = find<QLabel>("verdict");
        QTRY_VERIFY(verdict->isVisible());
        QCOMPARE(verdict->text(), text("gradual thaw and last 3 stages are not distinguishable"));
        const QString detail = find<QLabel>("verdictDetail")->text();
        for (const char* words : {"147 of 153 pictures are right in gradual thaw, 146 in last 3 stages.",
                                  "They disagree on 7: 4 only gradual thaw has right, 3 only last 3 stages.",
                                  "McNemar p = 1.00. The difference is −0.7 points, 95 % interval −3.9 to +2.6."})
            QVERIFY2(detail.contains(text(words)), qPrintable(detail));
        QSignalSpy chosen(m_page.get(), &ComparePage::referenceChosen);
        auto* reference = find<QComboBox>("reference");
        QCOMPARE(reference->currentText(), text("gradual thaw"));
        reference->setCurrentIndex(2);
        Q_EMIT reference->activated(2);
        QCOMPARE(chosen.value(0).value(0).toString(), text("head only"));
    }

    void aVerdictSaysWhoIsBetterAndWhatCannotBeCompared() {
        DifferenceTest test{.name = text("b"), .both = 10, .onlyReference = 12, .onlyOther = 1};
        test.verdict = DifferenceTest::Verdict::ReferenceBetter;
        QCOMPARE(verdictTitle(test, text("a")), text("a is better than b"));
        test.verdict = DifferenceTest::Verdict::OtherBetter;
        QCOMPARE(verdictTitle(test, text("a")), text("b is better than a"));
        test.verdict = DifferenceTest::Verdict::OtherData;
        QCOMPARE(verdictTitle(test, text("a")), text("a and b were validated on other data"));
        test.verdict = DifferenceTest::Verdict::NotShown;
        test.unmatched = 3;
        QVERIFY(verdictDetail(test, text("a"), text("pictures"))
                    .contains(text("3 pictures were validated by one of them only and do not count.")));
    }
};

int main(int count, char** arguments) {
    QApplication application(count, arguments);
    Theme::install(application);
    TestComparePage test;
    return QTest::qExec(&test, count, arguments);
}
#include "tst_comparepage.moc"
