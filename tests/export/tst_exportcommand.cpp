// thaw export, and what it wrote in the place of a run.
#include "engine/api/train.h"
#include "engine/export/onnxruntime.h"
#include "tests/cli/thawprogram.h"
#include "tests/train/pictures.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <optional>

using namespace engine;
namespace fs = std::filesystem;

class TestExportCommand final : public QObject {
    Q_OBJECT

private:
    [[nodiscard]] QString in(const char* name) const {
        return QString::fromStdString((m_project->path() / name).string());
    }
    [[nodiscard]] QString picture() const { return in("data/val/light/101.png"); }

    std::optional<tests::Project> m_project;
    QString m_run;

private Q_SLOTS:
    void initTestCase() {
        m_project.emplace();
        Experiment experiment = m_project->experiment();
        experiment.train.epochs = 1;
        const fs::path run = createRun(experiment, m_project->runs());
        RunControl control;
        (void)train(run, control);
        m_run = QString::fromStdString(run.string());
    }
    void cleanupTestCase() { m_project.reset(); }

    void whatItWroteStandsInARunsPlace_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("file");
        QTest::newRow("torchscript") << QStringLiteral("torchscript") << QStringLiteral("model.pt");
        QTest::newRow("onnx") << QStringLiteral("onnx") << QStringLiteral("model.onnx");
    }
    void whatItWroteStandsInARunsPlace() {
        QFETCH(QString, format);
        QFETCH(QString, file);
        if (format == QLatin1String("onnx") && OnnxRuntime::library().empty())
            QSKIP("ONNX Runtime is not here: packaging/bootstrap --onnx fetches it.");
        const QString out = in(qPrintable(format));
        const tests::Answer made =
            tests::thaw({QStringLiteral("--json"), QStringLiteral("export"), m_run, out, QStringLiteral("--format"),
                         format, QStringLiteral("--checkpoint"), QStringLiteral("last")});
        QVERIFY2(made.code == 0, made.words.constData());
        const QJsonObject certificate = made.json().object()[QLatin1String("certificate")].toObject();
        QCOMPARE(certificate[QLatin1String("same_answer")].toInt(), 8);
        const auto answer = [this](const QString& model) {
            const tests::Answer said =
                tests::thaw({QStringLiteral("--json"), QStringLiteral("predict"), model, picture()});
            return said.json().array()[0][QLatin1String("top")].toArray();
        };
        const QJsonArray run = answer(m_run), folder = answer(out), alone = answer(out + QLatin1Char('/') + file);
        QCOMPARE(folder, alone);
        QCOMPARE(folder[0][QLatin1String("label")], run[0][QLatin1String("label")]);
        QVERIFY(std::abs(folder[0][QLatin1String("probability")].toDouble() -
                         run[0][QLatin1String("probability")].toDouble()) < 1e-4);
        const auto judged = [](const QStringList& words) {
            return tests::thaw(QStringList{QStringLiteral("--json"), QStringLiteral("evaluate")} + words)
                .json()
                .object();
        };
        const QJsonObject there = judged({out, QStringLiteral("--data"), in("data")}), here = judged({m_run});
        QVERIFY(!here[QLatin1String("values")].toObject().isEmpty() || !here.isEmpty());
        QCOMPARE(there[QLatin1String("confusion")], here[QLatin1String("confusion")]);
        QCOMPARE(tests::thaw({QStringLiteral("evaluate"), out}).code, 2); // of no pictures
    }

    void aDryRunSaysWhatWouldComeOfIt() {
        const QStringList words{
            QStringLiteral("export"),     m_run, in("dry"), QStringLiteral("--dry-run"), QStringLiteral("--format"),
            QStringLiteral("torchscript")};
        const tests::Answer plain = tests::thaw(words);
        QCOMPARE(plain.code, 0);
        const QJsonObject said = tests::thaw(QStringList{QStringLiteral("--json")} + words).json().object();
        QVERIFY(said[QLatin1String("bytes")].toInt() > 1'000'000);
        QVERIFY(said[QLatin1String("opens")].toString().contains(QLatin1String("LibTorch")));
        QVERIFY(!said[QLatin1String("checkpoints")].toArray().isEmpty());
        QVERIFY(!QFileInfo::exists(in("dry")));
    }

    void theNetworkBehindAPreparationInOnnxPredictsAsTheRun() {
        if (OnnxRuntime::library().empty())
            QSKIP("ONNX Runtime is not here: packaging/bootstrap --onnx fetches it.");
        const QString out = in("prepared");
        QCOMPARE(tests::thaw({QStringLiteral("export"), m_run, out, QStringLiteral("--format"), QStringLiteral("onnx"),
                              QStringLiteral("--with-preparation")})
                     .code,
                 0);
        const auto surest = [&](const QString& model) -> QJsonValue {
            return tests::thaw({QStringLiteral("--json"), QStringLiteral("predict"), model, picture()})
                .json()
                .array()[0][QLatin1String("top")]
                .toArray()[0];
        };
        const QJsonValue run = surest(m_run), file = surest(out);
        QCOMPARE(file[QLatin1String("label")], run[QLatin1String("label")]);
        QVERIFY(std::abs(file[QLatin1String("probability")].toDouble() - run[QLatin1String("probability")].toDouble()) <
                1e-4);
    }

    void aSecondExportToTheSamePlaceIsRefused() {
        const QStringList words{QStringLiteral("export"), m_run, in("twice"), QStringLiteral("--precision"),
                                QStringLiteral("fp16")};
        QCOMPARE(tests::thaw(words).code, 0);
        const tests::Answer again = tests::thaw(words);
        QCOMPARE(again.code, 2);
        QVERIFY(again.words.contains("is there already"));
        QCOMPARE(tests::thaw({QStringLiteral("export"), m_run, in("twice"), QStringLiteral("--check")}).code, 0);
    }
};

QTEST_GUILESS_MAIN(TestExportCommand)
#include "tst_exportcommand.moc"
