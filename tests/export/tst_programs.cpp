// The program that lies beside an exported model, built and run as it stands, far from Thaw.
#include "engine/api/export.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "tests/train/pictures.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

namespace fs = std::filesystem;
using namespace engine;

namespace {

constexpr int kPatienceMs = 540'000; // LibTorch's headers take a compiler long
constexpr double kShare = 0.06;      // per cent: written with one digit

QString said(const QString& folder, const QString& program, const QStringList& words) {
    QProcess process;
    process.setWorkingDirectory(folder);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, words);
    const bool ended = process.waitForFinished(kPatienceMs) && process.exitStatus() == QProcess::NormalExit;
    const QString text = QString::fromUtf8(process.readAll());
    return ended && process.exitCode() == 0 ? text : QStringLiteral("failed: ") + text.right(2000);
}

} // namespace

class TestPrograms final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void thePlainProgramAnswersAsTheRunDoes_data() {
        QTest::addColumn<int>("input");
        QTest::newRow("of pixels") << int(ExportInput::Pixels);
        QTest::newRow("of pictures") << int(ExportInput::Pictures);
    }
    void thePlainProgramAnswersAsTheRunDoes() {
        QFETCH(int, input);
        if (QStandardPaths::findExecutable(QStringLiteral("g++")).isEmpty())
            QSKIP("There is no g++.");
        const tests::Project project(12, 6);
        Experiment experiment = project.experiment();
        experiment.train.epochs = 1;
        experiment.data.imageSize = 40; // the program resizes and cuts
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        (void)train(run, control);
        (void)exportModel({.run = run,
                           .out = project.path() / "out",
                           .format = ExportFormat::TorchScript,
                           .input = static_cast<ExportInput>(input)});
        const QTemporaryDir elsewhere;
        const QString folder = elsewhere.filePath(QStringLiteral("moved away"));
        QVERIFY(QDir().rename(QString::fromStdString((project.path() / "out").string()), folder));

        QFile source(folder + QStringLiteral("/predict.cpp"));
        QVERIFY(source.open(QIODevice::ReadOnly));
        QString build = QString::fromUtf8(source.readAll()).section(QLatin1Char('\n'), 1, 1);
        QVERIFY2(build.startsWith(QLatin1String("// g++ ")), qPrintable(build));
        build = build.mid(3).replace(QLatin1String("LIBTORCH"), QLatin1String(THAW_LIBTORCH)) +
                QStringLiteral(" -Wl,-rpath," THAW_LIBTORCH "/lib");
        const QString built = said(folder, QStringLiteral("sh"), {QStringLiteral("-c"), build});
        QVERIFY2(!built.contains(QLatin1String("failed")), qPrintable(built));

        Predictor predictor = Predictor::fromRun(run);
        QStringList files;
        std::vector<fs::path> shown; // the same to Thaw
        for (const auto& entry : fs::recursive_directory_iterator(project.path() / "data" / "val")) {
            if (!entry.is_regular_file())
                continue;
            const QImage picture = QImage(QString::fromStdString(entry.path().string())).scaled(90, 61);
            files.append(elsewhere.filePath(QStringLiteral("%1.ppm").arg(files.size())));
            const QString png = elsewhere.filePath(QStringLiteral("%1.png").arg(files.size()));
            QVERIFY(picture.save(files.last()) && picture.save(png));
            shown.emplace_back(png.toStdString());
        }
        const std::vector<Prediction> wanted = predictor.predict(shown, 1);
        QCOMPARE(files.size(), 12);
        const QStringList lines =
            said(folder, folder + QStringLiteral("/predict"), files).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QVERIFY2(lines.size() == files.size(), qPrintable(lines.join(QLatin1Char('\n'))));
        static const QRegularExpression form(QStringLiteral("^(.*): (.*) ([0-9.]+) %$"));
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const QRegularExpressionMatch match = form.match(lines[i]);
            QCOMPARE(match.captured(1), files[i]);
            const Prediction& here = wanted[static_cast<std::size_t>(i)];
            QVERIFY2(!here.top.empty(), here.problem.c_str());
            const ClassProbability& answer = here.top.front();
            QCOMPARE(match.captured(2), QString::fromStdString(answer.label));
            QVERIFY2(std::abs(match.captured(3).toDouble() - 100.0 * answer.probability) < kShare,
                     qPrintable(lines[i]));
        }
        // What is no picture of that kind is said.
        QVERIFY(said(folder, folder + QStringLiteral("/predict"), {QStringLiteral("predict.py")})
                    .contains(QLatin1String("is no binary PPM")));
    }
};

QTEST_GUILESS_MAIN(TestPrograms)
#include "tst_programs.moc"
