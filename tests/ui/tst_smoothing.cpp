#include "ui/charts/chartmath.h"
#include "ui/charts/lineends.h"
#include "ui/charts/smoothing.h"

#include <QTest>

#include <algorithm>
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
    void noiseDenserThanPixelsIsABandWithItsSpikes() {
        ChartSeries raw;
        for (int step = 0; step < 10'000; ++step) {
            raw.x.append(step);
            raw.y.append(step == 5'000 ? 40.0 : step % 10); // 0 to 9, and one spike
        }
        const auto band = noiseBand(raw, {0, 9999}, 100);
        QVERIFY(band.has_value());
        QCOMPARE(band->density, 100.0);
        QVERIFY(band->x.size() >= 100);
        QVERIFY(band->low[3] >= 0 && band->low[3] <= 1);
        QVERIFY(band->high[3] >= 8 && band->high[3] < 9.5);
        QVERIFY(std::ranges::find(band->spikes.y, 40.0) != band->spikes.y.end());
        QCOMPARE(band->spikes.y.size(), 3);                 // that one alone: from the band, to the value, a gap
        QVERIFY(!noiseBand(raw, {0, 99}, 100).has_value()); // one value a pixel: a line
    }
    void stretchesOfALongSeriesAreABandOfTheirEnds() {
        ChartSeries raw;
        for (int i = 0; i < 2'000; ++i) {
            raw.x.append(i);
            raw.y.append(0.5);
            raw.minimum.append(0);
            raw.maximum.append(1);
        }
        const auto band = noiseBand(raw, {0, 1999}, 100);
        QVERIFY(band.has_value());
        QCOMPARE(band->low[5], 0.0);
        QCOMPARE(band->high[5], 1.0);
        QCOMPARE(yRangeOf({raw}, {0, 1999}, ChartUnit::Loss, std::nullopt).from, 0.0);
        QVERIFY(yRangeOf({raw}, {0, 1999}, ChartUnit::Loss, std::nullopt).to >= 1);
    }
    void theNextMeasuredXIsThatOfAnyNamedCurve() {
        ChartSeries train;
        train.name = QStringLiteral("Train");
        train.x = {1, 2, 3, 4, 5};
        train.y = {1, 2, 3, 4, 5};
        ChartSeries unnamed = train;
        unnamed.name.clear();
        unnamed.x = {1.1, 2.1, 3.1, 4.1, 5.1};
        const QList<ChartSeries> both{train, unnamed};
        QCOMPARE(measuredX(both, 3.12, Towards::Nearest), std::optional(3.0));
        QCOMPARE(measuredX(both, 3, Towards::Right), std::optional(4.0));
        QCOMPARE(measuredX(both, 3, Towards::Left), std::optional(2.0));
        QVERIFY(!measuredX(both, 5, Towards::Right).has_value());
        QVERIFY(!measuredX({unnamed}, 3, Towards::Nearest).has_value());
    }
    void namesAtTheEndsKeepApartAndInTheirOrder() {
        QList<LineEnd> ends;
        for (const double y : {50.0, 52.0, 51.0, 98.0})
            ends.append({QString::number(y), QString::number(y), {}, y, y});
        placeLineEnds(ends, 10, 100);
        for (int i = 1; i < ends.size(); ++i) {
            QVERIFY(ends[i].y >= ends[i - 1].y);
            QVERIFY(ends[i].nameY - ends[i - 1].nameY >= kLineEndPitch - 1e-9);
        }
        QVERIFY(ends.last().nameY <= 100);
        QCOMPARE(namesThatFit(13, 300), 13);
        QCOMPARE(namesThatFit(13, 90), 6);
        QCOMPARE(namesThatFit(31, 900), 10);
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
