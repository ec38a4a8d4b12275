// The table of Compare: which rows a filter leaves, and in which order.
#include "ui/compare/comparetable.h"
#include "ui/frame/runrole.h"
#include "ui/theme.h"

#include <QHeaderView>
#include <QStandardItemModel>
#include <QTest>

#include <cmath>

using namespace ui;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

QStandardItem* cell(const QString& shown, double value) {
    auto* made = new QStandardItem(shown);
    made->setData(value, RunSortRole);
    return made;
}

// Three runs: name, best accuracy, epochs, learning rate, device.
class Runs final : public QStandardItemModel {
public:
    Runs() {
        setHorizontalHeaderLabels(
            {text("Run"), text("Best accuracy"), text("Epochs"), text("Learning rate"), text("Device")});
        add(text("first"), text("96.1 %"), 0.9612, 1024, text("1,024"), text("0.001"));
        add(text("second"), text("90.0 %"), 0.9, 8, text("8"), text("0.01"));
        add(text("third"), text("–"), std::nan(""), 5, text("5"), text("0.001"));
        item(2)->setData(QStringList{text("night")}, RunTagsRole);
    }

private:
    void add(const QString& name, const QString& accuracy, double value, double epochs, const QString& shown,
             const QString& rate) {
        auto* device = new QStandardItem(text("cpu"));
        device->setData(text("cpu"), RunSortRole);
        appendRow(
            {new QStandardItem(name), cell(accuracy, value), cell(shown, epochs), cell(rate, rate.toDouble()), device});
    }
};

// The same with a column more before the others.
class Moved final : public QStandardItemModel {
public:
    explicit Moved(const Runs& runs) {
        QStringList heads;
        for (int column = 0; column < runs.columnCount(); ++column) {
            QList<QStandardItem*> cells;
            for (int row = 0; row < runs.rowCount(); ++row)
                cells.append(runs.item(row, column)->clone());
            appendColumn(cells);
            heads.append(runs.headerData(column, Qt::Horizontal).toString());
        }
        insertColumn(1, {cell(text("1"), 1), cell(text("2"), 2), cell(text("3"), 3)});
        heads.insert(1, text("Best loss"));
        setHorizontalHeaderLabels(heads);
    }
};

// Two runs with an error in pixels, of which the least is the best, and one without.
class Errors final : public QStandardItemModel {
public:
    Errors() {
        setHorizontalHeaderLabels({text("Run"), text("Best mean error")});
        setHeaderData(1, Qt::Horizontal, QVariant::fromValue(Qt::AscendingOrder), Qt::InitialSortOrderRole);
        appendRow({new QStandardItem(text("none")), cell(text("–"), std::nan(""))});
        appendRow({new QStandardItem(text("rough")), cell(text("1,204 px"), 1203.7)});
        appendRow({new QStandardItem(text("fine")), cell(text("12.1 px"), 12.14)});
    }
};

} // namespace

class TestCompare final : public QObject {
    Q_OBJECT
    static QStringList namesOf(const CompareTable& table) {
        QStringList names;
        for (int row = 0; row < table.model()->rowCount(); ++row)
            names.append(table.model()->index(row, 0).data().toString());
        return names;
    }

private Q_SLOTS:
    void aFilterLeavesWhatItSays_data() {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("left"); // in the order of the runs
        const auto row = [](const char* filter, const char* left) {
            QTest::newRow(filter) << text(filter) << text(left);
        };
        row("", "first second third");
        row("accuracy > 90", "first");
        row("accuracy > 89.9", "first second");
        row("accuracy < 96", "second");
        row("accuracy>0.5", "first second");
        row("accuracy = 96.1", "first"); // as it is shown
        row("accuracy = 96.2", "");
        row("accuracy = 96.12", "first"); // as it is
        row("epochs = 8", "second");
        row("epochs = 1024", "first");
        row("epochs < 8", "third");
        row("epochs > 5", "first second");
        row("learning = 1e-3", "first third");
        row("learning = 0.001, accuracy > 50", "first");
        row("night", "third");
        row("CPU sec", "second");
        row("= 5", "");
        row("nothing > 5", "");
    }
    void aFilterLeavesWhatItSays() {
        QFETCH(QString, filter);
        QFETCH(QString, left);
        Runs runs;
        CompareTable table;
        table.setRuns(&runs);
        table.setFilter(filter);
        QStringList names = namesOf(table);
        names.sort();
        QCOMPARE(names.join(QLatin1Char(' ')), left);
    }

    void theLeastErrorIsFirstAndAMissingValueLast() {
        Errors runs;
        CompareTable table;
        table.setRuns(&runs);
        QCOMPARE(namesOf(table), (QStringList{text("fine"), text("rough"), text("none")}));
        table.sortByColumn(1, Qt::DescendingOrder);
        QCOMPARE(namesOf(table), (QStringList{text("rough"), text("fine"), text("none")}));
    }

    void valuesWithAUnitAreFilteredAsTheyAreShown() {
        Errors runs;
        CompareTable table;
        table.setRuns(&runs);
        const auto left = [&](const char* filter) {
            table.setFilter(text(filter));
            return namesOf(table).join(QLatin1Char(' '));
        };
        QCOMPARE(left("mean error < 13"), text("fine"));
        QCOMPARE(left("error > 13"), text("rough"));
        QCOMPARE(left("error = 12.1"), text("fine"));
        QCOMPARE(left("error = 1204"), text("rough"));
    }

    void theOrderThatWasChosenStaysWithItsHead() {
        Runs runs;
        CompareTable table;
        table.setRuns(&runs);
        table.resize(900, 300);
        table.show();
        QVERIFY(QTest::qWaitForWindowExposed(&table));
        QHeaderView* heads = table.horizontalHeader();
        QTest::mouseClick(heads->viewport(), Qt::LeftButton, {},
                          {heads->sectionViewportPosition(2) + 20, heads->height() / 2});
        const QStringList chosen{text("third"), text("second"), text("first")};
        QCOMPARE(namesOf(table), chosen);
        Moved moved(runs);
        table.setRuns(&moved);
        QCOMPARE(heads->sortIndicatorSection(), 3);
        QCOMPARE(namesOf(table), chosen);
    }

    void theBestIsFirstAndAMissingValueLast() {
        Runs runs;
        CompareTable table;
        table.setRuns(&runs);
        QCOMPARE(namesOf(table), (QStringList{text("first"), text("second"), text("third")}));
        table.sortByColumn(2, Qt::AscendingOrder);
        QCOMPARE(namesOf(table), (QStringList{text("third"), text("second"), text("first")}));
    }
};

int main(int count, char** arguments) {
    QApplication application(count, arguments);
    Theme::install(application);
    TestCompare test;
    return QTest::qExec(&test, count, arguments);
}
#include "tst_compare.moc"
