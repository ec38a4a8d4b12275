// The table of Compare: which rows a filter leaves, and in which order.
#include "ui/compare/comparetable.h"
#include "ui/frame/runrole.h"
#include "ui/theme.h"

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
