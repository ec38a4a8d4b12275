#include "ui/charts/chart.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/chartlegend.h"
#include "ui/charts/chartoverlay.h"
#include "ui/charts/chartplot.h"
#include "ui/charts/charttext.h"
#include "ui/charts/qcustomplotwrapper.h"
#include "ui/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

using namespace ui;

class TestCharts : public QObject {
    Q_OBJECT

    static ChartSeries line(int points) {
        ChartSeries series;
        series.key = series.name = QStringLiteral("Train");
        series.color = runColor(1);
        for (int i = 0; i < points; ++i) {
            series.x.append(i);
            series.y.append(0.5 + 0.001 * i);
        }
        return series;
    }
    static void open(Chart& chart) {
        chart.resize(400, 220);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        QTest::qWait(50);
    }

private Q_SLOTS:
    void labelsAreNeverCut_data() {
        QTest::addColumn<ChartUnit>("unit");
        QTest::addColumn<double>("from");
        QTest::addColumn<double>("to");
        QTest::addColumn<QString>("longest");
        QTest::newRow("percent") << ChartUnit::Percent << 0.9748 << 0.9774 << QStringLiteral("97.7 %");
        QTest::newRow("a constant") << ChartUnit::Percent << 0.9999 << 1.0001 << QStringLiteral("100.00 %");
        QTest::newRow("a large number") << ChartUnit::Number << -1234.5 << 99.0 << QStringLiteral("-1000");
        QTest::newRow("usual") << ChartUnit::Percent << 0.0 << 1.0 << QStringLiteral("50 %");
    }
    void labelsAreNeverCut() {
        QFETCH(ChartUnit, unit);
        QFETCH(double, from);
        QFETCH(double, to);
        QFETCH(QString, longest);
        ChartPlot plot(unit);
        plot.resize(300, 160);
        plot.setRanges({0, 10}, {from, to});
        plot.replot();
        const int wanted = QFontMetrics(ui::font(FontRole::Small)).horizontalAdvance(longest);
        QVERIFY2(plot.area().left() >= wanted + 6, qPrintable(QString::number(plot.area().left())));
        if (longest == QStringLiteral("50 %"))
            QCOMPARE(plot.area().left(), ChartPlot::kLeft);
    }

