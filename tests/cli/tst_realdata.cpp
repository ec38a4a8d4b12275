// Real photos and real weights, through the command line. THAW_TEST_DATA: a folder with images/ and weights/.
#include "engine/api/weights.h"
#include "tests/cli/thawprogram.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using tests::Answer;
using tests::thaw;

namespace {

QString data() { return qEnvironmentVariable("THAW_TEST_DATA"); }
QString squeezeNet() {
    return data() + QStringLiteral("/weights/squeezenet1_1/squeezenet1_1_imagenet_from_fp16_ir.safetensors");
}
QString lite() { return QString::fromStdString(engine::bundledWeights("tf_efficientnet_lite0").string()); }

} // namespace

#define NEED(file)                                                                                                     \
    if (data().isEmpty())                                                                                              \
        QSKIP("THAW_TEST_DATA is not set.");                                                                           \
    if (!QFile::exists(file))                                                                                          \
    QSKIP(qPrintable(file + QStringLiteral(" is not there.")))

class TestRealData final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void headOnlyLearnsAntsAndBeesInFiveEpochs_data() {
        QTest::addColumn<QString>("backbone");
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QStringList>("settings");
        QTest::addColumn<double>("accuracy");
        QTest::newRow("SqueezeNet 1.1") << QStringLiteral("squeezenet1_1") << squeezeNet()
                                        << QStringList{QStringLiteral("train.batch_size=8"),
                                                       QStringLiteral("train.learning_rate=7e-4"),
                                                       QStringLiteral("data.augmentation=none")}
                                        << 0.90;
        QTest::newRow("EfficientNet-Lite0")
            << QStringLiteral("tf_efficientnet_lite0") << lite() << QStringList{} << 0.93;
    }
    void headOnlyLearnsAntsAndBeesInFiveEpochs() {
        QFETCH(QString, backbone);
        QFETCH(QString, weights);
        QFETCH(QStringList, settings);
        QFETCH(double, accuracy);
        NEED(weights);
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("ants.toml")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(
            QStringLiteral("[data]\npath = \"%1/images/hymenoptera_data\"\n[model]\nbackbone = \"%2\"\nweights = "
                           "\"%3\"\n[train]\nepochs = 5\n")
                .arg(data(), backbone, weights)
                .toUtf8());
        file.close();
        QStringList arguments = {QStringLiteral("train"), file.fileName(), QStringLiteral("--json")};
        for (const QString& setting : settings)
            arguments << QStringLiteral("--set") << setting;
        const Answer answer = thaw(arguments);
        QVERIFY2(answer.code == 0, answer.words.constData());
        const QJsonObject best = answer.json().object()[QLatin1String("best")].toObject();
        const double reached = best[QLatin1String("validation/accuracy")].toDouble();
        qInfo("%s: validation accuracy %.4f after %.1f s", qPrintable(backbone), reached,
              answer.json().object()[QLatin1String("seconds")].toDouble());
        QVERIFY2(reached >= accuracy, qPrintable(QString::number(reached)));
    }

    void hundredPhotosGiveTheReferenceAnswers_data() {
        QTest::addColumn<QString>("backbone");
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("expected");
        QTest::newRow("SqueezeNet 1.1") << QStringLiteral("squeezenet1_1") << squeezeNet()
                                        << data() + QStringLiteral("/images/imagenet_ref100/expected.json");
        QTest::newRow("EfficientNet-Lite0")
            << QStringLiteral("tf_efficientnet_lite0") << lite()
            << data() + QStringLiteral("/weights/tf_efficientnet_lite0/expected_top5.json");
    }
    void hundredPhotosGiveTheReferenceAnswers() {
        QFETCH(QString, backbone);
        QFETCH(QString, weights);
        QFETCH(QString, expected);
        NEED(weights);
        NEED(expected);
        QFile file(expected);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QHash<QString, int> wanted = topOnes(QJsonDocument::fromJson(file.readAll()));
        QCOMPARE(wanted.size(), 100);
        const Answer answer =
            thaw({QStringLiteral("predict"), QStringLiteral("--backbone"), backbone, QStringLiteral("--weights"),
                  weights, QStringLiteral("--json"), data() + QStringLiteral("/images/imagenet_ref100/images")});
        QVERIFY2(answer.code == 0, answer.words.constData());
        int agree = 0;
        for (const QJsonValue& value : answer.json().array()) {
            const QString name = QFileInfo(value[QLatin1String("file")].toString()).fileName();
            const int top = value[QLatin1String("top")][0][QLatin1String("index")].toInt(-1);
            agree += wanted.value(name, -2) == top ? 1 : 0;
        }
        qInfo("%s: %d of 100 agree", qPrintable(backbone), agree);
        QVERIFY2(agree >= 98, qPrintable(QString::number(agree)));
    }

    void legacyPickleListsItsTensors() {
        NEED(data() + QStringLiteral("/weights/cifar_resnet20/resnet20-12fca82f.th"));
        const Answer answer =
            thaw({QStringLiteral("weights"), QStringLiteral("inspect"),
                  data() + QStringLiteral("/weights/cifar_resnet20/resnet20-12fca82f.th"), QStringLiteral("--backbone"),
                  QStringLiteral("cifar_resnet20"), QStringLiteral("--json")});
        QCOMPARE(answer.code, 0);
        const QJsonObject report = answer.json().object();
        QCOMPARE(report[QLatin1String("format")].toString(), QStringLiteral("torch legacy pickle"));
        QVERIFY(report[QLatin1String("tensors")].toArray().size() > 60);
        QCOMPARE(report[QLatin1String("pretrained_share")].toDouble(), 1.0);
    }

    void truncatedFileIsOneSentenceAndExitCodeTwo() {
        const QString file =
            QDir(data() + QStringLiteral("/negative")).filePath(QStringLiteral("resnet18-f37072fd.TRUNCATED.pth"));
        NEED(file);
        const Answer answer = thaw({QStringLiteral("weights"), QStringLiteral("inspect"), file});
        QCOMPARE(answer.code, 2);
        QCOMPARE(answer.words.count('\n'), 1);
        QVERIFY(answer.out.isEmpty());
        qInfo("%s", answer.words.trimmed().constData());
    }

private:
    // File name → index of the most probable class; the two files of expectations differ in shape.
    static QHash<QString, int> topOnes(const QJsonDocument& document);
};

QHash<QString, int> TestRealData::topOnes(const QJsonDocument& document) {
    QHash<QString, int> result;
    const QJsonObject object = document.object();
    for (const QJsonValue& item : object[QLatin1String("items")].toArray()) // [[index, logit], …]
        result.insert(item[QLatin1String("file")].toString(), item[QLatin1String("top5")][0][0].toInt(-1));
    if (result.isEmpty())
        for (auto item = object.begin(); item != object.end(); ++item) // name: [index, …]
            result.insert(item.key(), item.value()[0].toInt(-1));
    return result;
}

QTEST_GUILESS_MAIN(TestRealData)
#include "tst_realdata.moc"
