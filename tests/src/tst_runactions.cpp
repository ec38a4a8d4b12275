// What a person asks of runs: to go on where a run is gone, to report, to take runs of other tools in.
#include "engine/runs/tensorboard.h"
#include "src/experimentdocument.h"
#include "src/report.h"
#include "src/reportchart.h"
#include "src/runactions.h"
#include "src/runcontroller.h"
#include "src/runimport.h"
#include "src/runlibrary.h"
#include "src/runreport.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/frame/mainframe.h"
#include "ui/frame/runmenu.h"
#include "ui/theme.h"

#include <QFile>
#include <QMenu>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include <algorithm>
#include <cmath>
#include <filesystem>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

struct Window {
    QTemporaryDir folder;
    ui::MainFrame frame;
    RunController controller;
    RunLibrary runLibrary{controller};
    ExperimentDocument document;
    RunActions actions{frame, controller, runLibrary, document};

    [[nodiscard]] std::filesystem::path runs() const { return toPath(folder.filePath(text("runs"))); }
    QString run(const madeup::RunWish& wish, double rate = 1e-3) const {
        return words(madeup::run(runs(), wish, rate).filename());
    }
    void open() {
        frame.resize(1400, 900);
        frame.show();
        runLibrary.setFolder(words(runs()));
    }
    [[nodiscard]] bool says(const QString& sentence) const {
        const auto widgets = frame.findChildren<QWidget*>(); // a notice's words are its names
        return std::ranges::any_of(widgets, [&](const QWidget* one) {
            return one->accessibleName() == sentence || one->accessibleDescription() == sentence;
        });
    }
};

QString readAll(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
}

} // namespace

