// What timm and transformers write beside weights, and where it differs from what is chosen.
#include "engine/api/catalog.h"
#include "engine/api/weights.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using engine::Interpolation;
using namespace std::string_literals;

namespace {

constexpr const char* kTimm = R"({"architecture": "efficientnet_b0", "num_classes": 2, "label_names": ["ant", "bee"],
  "pretrained_cfg": {"tag": "ra_in1k", "input_size": [3, 240, 240], "interpolation": "bicubic", "crop_pct": 0.875,
  "crop_mode": "center", "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.25, 0.3], "pool_size": [7, 7], "license": null}})";
constexpr const char* kTransformers = R"({"architectures": ["ViTForImageClassification"], "image_size": 384,
  "hidden_size": 768, "id2label": {"1": "bee", "0": "ant"}, "layer_norm_eps": 1e-12, "torch_dtype": "float32"})";
constexpr const char* kSquare = R"({"do_resize": true, "size": {"height": 224, "width": 224}, "resample": 2,
  "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "rescale_factor": 0.00392156862745098})";
constexpr const char* kCropped = R"({"do_center_crop": true, "crop_size": {"height": 224, "width": 224},
  "size": {"shortest_edge": 256}, "resample": 3})";

} // namespace

class TestStatedPreprocess final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void nothingBesideTheWeightsSaysNothing() {
        const auto stated = engine::statedPreprocess(weights());
        QVERIFY(stated.files.empty() && stated.problem.empty() && !stated.imageSize && !stated.mean);
        QVERIFY(engine::preprocessFindings(stated, engine::findBackbone("resnet18"), 0).empty());
    }

    void timmsConfigIsRead() {
        write("config.json", kTimm);
        const auto stated = engine::statedPreprocess(weights());
        QCOMPARE(stated.problem, ""s);
        QCOMPARE(stated.architecture, "efficientnet_b0"s);
        QCOMPARE(*stated.imageSize, 240);
        QCOMPARE(*stated.resizeSize, 274);
        QVERIFY(*stated.interpolation == Interpolation::Bicubic);
        QCOMPARE(*stated.mean, (std::array{0.5f, 0.4f, 0.3f}));
        QCOMPARE(*stated.standardDeviation, (std::array{0.2f, 0.25f, 0.3f}));
        QCOMPARE(stated.labels, (std::vector{"ant"s, "bee"s}));
    }

    void aByteOrderMarkIsSkipped() {
        write("config.json", "\xef\xbb\xbf"s + kTimm);
        const auto stated = engine::statedPreprocess(weights());
        QCOMPARE(stated.problem, ""s);
        QCOMPARE(stated.architecture, "efficientnet_b0"s);
    }

    void transformersConfigAndPreprocessorAreReadTogether() {
        write("config.json", kTransformers);
        QCOMPARE(*engine::statedPreprocess(weights()).imageSize, 384);
        write("preprocessor_config.json", kSquare);
        const auto stated = engine::statedPreprocess(weights());
        QCOMPARE(stated.architecture, "ViTForImageClassification"s);
        QCOMPARE(*stated.imageSize, 224); // what prepares pictures has the last word
        QCOMPARE(*stated.resizeSize, 224);
        QVERIFY(*stated.interpolation == Interpolation::Bilinear);
        QCOMPARE(stated.labels, (std::vector{"ant"s, "bee"s}));
        QCOMPARE(stated.files.size(), std::size_t{2});
        write("preprocessor_config.json", kCropped);
        QCOMPARE(*engine::statedPreprocess(weights()).imageSize, 224);
        QCOMPARE(*engine::statedPreprocess(weights()).resizeSize, 256);
        write("preprocessor_config.json", R"({"size": {"shortest_edge": 224}, "crop_pct": 0.875})");
        QCOMPARE(*engine::statedPreprocess(weights()).resizeSize, 256);
    }

    void backboneIsPreparedAsStated() {
        write("config.json", kTimm);
        const auto info =
            engine::preparedAsStated(engine::findBackbone("resnet18"), engine::statedPreprocess(weights()));
        QCOMPARE(info.imageSize, 240);
        QCOMPARE(info.resizeSize, 274);
        QVERIFY(info.interpolation == Interpolation::Bicubic);
        QCOMPARE(info.mean[2], 0.3f);
        write("config.json", R"({"image_size": 448})");
        const auto scaled =
            engine::preparedAsStated(engine::findBackbone("resnet18"), engine::statedPreprocess(weights()));
        QCOMPARE(scaled.resizeSize, 512); // in proportion, as the backbone's own 256 to 224
        QCOMPARE(scaled.mean, engine::findBackbone("resnet18").mean);
    }

    void everyDifferenceFromTheChosenIsOneFinding() {
        write("config.json", kTimm);
        const auto stated = engine::statedPreprocess(weights());
        const auto findings = engine::preprocessFindings(stated, engine::findBackbone("resnet18"), 224);
        QCOMPARE(findings.size(), std::size_t{4}); // mean, deviation, interpolation, size
        for (const engine::Finding& finding : findings)
            QVERIFY(finding.severity == engine::Severity::Warning && finding.message.ends_with('.'));
        QVERIFY(findings[0].detail.find("0.5, 0.4, 0.3") != std::string::npos);
        QCOMPARE(findings[3].fixKey, "data.image_size"s);
        QCOMPARE(findings[3].fixValue, "240"s);
        const auto followed = engine::preparedAsStated(engine::findBackbone("resnet18"), stated);
        QVERIFY(engine::preprocessFindings(stated, followed, 0).empty());
        QCOMPARE(engine::preprocessFindings(stated, followed, 224).size(), std::size_t{1});
    }

    void aMeanOnEitherSideOfTheChosenIsADifference() {
        for (const char* mean : {"[0, 0, 0]", "[0.9, 0.9, 0.9]"}) {
            write("config.json", std::string(R"({"pretrained_cfg": {"mean": )") + mean + "}}");
            const auto stated = engine::statedPreprocess(weights());
            const auto findings = engine::preprocessFindings(stated, engine::findBackbone("resnet18"), 0);
            QCOMPARE(findings.size(), std::size_t{1});
            QVERIFY(findings.front().message.find("mean") != std::string::npos);
        }
    }

    void unreadableFilesAreAProblemInOneSentence() {
        for (const char* content : {"[]", "{\"image_size\": -1}", "{\"image_size\": 1e9}", "{\"mean\": [1, 2]}",
                                    "{\"std\": [0, 1, 1]}", "{\"crop_pct\": 0}", "{\"id2label\": {\"7\": \"x\"}}",
                                    "{\"id2label\": {\"0\": 1}}", "{\"size\": {\"height\": \"x\"}}", "{\"a\": ", ""}) {
            write("config.json", content);
            const auto stated = engine::statedPreprocess(weights());
            QVERIFY2(stated.problem.ends_with('.') && stated.problem.find("config.json") != std::string::npos, content);
            QVERIFY(!stated.imageSize && stated.files.empty());
            const auto findings = engine::preprocessFindings(stated, engine::findBackbone("resnet18"), 0);
            QCOMPARE(findings.size(), std::size_t{1});
            QCOMPARE(findings.front().detail, stated.problem);
        }
    }

private:
    std::filesystem::path weights() const {
        return m_folder->filePath(QStringLiteral("model.safetensors")).toStdString();
    }
    void write(const std::string& name, const std::string& content) {
        std::ofstream(m_folder->filePath(QString::fromStdString(name)).toStdString()) << content;
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestStatedPreprocess)
#include "tst_statedpreprocess.moc"
