// Live's charts: which there are, in what order, and what their curves mean.
#include "ui/charts/chart.h"
#include "ui/charts/qcustomplotwrapper.h"
#include "ui/live/livecharts.h"
#include "ui/theme.h"

#include <QApplication>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace ui;

class TestLiveCharts final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void partsOfAStepComeToAllSteps() {
        const Curve whole{.step = {1, 2, 3, 4, 5}, .value = {9, 9, 9, 9, 9}, .seconds = {10, 20, 30, 40, 50}};
        const Curve later{.step = {3, 5}, .value = {7, 8}, .seconds = {30, 50}};
        const Curve made = atStepsOf(whole, later);
        QCOMPARE(made.step, whole.step);
        QCOMPARE(made.seconds, whole.seconds);
        QCOMPARE(made.value, (QList<double>{0, 0, 7, 7.5, 8}));
        const Curve earlier{.step = {1, 2}, .value = {4, 6}, .seconds = {10, 20}};
        QCOMPARE(atStepsOf(whole, earlier).value, (QList<double>{4, 6, 0, 0, 0}));
        QCOMPARE(atStepsOf(whole, {}).value, QList<double>(5, 0));
        QCOMPARE(atStepsOf(whole, whole).value, whole.value);
    }
    void partsAndThroughputAreSmoothedForWhatTheyMean() {
        LiveCurves curves;
        const auto put = [](Curve& curve, int step, double value) {
            curve.step.append(step);
            curve.value.append(value);
            curve.seconds.append(step);
        };
        for (int step = 1; step <= 200; ++step) {
            put(curves.throughput, step, step % 2 ? 100 : 300);
            put(curves.waitMs, step, step % 2 ? 1 : 3);
            put(curves.forwardMs, step, step == 1 ? 4000 : 5); // the first one loads kernels
        }
        curves.step = curves.steps = 200;
        LiveCharts page;
        page.setCurves(curves);
        page.resize(900, 700);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        // The value of a curve at a row of what a chart copies.
        const auto valueOf = [&](const char* title, const char* curve, int row) {
            for (const auto* chart : page.findChildren<Chart*>())
                if (chart->title() == QLatin1String(title)) {
                    const QStringList lines = chart->valuesAsText().split(QLatin1Char('\n'));
                    const auto column = lines.first().split(QLatin1Char('\t')).indexOf(QLatin1String(curve));
                    return lines.value(row).split(QLatin1Char('\t')).value(column).toDouble();
                }
            return 0.0;
        };
        QTRY_VERIFY(valueOf("Throughput", "Pictures/s", 200) > 0);
        // As many pictures at 100 as at 300 a second: 150 a second in all, not 200.
        QVERIFY(std::abs(valueOf("Throughput", "Pictures/s, smoothed", 200) - 150) < 10);
        QCOMPARE(valueOf("Throughput", "Pictures/s", 200), 300.0); // as it was measured
        QTRY_VERIFY(std::abs(valueOf("Step, ms", "Data, smoothed", 200) - 2) < 0.15);
        QCOMPARE(valueOf("Step, ms", "Fwd, smoothed", 1), 5.0);
        QCOMPARE(valueOf("Step, ms", "Fwd, smoothed", 30), 5.0);
        page.setSmoothing(0);
        QTRY_COMPARE(valueOf("Step, ms", "Fwd", 1), 4000.0);
        QCOMPARE(valueOf("Throughput", "Pictures/s", 200), 300.0);
    }
    void everyMetricHasAChartInItsOrder() {
        const auto curve = [](std::initializer_list<double> values) {
            Curve made;
            for (const double value : values) {
                made.step.append(static_cast<double>(made.step.size() + 1));
                made.value.append(value);
                made.seconds.append(static_cast<double>(made.step.size()));
            }
            return made;
        };
        const auto metric = [](const char* label, const char* unit, ChartUnit format, const Curve& train,
                               const Curve& validation) {
            return MetricCurves{QString::fromLatin1(label),
                                QString::fromLatin1(label),
                                QString::fromLatin1(unit),
                                format,
                                train,
                                validation,
                                2};
        };
        LiveCurves curves;
        curves.metrics = {metric("Loss", "", ChartUnit::Loss, curve({3, 2, 1}), curve({3, 2, 1})),
                          metric("Mean error", "px", ChartUnit::Number, {}, curve({30, 12.14, 20}))};
        curves.step = curves.steps = 3;
        LiveCharts page;
        const auto titles = [&page] {
            QList<Chart*> charts;
            for (auto* chart : page.findChildren<Chart*>())
                if (chart->isVisible())
                    charts.append(chart);
            std::ranges::sort(charts, [](const Chart* a, const Chart* b) {
                return std::pair(a->y(), a->x()) < std::pair(b->y(), b->x());
            });
            QStringList made;
            for (const auto* chart : charts)
                made.append(chart->title());
            return made;
        };
        const QStringList costs{QStringLiteral("Throughput"), QStringLiteral("Memory, GB"),
                                QStringLiteral("Learning rate"), QStringLiteral("Step, ms")};
        page.resize(900, 700);
        page.setCurves(curves);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        QCOMPARE(titles(), QStringList({QStringLiteral("Loss"), QStringLiteral("Mean error, px")}) + costs);
        Chart* error = nullptr;
        for (auto* chart : page.findChildren<Chart*>())
            if (chart->title() == QStringLiteral("Mean error, px"))
                error = chart;
        QVERIFY(error);
        QTRY_COMPARE(error->valuesAsText(), QStringLiteral("step\tValidation\n1\t30\n2\t12.14\n3\t20\n"));

        curves.metrics.append(metric("F1", "", ChartUnit::Percent, {}, curve({0.5})));
        page.setCurves(curves);
        QTRY_COMPARE(titles(),
                     QStringList({QStringLiteral("Loss"), QStringLiteral("Mean error, px"), QStringLiteral("F1")}) +
                         costs);
        QCOMPARE(page.findChildren<Chart*>().last()->y(), error->y()); // three metrics share the first row
        page.setOneColumn(true);
        QTRY_COMPARE(titles().value(2), QStringLiteral("F1"));
        page.setOneColumn(false);
        curves.metrics.resize(1);
        page.setCurves(curves);
        QTRY_COMPARE(titles(), QStringList{QStringLiteral("Loss")} + costs);
    }
    void theTimeOfARunWithoutTrainingSeriesIsThatOfItsValidation() {
        LiveCurves curves;
        QVERIFY(curves.clock().isEmpty());
        curves.metrics.resize(2);
        curves.metrics[0].validation = {{8}, {1}, {80}};
        QCOMPARE(curves.clock().seconds, QList<double>{80});
        curves.metrics[1].train = {{1}, {1}, {10}};
        QCOMPARE(curves.clock().seconds, QList<double>{10});
    }

    void anAxisStaysLinearUnlessOneAsks() {
        LiveCurves curves;
        for (int step = 1; step <= 20; ++step) {
            curves.throughput.step.append(step);
            curves.throughput.value.append(step < 10 ? 10 : 2000); // so far apart that it once turned logarithmic
            curves.throughput.seconds.append(step);
        }
        curves.step = curves.steps = 20;
        LiveCharts page;
        page.setCurves(curves);
        page.resize(900, 700);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        for (auto* chart : page.findChildren<Chart*>()) {
            chart->redrawNow();
            const auto* axis = chart->findChild<QCustomPlot*>()->yAxis;
            QVERIFY(axis->scaleType() == QCPAxis::stLinear);
            if (chart->title() != QStringLiteral("Throughput"))
                continue;
            chart->setLogarithmic(true);
            chart->redrawNow();
            QVERIFY(axis->scaleType() == QCPAxis::stLogarithmic);
            QVERIFY(axis->range().lower > 0);
        }
    }
    void smoothingLooksTheSameHoweverManySteps() {
        const auto spreadOf = [](int steps) {
            LiveCurves curves;
            MetricCurves loss{QStringLiteral("loss"), QStringLiteral("Loss"), {}, ChartUnit::Loss, {}, {}, -1};
            for (int step = 1; step <= steps; ++step) {
                loss.train.step.append(step);
                loss.train.value.append(step % 7 < 3 ? 0.0 : 1.0);
                loss.train.seconds.append(step);
            }
            curves.metrics = {loss};
            curves.step = curves.steps = steps;
            LiveCharts page;
            page.setCurves(curves);
            const auto* chart = page.findChild<Chart*>();
            page.resize(900, 700);
            page.show();
            static_cast<void>(page.grab());
            const QStringList rows = chart->valuesAsText().split(QLatin1Char('\n'));
            double least = 1, most = 0;
            for (qsizetype row = rows.size() / 2; row + 1 < rows.size(); ++row) {
                const double value = rows.at(row).section(QLatin1Char('\t'), 2, 2).toDouble();
                least = std::min(least, value);
                most = std::max(most, value);
            }
            return most - least;
        };
        const double few = spreadOf(700);
        const double many = spreadOf(19'000);
        QVERIFY2(few > 0.1 && many < few / 4, qPrintable(QStringLiteral("%1 %2").arg(few).arg(many)));
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestLiveCharts test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_livecharts.moc"