class TestRunActions final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::Theme::install(*qApp); }
    void init() { madeup::ownSettings(); }

    void aRunWhoseFolderIsGoneIsSaidToBeGone() {
        Window window;
        const QString id = window.run({.name = "lost", .end = engine::RunState::Stopped});
        window.open();
        QTRY_VERIFY(window.runLibrary.find(id));
        std::filesystem::remove_all(window.runs() / id.toStdString());
        window.actions.resume(id);
        QVERIFY(window.says(text("lost is gone")));
        QVERIFY(window.says(text("Its folder was deleted or moved by another program.")));
        QVERIFY(!window.controller.busy());
        QTRY_VERIFY(!window.runLibrary.find(id));
    }

    void aReportHoldsAllThatIsSaidOfItsRuns() {
        Window window;
        const QString one = window.run({.name = "first & <best>", .accuracy = 0.9});
        const QString two = window.run({.name = "second", .accuracy = 0.8}, 5e-3);
        window.open();
        QTRY_VERIFY(window.runLibrary.find(two));
        window.runLibrary.setNote(two, text("tried a larger rate\nto no avail"));
        window.runLibrary.setTags(two, {text("rates")});
        RunReport report(window.frame, window.runLibrary);
        const QString file = window.folder.filePath(text("report.html"));
        QTRY_VERIFY(!engine::readRunNotes(window.runs() / two.toStdString()).tags.empty());
        report.write({one, two}, file);
        QTRY_VERIFY(window.says(text("The report is written")));
        const QString html = readAll(file);
        QVERIFY(html.contains(text("<title>Comparison of 2 runs</title>")));
        QVERIFY(html.contains(text("first &amp; &lt;best&gt;")));
        QVERIFY(!html.contains(text("<best>")));
        QVERIFY(html.contains(text("90.0 %")) && html.contains(text("80.0 %")));
        QVERIFY(html.contains(text("0.005"))); // the setting that differs
        QVERIFY(html.contains(text("not distinguishable")));
        QVERIFY(html.contains(text("tried a larger rate<br>to no avail")));
        QVERIFY(html.contains(text(">rates<")));
        QVERIFY(html.count(text("<svg")) >= 2);
        QVERIFY(html.count(text("<polyline")) >= 4);
        static const QRegularExpression outside(text("(src|href)=|https?:|url\\("));
        QVERIFY2(!html.contains(outside), "it needs something else than itself");
    }

    void theReportOfOneRunHasItsName() {
        const QTemporaryDir folder;
        const auto run = readReportRun(madeup::run(toPath(folder.path()), {.name = "alone"}));
        const QString html = reportHtml({run}, {}, 1.8e9);
        QVERIFY(html.contains(text("<title>alone</title>")));
        QVERIFY(html.contains(text("<h2>Settings</h2>")));
        QVERIFY(!html.contains(text("Verdict")));
    }

    void aReportThatCannotBeWrittenIsSaid() {
        Window window;
        const QString id = window.run({.name = "one"});
        window.open();
        QTRY_VERIFY(window.runLibrary.find(id));
        RunReport report(window.frame, window.runLibrary);
        report.write({id}, text("/no/such/folder/report.html"));
        QTRY_VERIFY(window.says(text("The report is not written")));
    }

    void aChartOfAReportKeepsItsExtremesAndItsGaps() {
        ui::ChartSeries line{.key = text("a"), .name = text("a < b"), .color = Qt::red};
        for (int i = 0; i < 5000; ++i) {
            line.x.append(i);
            line.y.append(i == 2500 ? 100 : i == 4000 ? std::nan("") : 1);
        }
        line.best = QPointF(2500, 100);
        const QString svg =
            chartSvg({.title = text("T"), .xName = text("Step"), .unit = ui::ChartUnit::Number, .lines = {line}});
        QXmlStreamReader reader(svg);
        double highest = 1e9;
        int points = 0;
        bool ring = false;
        while (!reader.atEnd()) {
            reader.readNext();
            if (reader.isStartElement() && reader.name() == QLatin1String("polyline"))
                for (const QString& point :
                     reader.attributes().value(text("points")).toString().split(QLatin1Char(' '))) {
                    highest = std::min(highest, point.section(QLatin1Char(','), 1).toDouble());
                    ++points;
                }
            if (reader.isStartElement() && reader.name() == QLatin1String("circle"))
                ring = std::abs(reader.attributes().value(text("cy")).toDouble() - highest) < 0.2;
        }
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        QVERIFY(points > 100 && points < 2000);
        QVERIFY(highest < 60); // the one spike
        QVERIFY(ring);
    }

    void runsOfAnotherToolAreImportedAndDrawn() {
        Window window;
        window.open();
        const auto logs = toPath(window.folder.filePath(text("logs")));
        std::filesystem::create_directories(logs);
        engine::TensorBoardWriter writer(logs, -1, 1.8e9);
        for (int i = 0; i < 4; ++i)
            writer.scalar("val/accuracy", 10 * i, 0.2F * static_cast<float>(i), 1.8e9 + i);
        writer.flush();
        RunImport importer(window.frame, window.runLibrary);
        importer.begin(words(logs));
        QTRY_VERIFY(window.says(text("logs is imported")));
        QTRY_COMPARE(window.runLibrary.runs().size(), std::size_t{1});
        const QString id = words(window.runLibrary.runs().front().id);
        QVERIFY(window.runLibrary.isTicked(id));
        const QModelIndex row = window.runLibrary.index(0);
        QCOMPARE(row.data(ui::RunBestRole).toString(), text("60.0 %"));
        QVERIFY(row.data(ui::RunImportedRole).toBool());
        QMenu menu;
        ui::fillRunMenu(menu, row, {id});
        for (const QAction* action : menu.actions())
            for (const auto what : {ui::RunAction::UseSettings, ui::RunAction::TrainLonger, ui::RunAction::Try})
                QVERIFY(action->isSeparator() || action->data().toInt() != static_cast<int>(what));
        importer.begin(words(window.runs() / "nowhere"));
        QTRY_VERIFY(window.says(words(window.runs() / "nowhere") + text(" does not exist.")));
    }
};

QTEST_MAIN(TestRunActions)
#include "tst_runactions.moc"