    void redrawsAtMostThirtyTimesASecondHoweverOftenDataComes() {
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        open(chart);
        const int before = chart.redraws();
        QElapsedTimer clock;
        clock.start();
        int sets = 0;
        while (clock.elapsed() < 500) {
            chart.setSeries({line(100 + sets)});
            ++sets;
            QTest::qWait(1);
        }
        const int drawn = chart.redraws() - before;
        QVERIFY2(sets > 30, qPrintable(QString::number(sets)));
        QVERIFY2(drawn >= 2, qPrintable(QString::number(drawn)));
        QVERIFY2(drawn <= static_cast<int>(clock.elapsed() / 33) + 2, qPrintable(QString::number(drawn)));
    }
    void hiddenChartsDoNotDraw() {
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        const int before = chart.redraws();
        chart.setSeries({line(10)});
        QTest::qWait(80);
        QCOMPARE(chart.redraws(), before);
    }
    void theCrosshairIsSharedAndMovedByKeys() {
        Chart one(QStringLiteral("Loss"), ChartUnit::Loss);
        Chart other(QStringLiteral("Accuracy"), ChartUnit::Percent);
        ChartGroup group;
        group.add(&one);
        group.add(&other);
        one.setSeries({line(200)});
        other.setSeries({line(200)});
        open(one);
        QTest::keyClick(&one, Qt::Key_Right);
        QVERIFY(one.crosshair().has_value());
        QCOMPARE(other.crosshair(), one.crosshair());
        QTest::keyClick(&one, Qt::Key_Escape);
        QVERIFY(!other.crosshair().has_value());
    }
    void zoomIsSharedAndZeroResetsIt() {
        Chart one(QStringLiteral("Loss"), ChartUnit::Loss);
        Chart other(QStringLiteral("Accuracy"), ChartUnit::Percent);
        ChartGroup group;
        group.add(&one);
        group.add(&other);
        one.setSeries({line(201)});
        other.setSeries({line(201)});
        open(one);
        QSignalSpy spy(&group, &ChartGroup::zoomedChanged);
        QTest::keyClick(&one, Qt::Key_Plus);
        QVERIFY(one.xTo() - one.xFrom() < 199);
        QCOMPARE(other.xFrom(), one.xFrom());
        QCOMPARE(other.xTo(), one.xTo());
        QVERIFY(group.zoomed());
        QTest::keyClick(&one, Qt::Key_0);
        QCOMPARE(one.xFrom(), 0.0);
        QCOMPARE(other.xTo(), 200.0);
        QCOMPARE(spy.count(), 2);
    }
    void chartsOfAGroupAreDrawnInTurns() {
        QWidget page;
        ChartGroup group;
        Chart one(QStringLiteral("Loss"), ChartUnit::Loss, &page);
        Chart other(QStringLiteral("Accuracy"), ChartUnit::Percent, &page);
        for (Chart* chart : {&one, &other}) {
            group.add(chart);
            chart->resize(300, 200);
        }
        page.resize(600, 400);
        page.show();
        QTRY_VERIFY(one.redraws() > 0 && other.redraws() > 0);
        QTest::qWait(50); // what showing them asked for
        const int drawn = one.redraws();
        const int drawnOther = other.redraws();
        for (Chart* chart : {&one, &other, &one})
            group.redrawInTurn(chart);
        QCOMPARE(one.redraws(), drawn); // not at once
        QTRY_COMPARE(other.redraws(), drawnOther + 1);
        QCOMPARE(one.redraws(), drawn + 1); // and not twice
    }
    void copiedValuesHoldARowAStep() {
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        chart.setSeries({line(3)});
        open(chart);
        QCOMPARE(chart.valuesAsText(), QStringLiteral("step\tTrain\n0\t0.5\n1\t0.501\n2\t0.502\n"));
    }
    void chartsAreExportedAsPictureAndVectors() {
        QTemporaryDir folder;
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        chart.setXName(QStringLiteral("Epoch"));
        chart.setSeries({line(50)});
        open(chart);
        for (const char* name : {"chart.png", "chart.svg", "chart.pdf", "chart.csv"}) {
            const QString file = folder.filePath(QString::fromUtf8(name));
            QVERIFY(chart.exportTo(file, QStringLiteral("gradual thaw")));
            QVERIFY2(QFile(file).size() > 400, name);
        }
        const auto read = [&](const char* name) {
            QFile file(folder.filePath(QString::fromUtf8(name)));
            return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
        };
        const QString svg = read("chart.svg");
        QVERIFY(svg.contains(QStringLiteral("<polyline")));
        for (const char* words : {">gradual thaw<", ">Loss<", ">Epoch<"}) // run, y and x
            QVERIFY2(svg.contains(QString::fromUtf8(words)), words);
        const QStringList rows = read("chart.csv").split(QStringLiteral("\r\n"));
        QCOMPARE(rows.value(0), QStringLiteral("Epoch,Train"));
        QCOMPARE(rows.value(2), QStringLiteral("1,0.501"));
        QVERIFY(!chart.exportTo(folder.filePath(QStringLiteral("no/such/folder.svg"))));
    }
    void namesInACsvFileAreQuotedWhereTheyMustBe() {
        QCOMPARE(csvCell(QStringLiteral("gradual thaw")), QStringLiteral("gradual thaw"));
        QCOMPARE(csvCell(QStringLiteral("a, \"b\"")), QStringLiteral("\"a, \"\"b\"\"\""));
    }
    void copiedValuesAreTheMeasuredOnesWithTheSmoothedBesideThem() {
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        ChartSeries smooth = line(2);
        smooth.measured = {3, 1.5};
        chart.setSeries({smooth});
        open(chart);
        QCOMPARE(chart.valuesAsText(), QStringLiteral("step\tTrain\tTrain, smoothed\n0\t3\t0.5\n1\t1.5\t0.501\n"));
    }
    void theCrosshairSnapsToWhatWasMeasured() {
        Chart chart(QStringLiteral("Accuracy"), ChartUnit::Percent);
        ChartSeries epochs = line(0);
        for (int epoch = 1; epoch <= 9; ++epoch) {
            epochs.x.append(epoch);
            epochs.y.append(epoch % 2 ? 0.5 : 0.9);
        }
        chart.setSeries({epochs});
        open(chart);
        auto* overlay = chart.findChild<ChartOverlay*>();
        const auto* plot = chart.findChild<ChartPlot*>();
        QTest::mouseMove(overlay, QPoint(qRound(plot->toPixelX(4.6)), plot->area().center().y()));
        QTRY_COMPARE(chart.crosshair(), std::optional(5.0)); // a display sends the move when it likes
        const auto marks = overlay->marks();
        QCOMPARE(marks.size(), 1);
        QCOMPARE(marks.first().at, QPointF(plot->toPixelX(5), plot->toPixelY(0.5)));
        QCOMPARE(marks.first().value, QStringLiteral("50.0 %"));
        QTest::keyClick(&chart, Qt::Key_Right);
        QCOMPARE(chart.crosshair(), std::optional(6.0));
        QTest::keyClick(&chart, Qt::Key_End);
        QCOMPARE(chart.crosshair(), std::optional(9.0));
    }
    void theRingLiesOnTheDrawnLineOfManyPoints() {
        Chart chart(QStringLiteral("Accuracy"), ChartUnit::Percent);
        ChartSeries noisy = line(0);
        for (int step = 0; step < 80'000; ++step) {
            noisy.x.append(step);
            noisy.y.append(step % 2);
        }
        chart.setSeries({noisy});
        open(chart);
        chart.setCrosshair(41'657);
        const auto marks = chart.overlay().marks();
        QCOMPARE(marks.size(), 1);
        const auto* plot = chart.findChild<ChartPlot*>();
        QVERIFY(std::abs(marks.first().at.y() - plot->toPixelY(0.5)) < 2); // the mean of a column, not 0 or 1
        QVERIFY(std::abs(marks.first().at.x() - plot->toPixelX(41'657)) < 2);
    }
    void whatIsCountedIsTickedWhole() {
        ChartPlot plot(ChartUnit::Percent);
        plot.resize(400, 160);
        const auto ticks = [&plot](Range x) {
            plot.setRanges(x, {0, 1});
            plot.replot();
            QStringList labels;
            const auto* axis = plot.findChild<QCustomPlot*>()->xAxis;
            for (int i = 0; i < axis->tickVector().size(); ++i)
                if (axis->range().contains(axis->tickVector().at(i)))
                    labels.append(axis->tickVectorLabels().at(i));
            return labels.join(QLatin1Char(' '));
        };
        QCOMPARE(ticks({1, 2}), QStringLiteral("1 2"));
        QCOMPARE(ticks({1, 4}), QStringLiteral("1 2 3 4"));
        QVERIFY(ticks({1.2, 1.7}).contains(QStringLiteral("1.4"))); // nothing whole is in sight
    }
    void labelsOfAConstantDiffer_data() {
        QTest::addColumn<ChartUnit>("unit");
        QTest::addColumn<double>("value");
        QTest::newRow("all wrong") << ChartUnit::Percent << 0.0;
        QTest::newRow("all right") << ChartUnit::Percent << 1.0;
        QTest::newRow("no loss") << ChartUnit::Loss << 0.0;
        QTest::newRow("a huge loss") << ChartUnit::Loss << 2e9;
    }
    void labelsOfAConstantDiffer() {
        QFETCH(ChartUnit, unit);
        QFETCH(double, value);
        ChartSeries flat = line(5);
        flat.y.fill(value);
        ChartPlot plot(unit);
        plot.resize(400, 160);
        plot.setRanges({0, 4}, yRangeOf({flat}, {0, 4}, unit, std::nullopt));
        plot.replot();
        QStringList labels;
        const auto* axis = plot.findChild<QCustomPlot*>()->yAxis;
        for (int i = 0; i < axis->tickVector().size(); ++i)
            if (axis->range().contains(axis->tickVector().at(i)))
                labels.append(axis->tickVectorLabels().at(i));
        QVERIFY(labels.size() >= 2);
        QCOMPARE(labels.removeDuplicates(), 0);
        for (const auto& label : labels)
            QVERIFY2(label.size() <= 9, qPrintable(label));
    }
    void theWheelIsThePagesUnlessTheChartIsMeant() {
        QScrollArea page;
        auto* chart = new Chart(QStringLiteral("Loss"), ChartUnit::Loss);
        chart->setMinimumHeight(900);
        chart->setSeries({line(201)});
        page.setWidget(chart);
        page.setWidgetResizable(true);
        page.resize(400, 300);
        page.show();
        page.activateWindow();
        page.setFocus();
        QTRY_VERIFY(page.hasFocus());
        auto* overlay = chart->findChild<ChartOverlay*>();
        // Whether the chart took it; what it does not take goes on to the page.
        const auto taken = [&](Qt::KeyboardModifiers keys, int by) {
            QWheelEvent wheel(QPointF(200, 20), overlay->mapToGlobal(QPointF(200, 20)), {}, QPoint(0, by), {}, keys,
                              Qt::NoScrollPhase, false);
            QApplication::sendEvent(overlay, &wheel);
            return wheel.isAccepted();
        };
        QVERIFY(!taken({}, -120));
        QVERIFY(!taken({}, 120));
        QCOMPARE(chart->xTo(), 200.0);
        QVERIFY(taken(Qt::ControlModifier, 120));
        QVERIFY(chart->xTo() - chart->xFrom() < 199);
        for (int i = 0; i < 5; ++i)
            QVERIFY(taken(Qt::ControlModifier, -120));
        QCOMPARE(chart->xFrom(), 0.0); // never beyond the data
        QCOMPARE(chart->xTo(), 200.0);
        chart->setFocus();
        QTRY_VERIFY(chart->hasFocus());
        QVERIFY(taken({}, 120));
        QVERIFY(chart->xTo() - chart->xFrom() < 199);
    }
    void shiftAndDragZoomIntoTheBox() {
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        chart.setSeries({line(201)});
        open(chart);
        auto* overlay = chart.findChild<ChartOverlay*>();
        const auto* plot = chart.findChild<ChartPlot*>();
        const QPoint from(qRound(plot->toPixelX(50)), qRound(plot->toPixelY(0.6)));
        const QPoint to(qRound(plot->toPixelX(150)), qRound(plot->toPixelY(0.55)));
        QTest::mousePress(overlay, Qt::LeftButton, Qt::ShiftModifier, from);
        QTest::mouseMove(overlay, to);
        QTest::mouseRelease(overlay, Qt::LeftButton, Qt::ShiftModifier, to);
        chart.redrawNow();
        QVERIFY(std::abs(chart.xFrom() - 50) < 1.5 && std::abs(chart.xTo() - 150) < 1.5);
        const auto* drawn = chart.findChild<QCustomPlot*>();
        QVERIFY(std::abs(drawn->yAxis->range().lower - 0.55) < 0.01);
        QVERIFY(std::abs(drawn->yAxis->range().upper - 0.6) < 0.01);
    }
    void everyLineIsNamedAtItsEnd() {
        QList<ChartSeries> runs;
        for (int i = 0; i < 13; ++i) {
            ChartSeries run = line(9);
            run.key = run.name = QStringLiteral("sweep %1").arg(i);
            run.y.fill(0.9); // all on each other
            runs.append(run);
        }
        Chart chart(QStringLiteral("Accuracy"), ChartUnit::Percent);
        chart.setNames(ChartNames::AtLineEnds);
        chart.setSeries(runs);
        chart.resize(600, 300);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        chart.redrawNow();
        const auto ends = chart.overlay().lineEnds();
        QCOMPARE(ends.size(), 13);
        const QRect area = chart.findChild<ChartPlot*>()->area();
        for (int i = 0; i < ends.size(); ++i) {
            QVERIFY(ends.at(i).nameY >= area.top() && ends.at(i).nameY <= area.bottom());
            if (i > 0)
                QVERIFY(ends.at(i).nameY - ends.at(i - 1).nameY >= kLineEndPitch - 0.01);
        }
        // Room for the whole of the longest name.
        const int wide = QFontMetrics(ui::font(FontRole::Small)).horizontalAdvance(QStringLiteral("sweep 12"));
        QVERIFY(chart.overlay().width() - area.right() >= wide + 20);
    }
    void ofVeryManyLinesTheBestTenAndTheLiftedAreNamed() {
        QList<ChartSeries> runs;
        for (int i = 0; i < 31; ++i) {
            ChartSeries run = line(9);
            run.key = run.name = QString::number(i);
            runs.append(run);
        }
        Chart chart(QStringLiteral("Accuracy"), ChartUnit::Percent);
        chart.setNames(ChartNames::AtLineEnds);
        chart.setSeries(runs);
        chart.resize(600, 400);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        chart.redrawNow();
        const auto named = [&chart] {
            QStringList names;
            for (const auto& end : chart.overlay().lineEnds())
                names.append(end.name);
            return names;
        };
        QCOMPARE(named().size(), 10);
        QVERIFY(named().contains(QStringLiteral("9")) && !named().contains(QStringLiteral("20")));
        chart.setLifted(QStringLiteral("20"));
        QCOMPARE(named().size(), 10);
        QVERIFY(named().contains(QStringLiteral("20")));
    }
    void aLineUnderTheMouseIsLiftedInAllCharts() {
        ChartSeries high = line(9);
        high.key = high.name = QStringLiteral("high");
        high.y.fill(0.9);
        ChartSeries low = high;
        low.key = low.name = QStringLiteral("low");
        low.y.fill(0.1);
        Chart one(QStringLiteral("Accuracy"), ChartUnit::Percent);
        Chart other(QStringLiteral("Loss"), ChartUnit::Loss);
        ChartGroup group;
        for (Chart* chart : {&one, &other}) {
            chart->setNames(ChartNames::AtLineEnds);
            chart->setSeries({high, low});
            group.add(chart);
        }
        open(one);
        one.redrawNow();
        auto* overlay = one.findChild<ChartOverlay*>();
        const auto* plot = one.findChild<ChartPlot*>();
        const int x = plot->area().center().x();
        QTest::mouseMove(overlay, QPoint(x, qRound(plot->toPixelY(0.9)) + 3));
        QCOMPARE(one.lifted(), QStringLiteral("high"));
        QCOMPARE(other.lifted(), QStringLiteral("high"));
        QSignalSpy activated(&one, &Chart::lineActivated);
        QTest::mouseClick(overlay, Qt::LeftButton, {}, QPoint(x, qRound(plot->toPixelY(0.9)) + 3));
        QCOMPARE(activated.value(0).value(0).toString(), QStringLiteral("high"));
        QTest::mouseMove(overlay, QPoint(x, qRound(plot->toPixelY(0.5))));
        QVERIFY(one.lifted().isEmpty());
        QTest::mouseMove(overlay, QPoint(overlay->width() - 8, qRound(one.overlay().lineEnds().last().nameY)));
        QCOMPARE(other.lifted(), QStringLiteral("low")); // by its name
        QTest::keyClick(&one, Qt::Key_Up);
        QCOMPARE(group.lifted(), QStringLiteral("high"));
        QTest::keyClick(&one, Qt::Key_Escape);
        QVERIFY(group.lifted().isEmpty());
    }
    void aLegendKeepsItsNamesLongest() {
        const auto entry = [](const char* name, double amount) {
            return LegendEntry{QString::fromLatin1(name), QStringLiteral("%1 ms").arg(amount), Qt::red,
                               LegendEntry::Swatch::Square, amount};
        };
        const QList<LegendEntry> parts{entry("Data", 60), entry("Fwd", 40), entry("Bwd", 50), entry("Opt", 45),
                                       entry("Other", 44)};
        const LegendFit all = fitLegend(parts, 2000);
        QVERIFY(all.names && all.values && all.entries.size() == 5);
        const LegendFit tight = fitLegend(parts, 300);
        QVERIFY(tight.names && !tight.values);
        QCOMPARE(tight.entries.size(), 5);
        QCOMPARE(tight.leftOut, 0);
        const LegendFit tightest = fitLegend(parts, 130);
        QVERIFY(tightest.names && tightest.leftOut > 0); // and says how many
        QCOMPARE(tightest.entries.size() + tightest.leftOut, 5);
    }
    void theFocusRingIsWhole() {
        QWidget window;
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss, &window);
        QPushButton before(&window);
        chart.setSeries({line(20)});
        chart.resize(400, 220);
        window.resize(400, 220);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        before.setFocus();
        QTest::keyClick(&before, Qt::Key_Backtab); // the ring is drawn after a key
        chart.setFocus(Qt::TabFocusReason);
        QTRY_VERIFY(chart.hasFocus());
        const QImage drawn = chart.grab().toImage();
        const int y = drawn.height() / 2;
        for (int inset = 0; inset < 2; ++inset) {
            QCOMPARE(drawn.pixelColor(inset, y), drawn.pixelColor(drawn.width() - 1 - inset, y));
            QCOMPARE(drawn.pixelColor(drawn.width() - 1 - inset, y), color(Role::AccentText));
        }
    }
    void manyPointsAreDrawnInAFrame() {
        // Guards the pen and thinning rules: with wide pens on all points one redraw takes seconds on a slow machine.
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        open(chart);
        ChartSeries raw = line(200'000);
        raw.style = ChartSeries::Style::Raw;
        chart.setSeries({raw, line(200'000)});
        const int before = chart.redraws();
        QTRY_VERIFY(chart.redraws() > before);
    }
    void partsAreAreasOnEachOther() {
        // The first step is a million times as long, and most steps go up and down: filled as high as that they took a
        // second to draw.
        const auto part = [](const char* name, int color) {
            ChartSeries series;
            series.key = series.name = QString::fromLatin1(name);
            series.color = runColor(color);
            series.style = ChartSeries::Style::Stacked;
            for (int i = 0; i < 400; ++i) {
                series.x.append(i);
                series.y.append(i == 0 ? 1e6 : i < 200 && i % 3 == 0 ? 9 : 5);
            }
            return series;
        };
        Chart chart(QStringLiteral("Step, ms"), ChartUnit::Milliseconds);
        ChartSeries nothing = part("Fwd", 3);
        nothing.y.fill(0);
        chart.setSeries({part("Data", 1), nothing, part("Graph", 2)});
        open(chart);
        const QImage drawn = chart.grab().toImage();
        const auto colourAt = [&](int y) { return drawn.pixelColor(300, y); }; // step 270 or so
        // From the axis up: the first part, the other, as high, and air. Nothing of the part of nothing.
        int first = 0, second = 0;
        for (int y = 0; y < drawn.height(); ++y) {
            first += colourAt(y) == runColor(1);
            second += colourAt(y) == runColor(2);
            QVERIFY(colourAt(y) != runColor(3));
            if (first > 0)
                QVERIFY(colourAt(y) != runColor(2));
        }
        QVERIFY2(first > 30 && std::abs(first - second) <= 1,
                 qPrintable(QStringLiteral("%1 %2").arg(first).arg(second)));
        const auto* plot = chart.findChild<QCustomPlot*>();
        QCOMPARE(plot->graphCount(), 2);
        for (int i = 0; i < plot->graphCount(); ++i)
            for (const QCPGraphData& point : *plot->graph(i)->data())
                QVERIFY(point.value <= 2 * plot->yAxis->range().upper);
    }
    void theLegendLeavesOutWhatIsSmallForNames() {
        const auto part = [](const char* name, int color, double value) {
            return ChartSeries{.key = QString::fromLatin1(name),
                               .name = QString::fromLatin1(name),
                               .color = runColor(color),
                               .style = ChartSeries::Style::Stacked,
                               .x = {1, 2},
                               .y = {value, value}};
        };
        const auto inLegend = [](Chart& chart, int color) {
            const QImage drawn = chart.grab(QRect(0, 0, chart.width(), 28)).toImage();
            for (int y = 0; y < drawn.height(); ++y)
                for (int x = 0; x < drawn.width(); ++x)
                    if (drawn.pixelColor(x, y) == runColor(color))
                        return true;
            return false;
        };
        Chart chart(QStringLiteral("Step, ms"), ChartUnit::Milliseconds);
        chart.setSeries({part("Data", 1, 60), part("Fwd", 2, 40), part("Opt", 4, 0.5)});
        open(chart);
        QVERIFY(inLegend(chart, 1) && inLegend(chart, 2) && inLegend(chart, 4)); // there is room
        chart.setSeries({part("Waiting for data", 1, 60), part("Forward and backward", 2, 40), part("Update", 4, 0.5)});
        chart.redrawNow();
        QVERIFY(inLegend(chart, 1) && inLegend(chart, 2) && !inLegend(chart, 4));
        chart.setSeries({part("Waiting for data", 1, 60), part("Forward and backward", 2, 40), part("Update", 4, 5)});
        chart.redrawNow();
        QVERIFY(inLegend(chart, 4)); // not small
    }
    void aChartTellsItsValuesToScreenReaders() {
        Chart chart(QStringLiteral("Loss"), ChartUnit::Loss);
        chart.setSeries({line(3)});
        open(chart);
        chart.activateWindow();
        chart.setFocus();
        QTRY_COMPARE(chart.accessibleDescription(), QStringLiteral("Train 0.502"));
        QCOMPARE(chart.accessibleName(), QStringLiteral("Loss"));
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestCharts test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_charts.moc"
