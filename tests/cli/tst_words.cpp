// What the command line prints, word for word.
#include "engine/api/experiment.h"
#include "engine/api/train.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/runs/runwriter.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <fcntl.h>
#include <unistd.h>

using namespace engine;

namespace {

// What `action` prints on stdout.
template <typename Action>
QString printed(Action action) {
    const QTemporaryDir folder;
    const QByteArray path = folder.filePath(QStringLiteral("out")).toUtf8();
    std::fflush(stdout);
    const int before = dup(STDOUT_FILENO);
    const int file = open(path.constData(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    dup2(file, STDOUT_FILENO);
    close(file);
    action();
    std::fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    QFile out(QString::fromUtf8(path));
    return out.open(QIODevice::ReadOnly) ? QString::fromUtf8(out.readAll()) : QString();
}

// A run that was best in its first epoch and is worse in its second.
std::filesystem::path runIn(const QTemporaryDir& folder, const std::string& name) {
    Experiment experiment;
    experiment.name = name;
    const auto made = createRun(experiment, folder.path().toStdString());
    RunWriter writer(made);
    writer.started({.device = "cpu", .epochs = 2, .steps = 2}, -1);
    writer.epochDone(1, 1, {{"validation/accuracy", 0.75}}, true);
    writer.epochDone(2, 2, {{"validation/accuracy", 0.5}}, false);
    writer.finished(2);
    return made;
}

} // namespace

class TestWords final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreShort() {
        QCOMPARE(cli::countWords(9999), "9999");
        QCOMPARE(cli::countWords(12'345), "12.3 k");
        QCOMPARE(cli::countWords(3'400'000), "3.40 M");
        QCOMPARE(cli::countWords(1.5e9), "1.50 G");
        QCOMPARE(cli::timeWords(73), "1:13");
        QCOMPARE(cli::timeWords(7509), "2:05:09");
        QCOMPARE(cli::timeWords(-1), "0:00");
        QCOMPARE(cli::byteWords(38'400'000), "38 MB");
        QCOMPARE(cli::byteWords(1'530'000'000), "1.5 GB");
        QCOMPARE(cli::percentWords(0.961), "96.1 %");
        QCOMPARE(cli::percentWords(std::nan("")), "–");
    }

    void columnsAreAsWideAsTheirWidestCellInCharacters() {
        const QString table = printed([] {
            cli::printTable({{"Class", "Share"}, {"Bär", "5"}, {"Löwe", "100"}, {"–", "–"}}, {false, true});
        });
        QCOMPARE(table, QStringLiteral("Class  Share\nBär        5\nLöwe     100\n–          –\n"));
    }

    void theRecordOfARunNamesItsBestStep() {
        RunSummary summary;
        summary.best["validation/loss"] = 0.5;
        QVERIFY(!cli::summaryJson(summary)["best"].contains("step"));
        summary.bestStep = 0;
        QCOMPARE(cli::summaryJson(summary)["best"]["step"].get<int>(), 0);
        QVERIFY(!cli::summaryJson(summary).contains("failure"));
    }

    void comparisonSaysBestAndLast() {
        const QTemporaryDir folder;
        const std::string one = runIn(folder, "one").string(), two = runIn(folder, "two").string();
        const char* words[] = {"thaw", "runs", "compare", one.c_str(), two.c_str()};
        int code = -1;
        const QString table = printed([&] { code = cli::run(5, words); });
        QCOMPARE(code, 0);
        for (const auto& [row, value] :
             {std::pair("Best accuracy", "75.0 %"), {"at epoch", "1"}, {"Last accuracy", "50.0 %"}})
            QVERIFY2(table.contains(QRegularExpression(
                         QStringLiteral("^%1 +%2 +%2$").arg(QLatin1String(row), QLatin1String(value)),
                         QRegularExpression::MultilineOption)),
                     row);
    }
};

QTEST_GUILESS_MAIN(TestWords)
#include "tst_words.moc"
