#include "ui/charts/chartmath.h"
#include "ui/charts/smoothing.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace ui;

class TestSmoothing : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aConstantStaysItselfFromTheFirstPoint() {
        for (const double value : smoothed(QList<double>(50, 0.7), 0.95))
            QVERIFY(std::abs(value - 0.7) < 1e-12);
    }
    void theFirstPointsAreNotPulledToZero() {
        // s1 = y1; s2 = (w(1−w)y1 + (1−w)y2) / (1 − w²) = (w·y1 + y2) / (1 + w)
        const QList<double> result = smoothed({2, 4}, 0.5);
        QCOMPARE(result[0], 2.0);
        QVERIFY(std::abs(result[1] - 5.0 / 1.5) < 1e-12);
    }
    void theHighestComesDownToTheOthers() {
        QCOMPARE(winsorized({4000, 2, 3}), (QList<double>{3, 2, 3}));
        QCOMPARE(winsorized({5}), QList<double>{5});
        QCOMPARE(winsorized({}), QList<double>{});
        QList<double> many(200, 1.0);
        many[0] = many[70] = 900;
        QCOMPARE(winsorized(many), QList<double>(200, 1.0));
        many[3] = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(std::isnan(winsorized(many)[3]));
        QCOMPARE(winsorized(many)[0], 1.0);
    }
    void weightZeroChangesNothing() { QCOMPARE(smoothed({3, 1, 2}, 0), (QList<double>{3, 1, 2})); }
    void nanStaysAndDoesNotSpread() {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const QList<double> result = smoothed({1, nan, 1}, 0.9);
        QVERIFY(std::isnan(result[1]));
        QVERIFY(std::abs(result[2] - 1) < 1e-12);
    }
    void thinningKeepsTheMeanAndTheLength() {
        QList<double> x, y;
        for (int i = 0; i < 10'000; ++i) {
            x.append(i);
            y.append(i % 2);
        }
        const Points points = thinned(x, y, {0, 9999}, 300);
        QVERIFY(points.x.size() <= 302);
        for (qsizetype i = 1; i + 1 < points.y.size(); ++i)
            QVERIFY(std::abs(points.y[i] - 0.5) < 0.05);
    }
    void linesReachTheEdgesOfWhatIsShown() {
        const QList<double> x{0, 10, 20, 30, 40}, y{1, 2, 3, 4, 5};
        QCOMPARE(thinned(x, y, {15, 25}, 100).x, (QList<double>{10, 20, 30}));
        QCOMPARE(envelope(x, y, {15, 25}, 100).y, (QList<double>{2, 3, 4}));
    }
    void envelopesKeepSpikes() {
        QList<double> x, y;
        for (int i = 0; i < 10'000; ++i) {
            x.append(i);
            y.append(i == 5000 ? 9 : i == 7000 ? -4 : 0);
        }
        const Points points = envelope(x, y, {0, 9999}, 100);
        QVERIFY(points.y.contains(9) && points.y.contains(-4));
        QVERIFY(points.y.size() <= 210);
    }
    void gapsStayGaps() {
        QList<double> x, y;
        for (int i = 0; i < 1000; ++i) {
            x.append(i);
            y.append(i >= 400 && i < 600 ? std::numeric_limits<double>::quiet_NaN() : 1);
        }
        const Points points = thinned(x, y, {0, 999}, 50);
        QVERIFY(std::any_of(points.y.begin(), points.y.end(), [](double v) { return std::isnan(v); }));
    }
    void outliersOfRawCurvesDoNotSetTheAxis() {
        ChartSeries raw;
        raw.style = ChartSeries::Style::Raw;
        for (int i = 0; i < 1000; ++i) {
            raw.x.append(i);
            raw.y.append(i == 10 ? 500 : 1 + 0.1 * (i % 3));
        }
        QVERIFY(yRangeOf({raw}, {0, 999}, ChartUnit::Loss, std::nullopt).to < 2);
        raw.style = ChartSeries::Style::Line;
        QVERIFY(yRangeOf({raw}, {0, 999}, ChartUnit::Loss, std::nullopt).to > 400);
    }
    void theNearestPointGivesTheValue() {
        ChartSeries series;
        series.x = {0, 10, 20};
        series.y = {1, 2, 3};
        QCOMPARE(valueNear(series, -5), 1.0);
        QCOMPARE(valueNear(series, 14), 2.0);
        QCOMPARE(valueNear(series, 16), 3.0);
        QCOMPARE(valueNear(series, 99), 3.0);
        QVERIFY(std::isnan(valueNear(ChartSeries(), 1)));
    }
};

QTEST_APPLESS_MAIN(TestSmoothing)
#include "tst_smoothing.moc"
