// Pictures prepared as the files beside weights say, against what timm and transformers make of the same statements.
#include "engine/api/catalog.h"
#include "engine/api/weights.h"
#include "engine/data/preprocess.h"
#include "tests/data/golden.h"

#include <QTemporaryDir>

#include <cmath>
#include <fstream>

using namespace engine;

namespace {

constexpr double kTolerance = 2; // of 255 values; libraries round in places of their own

QJsonArray goldenRows() {
    QFile file(tests::place("THAW_SOURCE_DIR", THAW_SOURCE_DIR) +
               QStringLiteral("/tests/models/golden_preparation.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("tests/models/golden_preparation.json is missing");
    return QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("rows")).toArray();
}

} // namespace

class TestPreparation final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void statedPreparationGivesTheLibrarysValues_data() {
        QTest::addColumn<QJsonValue>("row");
        QVERIFY(goldenRows().size() >= 40);
        for (const QJsonValue row : goldenRows())
            QTest::newRow(qPrintable(row[QStringLiteral("name")].toString())) << QJsonValue(row);
    }
    void statedPreparationGivesTheLibrarysValues() {
        QFETCH(QJsonValue, row);
        write(row[QStringLiteral("file")].toString().toStdString(),
              QJsonDocument(row[QStringLiteral("content")].toObject()).toJson().toStdString());
        const StatedPreprocess stated = statedPreprocess(weights());
        QCOMPARE(stated.problem, std::string());
        QVERIFY2(stated.notFollowed.empty(), stated.notFollowed.empty() ? "" : stated.notFollowed.front().c_str());
        const Preprocess preprocess = preprocessFor(findBackbone("resnet18"), weights(), 0);
        const QJsonArray size = row[QStringLiteral("picture")].toArray();
        const RgbImage view = prepared(tests::pattern(size[0].toInt(), size[1].toInt()), preprocess);
        const int side = row[QStringLiteral("side")].toInt();
        QCOMPARE(view.width, side);
        QCOMPARE(view.height, side);
        std::vector<float> values(view.pixels.size());
        NormalisationTable(preprocess).apply(view.pixels.data(), view.pixels.size() / 3, values.data());

        const QJsonArray expected = row[QStringLiteral("values")].toArray();
        const int grid = static_cast<int>(std::lround(std::sqrt(double(expected.size()) / 3)));
        for (int i = 0; i < grid; ++i)
            for (int k = 0; k < grid; ++k)
                for (int c = 0; c < 3; ++c) {
                    const int y = i * (side - 1) / (grid - 1), x = k * (side - 1) / (grid - 1);
                    const double got = values[static_cast<std::size_t>((y * side + x) * 3 + c)];
                    const double wanted = expected[(i * grid + k) * 3 + c].toDouble();
                    const double step = 1.0 / (preprocess.divisor * preprocess.standardDeviation[std::size_t(c)]);
                    QVERIFY2(std::abs(got - wanted) <= kTolerance * step + 1e-4,
                             qPrintable(QStringLiteral("row %1, column %2, channel %3: %4, not %5")
                                            .arg(y)
                                            .arg(x)
                                            .arg(c)
                                            .arg(got)
                                            .arg(wanted)));
                }
    }

    void whatCannotBeFollowedIsSaid_data() {
        QTest::addColumn<QString>("content");
        QTest::addColumn<QString>("sentence");
        const auto add = [](const char* content, const char* sentence) {
            QTest::newRow(content) << QString::fromUtf8(content) << QString::fromUtf8(sentence);
        };
        add(R"({"pretrained_cfg": {"input_size": [3, 192, 256]}})",
            "input_size with a height of 192 and a width of 256 pixels is not followed: pictures are squares of 256.");
        add(R"({"size": {"height": 192, "width": 128}})",
            "size with a height of 192 and a width of 128 pixels is not followed: pictures are squares of 192.");
        add(R"({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 192}})",
            "crop_size with a height of 224 and a width of 192 pixels is not followed: pictures are squares of 224.");
        add(R"({"size": {"shortest_edge": 224}, "do_center_crop": false})",
            "shortest_edge without do_center_crop is not followed: the centre is cut out as a square.");
        add(R"({"size": {"longest_edge": 224}})",
            "longest_edge is not followed: the centre is cut out of what is longer.");
        add(R"({"size": 224, "do_resize": false})", "do_resize: false is not followed: all pictures get one size.");
        add(R"({"size": 224, "do_pad": true})", "do_pad is not followed.");
        add(R"({"size": 224, "do_flip_channel_order": true})", "do_flip_channel_order is not followed.");
        add(R"({"pretrained_cfg": {"input_size": [3, 64, 64], "crop_mode": "tiles"}})",
            "crop_mode “tiles” is not followed: the centre is cut out.");
        add(R"({"pretrained_cfg": {"input_size": [3, 64, 64], "interpolation": "random"}})",
            "The interpolation “random” is not followed: another is used.");
        add(R"({"pretrained_cfg": {"input_size": [3, 64, 64], "crop_border_pixels": 4}})",
            "crop_border_pixels is not followed.");
    }
    void whatCannotBeFollowedIsSaid() {
        QFETCH(QString, content);
        QFETCH(QString, sentence);
        write("config.json", content.toStdString());
        const StatedPreprocess stated = statedPreprocess(weights());
        QCOMPARE(stated.notFollowed.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(stated.notFollowed.front()), sentence);
        const auto findings = preprocessFindings(stated, preparedAsStated(findBackbone("resnet18"), stated), 0);
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(findings.front().message), sentence);
        QVERIFY(findings.front().severity == Severity::Warning);
        QVERIFY(findings.front().detail.find("config.json") != std::string::npos);
    }

    void anotherSizeKeepsTheManner() {
        write("config.json",
              R"({"pretrained_cfg": {"input_size": [3, 64, 64], "crop_pct": 0.8, "crop_mode": "border"}})");
        const Preprocess other = preprocessFor(findBackbone("resnet18"), weights(), 96);
        QCOMPARE(other.imageSize, 96);
        QCOMPARE(other.resizeSize, 120);
        QVERIFY(other.cropMode == CropMode::Border);
        QVERIFY(prepared(tests::pattern(50, 20), other).width == 96);
    }

    void picturesOfAnyShapeFillTheSquare() {
        for (const CropMode mode : {CropMode::Center, CropMode::Border, CropMode::Squash, CropMode::AsIs})
            for (const auto& [width, height] : {std::pair(1, 1), {1, 300}, {300, 1}, {16, 16}, {17, 15}, {40, 33}}) {
                Preprocess preprocess{.imageSize = 16, .resizeSize = 18, .cropMode = mode};
                const RgbImage view = prepared(tests::pattern(width, height), preprocess);
                QCOMPARE(view.width, 16);
                QCOMPARE(view.height, 16);
                QCOMPARE(view.pixels.size(), std::size_t{16 * 16 * 3});
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

QTEST_GUILESS_MAIN(TestPreparation)
#include "tst_preparation.moc"
