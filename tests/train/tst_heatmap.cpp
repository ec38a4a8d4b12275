// Heat maps: where in a picture lies what speaks for a class.
#include "engine/api/error.h"
#include "engine/api/train.h"
#include "engine/train/heatmap.h"
#include "tests/models/filled.h"
#include "tests/train/pictures.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace engine;

namespace {

QJsonArray goldenMaps(const char* name) {
    QFile file(QStringLiteral(THAW_SOURCE_DIR "/tests/train/%1").arg(QLatin1String(name)));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("tests/train/%s is missing", name);
    return QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("maps")).toArray();
}

double worstDifference(const HeatMap& map, const QJsonObject& golden) {
    const QJsonArray heat = golden[QLatin1String("heat")].toArray();
    double worst = static_cast<qsizetype>(map.values.size()) == heat.size() ? 0 : INFINITY;
    for (qsizetype i = 0; i < std::min<qsizetype>(heat.size(), std::ssize(map.values)); ++i)
        worst = std::max(worst, std::abs(heat[i].toDouble() - double(map.values[static_cast<std::size_t>(i)])));
    return worst;
}

} // namespace

class TestHeatMap final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mapsAreThoseOfTheReference_data() {
        QTest::addColumn<QJsonObject>("golden");
        for (const QJsonValue map : goldenMaps("golden_gradcam.json")) {
            const QJsonObject golden = map.toObject();
            QTest::addRow("%s, class %d", qPrintable(golden[QLatin1String("name")].toString()),
                          golden[QLatin1String("label")].toInt())
                << golden;
        }
    }
    void mapsAreThoseOfTheReference() {
        QFETCH(QJsonObject, golden);
        const auto model = makeBackbone(golden[QLatin1String("name")].toString().toStdString(), 0, 1);
        tests::fill(*model, golden[QLatin1String("gain")].toDouble());
        model->eval();
        const at::Tensor pixels = tests::pictures(golden[QLatin1String("size")].toInt()).slice(0, 0, 1);
        const int label = golden[QLatin1String("label")].toInt();
        const HeatMap map = gradCam(*model, pixels, label);
        QVERIFY2(map.problem.empty(), map.problem.c_str());
        QCOMPARE(QString::fromStdString(map.block), golden[QLatin1String("block")].toString());
        QCOMPARE(map.width, golden[QLatin1String("width")].toInt());
        QCOMPARE(map.height, golden[QLatin1String("height")].toInt());
        const double worst = worstDifference(map, golden);
        QVERIFY2(worst < 1e-4, qPrintable(QString::number(worst)));
        if (golden[QLatin1String("best")].toBool())
            QVERIFY(gradCam(*model, pixels, -1).values == map.values);
    }

    void attentionIsThatOfTheReference_data() {
        QTest::addColumn<QJsonObject>("golden");
        for (const QJsonValue map : goldenMaps("golden_rollout.json"))
            QTest::addRow("%s", qPrintable(map[QLatin1String("name")].toString())) << map.toObject();
    }
    void attentionIsThatOfTheReference() {
        QFETCH(QJsonObject, golden);
        const auto model = makeBackbone(golden[QLatin1String("name")].toString().toStdString(), 0, 1);
        tests::fill(*model, golden[QLatin1String("gain")].toDouble());
        model->eval();
        const at::Tensor pixels = tests::pictures(golden[QLatin1String("size")].toInt()).slice(0, 0, 1);
        const HeatMap map = attentionRollout(*model, pixels);
        QVERIFY2(map.problem.empty(), map.problem.c_str());
        QCOMPARE(QString::fromStdString(map.block), golden[QLatin1String("block")].toString());
        QCOMPARE(map.width, golden[QLatin1String("width")].toInt());
        QCOMPARE(map.height, golden[QLatin1String("height")].toInt());
        const double worst = worstDifference(map, golden);
        QVERIFY2(worst < 1e-4, qPrintable(QString::number(worst)));
    }

    void networksWithoutSuchAttentionSaySo() {
        for (const char* name : {"cifar_resnet20", "swin_t"}) {
            const auto model = makeBackbone(name, 3, 1);
            model->eval();
            const HeatMap map = attentionRollout(*model, tests::pictures(model->info().imageSize).slice(0, 0, 1));
            QVERIFY(map.values.empty());
            QVERIFY(map.problem.find("Grad-CAM") != std::string::npos);
        }
    }

    void aModelStaysAsItIs() {
        const auto model = makeBackbone("cifar_resnet20", 3, 1);
        model->eval();
        const torch::NoGradGuard noGrad;
        const at::Tensor pixels = tests::pictures(32).slice(0, 0, 1);
        const at::Tensor before = model->forward(pixels);
        (void)gradCam(*model, pixels, 0);
        QVERIFY(at::equal(model->forward(pixels), before));
        for (const at::Tensor& parameter : model->parameters())
            QVERIFY(!parameter.grad().defined());
    }

    void aRunLooksAtAPictureAndSaysWhy() {
        const tests::Project project(4, 2);
        Experiment experiment = project.experiment();
        experiment.model.backbone = "cifar_resnet20";
        experiment.data.imageSize = 32;
        experiment.train.epochs = 1;
        const auto run = createRun(experiment, project.runs());
        RunControl control;
        train(run, control);
        Predictor predictor = Predictor::fromRun(run);
        const auto picture = project.path() / "data/val/dark/100.png";
        const HeatMap map = predictor.heatMap(picture, 1);
        QVERIFY(map.problem.empty());
        QCOMPARE(map.width, 8);
        QCOMPARE(map.values.size(), std::size_t{64});
        QVERIFY(std::ranges::all_of(map.values, [](float value) { return value >= 0 && value <= 1; }));
        QVERIFY_THROWS_EXCEPTION(Error, (void)predictor.heatMap(project.path() / "nothing.png", 1));
    }
};

QTEST_GUILESS_MAIN(TestHeatMap)
#include "tst_heatmap.moc"
