// Statistics of comparisons against statsmodels, scikit-learn and a bootstrap that draws (reference_comparison.py).
#include "engine/api/comparison.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>

using namespace engine;

namespace {

QJsonObject golden() {
    QFile file(QStringLiteral(THAW_SOURCE_DIR "/tests/base/golden_comparison.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

QList<QList<double>> rowsOf(const char* name) {
    QList<QList<double>> rows;
    for (const auto& row : golden().value(QLatin1String(name)).toArray()) {
        rows.append(QList<double>());
        for (const auto& value : row.toArray())
            rows.last().append(value.toDouble());
    }
    return rows;
}

bool near(double a, double b, double tolerance = 1e-9) { return std::abs(a - b) <= tolerance; }

SampleResult answer(const char* file, int label, int predicted) {
    return {.file = file, .label = label, .predicted = predicted};
}

} // namespace

class TestComparison final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void wilsonsIntervalsAreStatsmodels() {
        const auto rows = rowsOf("wilson");
        QVERIFY(rows.size() >= 10);
        for (const auto& row : rows) {
            const Interval made = wilsonInterval(std::llround(row[0]), std::llround(row[1]));
            QVERIFY2(near(made.low, row[2]) && near(made.high, row[3]), qPrintable(QString::number(row[0])));
        }
        QCOMPARE(wilsonInterval(0, 0).low, 0.0);
        QCOMPARE(wilsonInterval(0, 0).high, 1.0);
    }

    void mcNemarsTestIsStatsmodels() {
        const auto rows = rowsOf("mcnemar");
        QVERIFY(rows.size() >= 9);
        for (const auto& row : rows)
            for (const double p : {mcNemarExact(std::llround(row[0]), std::llround(row[1])),
                                   mcNemarExact(std::llround(row[1]), std::llround(row[0]))})
                QVERIFY2(near(p, row[2]), qPrintable(QStringLiteral("%1 %2: %3").arg(row[0]).arg(row[1]).arg(p)));
    }

    void theBootstrapIsWhatDrawingComesTo() {
        const auto rows = rowsOf("bootstrap");
        QVERIFY(rows.size() >= 6);
        for (const auto& row : rows) {
            const PairedAnswers answers{std::llround(row[0]), std::llround(row[1]), std::llround(row[2]),
                                        std::llround(row[3])};
            const Interval made = pairedBootstrap(answers);
            // Differences are whole numbers of samples; 400,000 draws may miss a bound by one.
            const double step = 1.0001 / static_cast<double>(answers.all());
            QVERIFY2(near(made.low, row[4], step) && near(made.high, row[5], step),
                     qPrintable(QStringLiteral("%1 to %2").arg(made.low).arg(made.high)));
        }
        QVERIFY(std::isnan(pairedBootstrap({}).low));
    }

    void pValuesAreCorrectedAsHolmDid() {
        const auto rows = rowsOf("holm");
        const std::vector<double> made = holmCorrected(std::vector<double>(rows.first().begin(), rows.first().end()));
        QCOMPARE(made.size(), std::size_t(rows.last().size()));
        for (std::size_t i = 0; i < made.size(); ++i)
            QVERIFY(near(made[i], rows.last()[static_cast<qsizetype>(i)]));
    }

    void scoresOfClassesAreScikitLearns() {
        const QJsonObject wanted = golden().value(QLatin1String("scores")).toObject();
        std::vector<std::int64_t> counts;
        for (const auto& count : wanted.value(QLatin1String("counts")).toArray())
            counts.push_back(count.toInteger());
        const std::vector<ClassScore> scores = classScores(counts, 6);
        const auto same = [&](const char* name, double ClassScore::*number) {
            for (int i = 0; i < 6; ++i) {
                const QJsonValue value = wanted.value(QLatin1String(name)).toArray().at(i);
                const double made = scores[static_cast<std::size_t>(i)].*number;
                if (value.isNull() ? !std::isnan(made) : !near(made, value.toDouble()))
                    return false;
            }
            return true;
        };
        QVERIFY(same("precision", &ClassScore::precision));
        QVERIFY(same("recall", &ClassScore::recall));
        QVERIFY(same("f1", &ClassScore::f1));
        for (std::size_t i = 0; i < 6; ++i)
            QCOMPARE(scores[i].support,
                     wanted.value(QLatin1String("support")).toArray().at(static_cast<qsizetype>(i)).toInteger());
        QVERIFY(near(macroF1(scores), wanted.value(QLatin1String("macro_f1")).toDouble()));
        QVERIFY(scores[2].neverRecognised() && !scores[0].neverRecognised());
        QVERIFY(!scores[5].neverRecognised()); // there was none to be recognised
    }

    void samplesArePairedByFileAndClassesByName() {
        const std::vector<SampleResult> first{answer("a", 0, 0), answer("b", 0, 1),    answer("c", 1, 1),
                                              answer("d", 1, 1), answer("only", 0, 0), answer("otherwise", 0, 0)};
        // The same classes in another order; "otherwise" is said to be another class here.
        const std::vector<SampleResult> second{answer("d", 0, 1), answer("c", 0, 0), answer("b", 1, 1),
                                               answer("a", 1, 0), answer("otherwise", 0, 0)};
        const PairedAnswers made = pairAnswers(first, {"ant", "bee"}, second, {"bee", "ant"});
        QCOMPARE(made.both, 1);       // c
        QCOMPARE(made.onlyFirst, 2);  // a, d
        QCOMPARE(made.onlySecond, 1); // b
        QCOMPARE(made.neither, 0);
        QCOMPARE(made.unmatched, 2);
        QVERIFY(near(made.difference(), 0.25));
        QVERIFY(std::isnan(pairAnswers(first, {"ant", "bee"}, {}, {}).difference()));
    }

    void samplesOfSeveralLabelsAreRightWhereAllLabelsAre() {
        const auto many = [](const char* file, std::vector<int> given) {
            return SampleResult{.file = file, .labels = {0, 1}, .predictedLabels = std::move(given)};
        };
        const PairedAnswers made = pairAnswers(std::vector{many("a", {0, 1}), many("b", {0})}, {"x", "y"},
                                               std::vector{many("a", {0}), many("b", {0})}, {"x", "y"});
        QCOMPARE(made.onlyFirst, 1);
        QCOMPARE(made.neither, 1);
    }
};

QTEST_APPLESS_MAIN(TestComparison)
#include "tst_comparison.moc"
