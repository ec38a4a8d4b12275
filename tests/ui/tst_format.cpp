#include "ui/format.h"

#include <QDateTime>
#include <QTest>

#include <limits>

using namespace ui;

class TestFormat : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void countsGroupThousandsAndShortenFromAMillion() {
        QCOMPARE(formatCount(0), QStringLiteral("0"));
        QCOMPARE(formatCount(2562), QStringLiteral("2,562"));
        QCOMPARE(formatCount(999'999), QStringLiteral("999,999"));
        QCOMPARE(formatCount(3'120'000), QStringLiteral("3.12 M"));
        QCOMPARE(formatCount(1.236e9), QStringLiteral("1.24 B"));
        QCOMPARE(formatExact(253'984'112), QStringLiteral("253,984,112"));
    }
    void missingValuesAreADash() {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        for (const QString& text :
             {formatCount(nan), formatPercent(nan), formatLoss(nan), formatBytes(-1), formatSpan(-1), formatRate(nan),
              formatMilliseconds(nan), formatSpeed(nan), formatWhen(0, 1e9)})
            QCOMPARE(text, QStringLiteral("–"));
    }
    void accuracyHasOneDigitAndLossThree() {
        QCOMPARE(formatPercent(0.961), QStringLiteral("96.1 %"));
        QCOMPARE(formatPercent(1), QStringLiteral("100.0 %"));
        QCOMPARE(formatPercent(0.96, 0), QStringLiteral("96 %"));
        QCOMPARE(formatLoss(0.125), QStringLiteral("0.125"));
        QCOMPARE(formatLoss(12.34), QStringLiteral("12.3"));
        QCOMPARE(formatLoss(0.00012), QStringLiteral("1.2e-4"));
        QCOMPARE(formatLoss(0), QStringLiteral("0.000"));
    }
    void numbersKeepWhatTellsThemApart() {
        QCOMPARE(formatNumber(0.42134), QStringLiteral("0.4213"));
        QCOMPARE(formatNumber(0), QStringLiteral("0.0000"));
        QCOMPARE(formatNumber(-1.2346), QStringLiteral("-1.235"));
        QCOMPARE(formatNumber(12.14), QStringLiteral("12.1"));
        QCOMPARE(formatNumber(1234.4), QStringLiteral("1,234"));
        QCOMPARE(formatNumber(0.00012), QStringLiteral("1.2e-4"));
        QCOMPARE(formatNumber(std::nan("")), missing());
    }
    void bytesUseDecimalUnits() {
        QCOMPARE(formatBytes(812'000), QStringLiteral("812 kB"));
        QCOMPARE(formatBytes(45e6), QStringLiteral("45 MB"));
        QCOMPARE(formatBytes(38.5e6), QStringLiteral("38.5 MB"));
        QCOMPARE(formatBytes(172e6), QStringLiteral("172 MB"));
        QCOMPARE(formatBytes(1.53e9), QStringLiteral("1.53 GB"));
        QCOMPARE(formatBytes(118e9), QStringLiteral("118 GB"));
        QCOMPARE(formatBytesOf(0.3e9, 4.0e9), QStringLiteral("0.3 of 4.0 GB"));
    }
    void unitsChangeWhereTheFiguresWouldNotFit() {
        QCOMPARE(formatBytes(999.4), QStringLiteral("999 B"));
        QCOMPARE(formatBytes(999.5), QStringLiteral("1 kB"));
        QCOMPARE(formatBytes(999'400), QStringLiteral("999 kB"));
        QCOMPARE(formatBytes(999'600), QStringLiteral("1.0 MB"));
        QCOMPARE(formatBytes(1.01e9), QStringLiteral("1.01 GB"));
    }
    void daysAreTodayYesterdayOrDated() {
        const auto at = [](const QDate& day) { return double(QDateTime(day, QTime(14, 2)).toSecsSinceEpoch()); };
        const double now = at({2026, 3, 10});
        QCOMPARE(formatWhen(now, now), QStringLiteral("Today 14:02"));
        QCOMPARE(formatWhen(at({2026, 3, 9}), now), QStringLiteral("Yesterday 14:02"));
        QCOMPARE(formatWhen(at({2026, 3, 8}), now), QStringLiteral("8 Mar 14:02"));
        QCOMPARE(formatWhen(at({2025, 12, 24}), now), QStringLiteral("24 Dec 2025 14:02"));
    }
    void computeIsInMegaOrGigaFlop() {
        QCOMPARE(formatFlops(12.4e6), QStringLiteral("12.4 MFLOP"));
        QCOMPARE(formatFlops(0.774e9), QStringLiteral("0.77 GFLOP"));
        QCOMPARE(formatFlops(30.9e9), QStringLiteral("30.9 GFLOP"));
        QCOMPARE(formatFlops(-1), QStringLiteral("–"));
    }
    void spansCountMinutesAndHours() {
        QCOMPARE(formatSpan(31), QStringLiteral("0:31"));
        QCOMPARE(formatSpan(73), QStringLiteral("1:13"));
        QCOMPARE(formatSpan(3725), QStringLiteral("1:02:05"));
        QCOMPARE(formatSpanWords(75), QStringLiteral("about 1 min 15 s"));
        QCOMPARE(formatSpanWords(0.2), QStringLiteral("under a second"));
        QCOMPARE(formatSpanWords(7200), QStringLiteral("about 2 h"));
    }
    void ratesAreShortPowers() {
        QCOMPARE(formatRate(1e-3), QStringLiteral("1e-3"));
        QCOMPARE(formatRate(6.3e-4), QStringLiteral("6.3e-4"));
        QCOMPARE(formatRate(0.01), QStringLiteral("0.01"));
        QCOMPARE(formatRate(0), QStringLiteral("0"));
    }
    void ratesAreReadInEveryWayPeopleWriteThem_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("value");
        QTest::newRow("power") << QStringLiteral("3e-4") << 3e-4;
        QTest::newRow("plain") << QStringLiteral("0.0003") << 3e-4;
        QTest::newRow("comma") << QStringLiteral("0,001") << 1e-3;
        QTest::newRow("no zero") << QStringLiteral(".01") << 0.01;
        QTest::newRow("fraction") << QStringLiteral("1/1000") << 1e-3;
        QTest::newRow("half of it") << QStringLiteral("÷ 2") << 0.005;
        QTest::newRow("slash 2") << QStringLiteral("/2") << 0.005;
        QTest::newRow("twice") << QStringLiteral("× 2") << 0.02;
        QTest::newRow("star") << QStringLiteral("*3") << 0.03;
    }
    void ratesAreReadInEveryWayPeopleWriteThem() {
        QFETCH(QString, text);
        QFETCH(double, value);
        const auto parsed = parseRate(text, 0.01);
        QVERIFY(parsed.has_value());
        QVERIFY(qFuzzyCompare(*parsed, value));
    }
    void nonsenseIsNoRate() {
        for (const char* text : {"", "fast", "1e", "÷ 0", "1//2", "inf", "nan"})
            QVERIFY2(!parseRate(QString::fromUtf8(text), 0.01).has_value(), text);
        QVERIFY(!parseRate(QStringLiteral("÷ 2")).has_value());
    }
    void writtenRatesAreReadBack() {
        for (const double rate : {1e-5, 2.5e-4, 1e-3, 0.05, 0.9})
            QVERIFY(qFuzzyCompare(parseRate(formatRate(rate)).value_or(0), rate));
    }
};

QTEST_APPLESS_MAIN(TestFormat)
#include "tst_format.moc"
