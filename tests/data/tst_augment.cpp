#include "engine/api/error.h"
#include "engine/api/parameter.h"
#include "engine/data/augment/augment.h"
#include "engine/data/augment/operations.h"
#include "engine/data/resize.h"
#include "tests/data/picturefolder.h"
#include "tests/support/npy.h"

#include <array>
#include <cmath>
#include <set>

using namespace engine;
namespace fs = std::filesystem;

namespace {

int at(const QJsonValue& row, const char* key, int index) {
    return row[QLatin1String(key)].toArray().at(index).toInt();
}

Interpolation filterOf(const QJsonValue& row) {
    for (const auto each : {Interpolation::Bicubic, Interpolation::Nearest, Interpolation::Lanczos, Interpolation::Box,
                            Interpolation::Hamming})
        if (row[QStringLiteral("filter")].toString() == QLatin1String(interpolationName(each)))
            return each;
    return Interpolation::Bilinear;
}

void addRows(const char* part) {
    QTest::addColumn<QJsonValue>("row");
    int number = 0;
    for (const QJsonValue row : tests::golden(part))
        QTest::addRow("%s %d", qPrintable(row[QStringLiteral("filter")].toString()), number++) << QJsonValue(row);
}

ImageFile asPng(const RgbImage& picture) {
    tests::PictureFolder folder;
    const QImage image(picture.pixels.data(), picture.width, picture.height, picture.width * 3, QImage::Format_RGB888);
    const fs::path file = folder.path() / "picture.png";
    if (!image.save(QString::fromStdString(file.string())))
        qFatal("could not write the picture");
    return ImageFile(file);
}

// A picture of one colour.
ImageFile plain(std::array<int, 3> rgb) {
    RgbImage picture{.width = 24, .height = 24, .pixels = {}};
    for (int i = 0; i < 24 * 24 * 3; ++i)
        picture.pixels.push_back(static_cast<std::uint8_t>(rgb[std::size_t(i % 3)]));
    return asPng(picture);
}

// 0 where `view` is `other` mirrored.
int differenceFromMirrored(const RgbImage& view, const RgbImage& other) {
    int largest = 0;
    for (int y = 0; y < view.height; ++y)
        for (int x = 0; x < view.width; ++x)
            for (int c = 0; c < 3; ++c)
                largest = std::max(
                    largest, std::abs(int(view.pixels[std::size_t((y * view.width + x) * 3 + c)]) -
                                      int(other.pixels[std::size_t((y * view.width + view.width - 1 - x) * 3 + c)])));
    return largest;
}

} // namespace

class TestAugment : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void resizingGivesPillowsNumbers_data() { addRows("resized"); }
    void resizingGivesPillowsNumbers() {
        QFETCH(QJsonValue, row);
        const RgbImage source = tests::pattern(at(row, "source", 0), at(row, "source", 1));
        const QJsonArray box = row[QStringLiteral("box")].toArray();
        const int width = at(row, "target", 0), height = at(row, "target", 1);
        auto resampled = [&](Rectangle window) {
            return resample(source, box[0].toDouble(), box[1].toDouble(), box[2].toDouble(), box[3].toDouble(), width,
                            height, filterOf(row), window);
        };
        const RgbImage whole = resampled({0, 0, width, height});
        QCOMPARE(tests::largestDifference(whole.pixels, tests::bytesOf(row[QStringLiteral("rgb")])), 0);

        const Rectangle window{1, 2, width - 1, height};
        const RgbImage part = resampled(window);
        QCOMPARE(part.width, width - 2);
        QCOMPARE(part.height, height - 2);
        auto pixelRow = [](const RgbImage& image, int left, int top, int count) {
            const auto* begin = image.pixels.data() + std::size_t(top * image.width + left) * 3;
            return std::vector<std::uint8_t>(begin, begin + std::size_t(count) * 3);
        };
        for (int y = 0; y < part.height; ++y)
            QCOMPARE(pixelRow(part, 0, y, part.width), pixelRow(whole, 1, y + 2, part.width));
    }

    void theValidationViewIsTorchvisions_data() { addRows("cropped"); }
    void theValidationViewIsTorchvisions() {
        QFETCH(QJsonValue, row);
        const Preprocess preprocess{.imageSize = row[QStringLiteral("crop")].toInt(),
                                    .resizeSize = row[QStringLiteral("resize")].toInt(),
                                    .interpolation = filterOf(row)};
        const ImageFile file = asPng(tests::pattern(at(row, "source", 0), at(row, "source", 1)));
        const RgbImage view = validationView(file, preprocess);
        QCOMPARE(view.width, preprocess.imageSize);
        QCOMPARE(view.height, preprocess.imageSize);
        QCOMPARE(tests::largestDifference(view.pixels, tests::bytesOf(row[QStringLiteral("rgb")])), 0);
    }

    void anotherPictureSizeKeepsTheShareOfTheCrop() {
        BackboneInfo info;
        info.imageSize = 224;
        info.resizeSize = 256;
        QCOMPARE(preprocessFor(info, 0).resizeSize, 256);
        QCOMPARE(preprocessFor(info, 112).resizeSize, 128);
        QCOMPARE(preprocessFor(info, 112).imageSize, 112);
        QCOMPARE(preprocessFor(info, 97).resizeSize, 111);
        for (int size = 1; size <= 1024; ++size)
            QVERIFY(preprocessFor(info, size).resizeSize >= size);
    }

    void normalisingFollowsTheFormula() {
        Preprocess preprocess;
        preprocess.mean = {0.485F, 0.456F, 0.406F};
        preprocess.standardDeviation = {0.229F, 0.224F, 0.225F};
        const std::uint8_t rgb[] = {0, 128, 255, 255, 0, 1};
        float out[6];
        NormalisationTable(preprocess).apply(rgb, 2, out);
        for (std::size_t i = 0; i < 6; ++i)
            QCOMPARE(out[i], (float(rgb[i]) / 255.0F - preprocess.mean[i % 3]) / preprocess.standardDeviation[i % 3]);
    }

    void realPhotosBecomeTheReferencesNumbers() {
        NEEDS_DATA("images/imagenet_ref100");
        const fs::path folder = tests::testData("images/imagenet_ref100");
        const auto expected = tests::readNumpy(folder / "ref_input_4x3x224x224.npy");
        QFile json(QString::fromStdString((folder / "expected.json").string()));
        QVERIFY(json.open(QIODevice::ReadOnly));
        const QJsonArray items = QJsonDocument::fromJson(json.readAll())[QStringLiteral("items")].toArray();
        Preprocess preprocess;
        preprocess.mean = {0.485F, 0.456F, 0.406F};
        preprocess.standardDeviation = {0.229F, 0.224F, 0.225F};
        const NormalisationTable normalisation(preprocess);
        constexpr std::size_t kPixels = 224 * 224;
        std::vector<float> ours(kPixels * 3);
        for (int i = 1; i < 4; ++i) { // Pillow itself no longer gives the numbers stored of the first
            const ImageFile file(folder / "images" / items[i][QStringLiteral("file")].toString().toStdString());
            const RgbImage view = validationView(file, preprocess);
            normalisation.apply(view.pixels.data(), kPixels, ours.data());
            float largest = 0;
            for (std::size_t pixel = 0; pixel < kPixels; ++pixel)
                for (std::size_t c = 0; c < 3; ++c)
                    largest = std::max(largest, std::abs(ours[pixel * 3 + c] -
                                                         expected.values[(std::size_t(i) * 3 + c) * kPixels + pixel]));
            QVERIFY2(largest < 1e-5F,
                     qPrintable(QStringLiteral("picture %1 differs by %2").arg(i).arg(double(largest))));
        }
    }

    void randomCropsStayInsideAndKeepTorchvisionsLimits() {
        Random random(3);
        for (const auto& [width, height] : {std::pair{320, 240}, {64, 64}, {500, 40}, {30, 400}, {1, 1}, {2, 900}}) {
            double smallest = 1;
            for (int i = 0; i < 500; ++i) {
                const Rectangle crop = randomResizedCrop(width, height, 0.08, random);
                QVERIFY(crop.left >= 0 && crop.top >= 0 && crop.right <= width && crop.bottom <= height);
                QVERIFY(crop.width() > 0 && crop.height() > 0);
                smallest = std::min(smallest, double(crop.width()) * crop.height() / (double(width) * height));
            }
            if (width == 320)
                QVERIFY2(smallest > 0.07 && smallest < 0.12, qPrintable(QString::number(smallest)));
        }
    }

    // Where no try fits, the largest centred box of a legal shape.
    void longPicturesFallBackToTheCentre() {
        Random random(5);
        for (int i = 0; i < 20; ++i) {
            const Rectangle crop = randomResizedCrop(1000, 3, 1.0, random);
            QCOMPARE(crop.width(), 4);
            QCOMPARE(crop.height(), 3);
            QCOMPARE(crop.left, 498);
        }
    }

    void theSameNumbersGiveTheSameView() {
        const ImageFile file = asPng(tests::pattern(120, 90));
        const Preprocess preprocess{.imageSize = 32, .resizeSize = 36};
        for (const NamedChoice& choice : augmentations()) {
            const Augmentation augmentation = makeAugmentation(choice.name);
            std::set<std::uint64_t> views;
            for (std::uint64_t seed = 0; seed < 12; ++seed) {
                const RgbImage view = trainingView(file, preprocess, augmentation, Random(seed));
                QCOMPARE(view.width, 32);
                QCOMPARE(view.height, 32);
                QCOMPARE(trainingView(file, preprocess, augmentation, Random(seed)).pixels, view.pixels);
                views.insert(hashBytes(view.pixels.data(), view.pixels.size()));
            }
            QCOMPARE(views.size(), std::size_t(choice.name == "none" ? 1 : 12));
        }
    }

    void aboutHalfTheViewsAreMirrored() {
        const ImageFile file = asPng(tests::pattern(40, 40));
        const Preprocess preprocess{.imageSize = 40, .resizeSize = 40};
        const Augmentation onlyMirrored = makeAugmentation("random-crop:1 flip:0.5");
        const Augmentation never = makeAugmentation("random-crop:1");
        int mirrored = 0;
        for (std::uint64_t seed = 0; seed < 400; ++seed) {
            const RgbImage plain = trainingView(file, preprocess, never, Random(seed));
            const RgbImage view = trainingView(file, preprocess, onlyMirrored, Random(seed));
            if (view.pixels != plain.pixels) {
                QCOMPARE(differenceFromMirrored(view, plain), 0);
                ++mirrored;
            }
        }
        QVERIFY2(mirrored > 160 && mirrored < 240, qPrintable(QString::number(mirrored)));
    }

    void aListOfOperationsIsWhatThePresetsAreMadeOf() {
        for (const AugmentationPreset& preset : augmentationPresets())
            QVERIFY(augmentationSteps(preset.choice.name) == augmentationSteps(preset.operations));
        const auto steps = augmentationSteps(" random-crop:0.25, flip  erase:1");
        QCOMPARE(steps.size(), std::size_t(3));
        QVERIFY((steps[0] == AugmentationStep{"random-crop", 0.25}) && (steps[1] == AugmentationStep{"flip", 0.5}));
        Experiment experiment;
        setParameterValue(experiment, "data.augmentation", "vertical-flip:1");
        QCOMPARE(experiment.data.augmentation, std::string("vertical-flip:1"));
        for (const char* wrong : {"", "wild", "flip:2"})
            QVERIFY_EXCEPTION_THROWN(setParameterValue(experiment, "data.augmentation", wrong), Error);
        QCOMPARE(experiment.data.augmentation, std::string("vertical-flip:1"));
    }

    void turningOverExchangesTheRows() {
        RgbImage image = tests::pattern(7, 5);
        const RgbImage before = image;
        Random random(1);
        flipVertically(image, 1.0, random);
        const std::size_t stride = 7 * 3;
        for (std::size_t y = 0; y < 5; ++y)
            QVERIFY(std::equal(image.pixels.begin() + std::ptrdiff_t(y * stride),
                               image.pixels.begin() + std::ptrdiff_t((y + 1) * stride),
                               before.pixels.begin() + std::ptrdiff_t((4 - y) * stride)));
        flipVertically(image, 0.0, random);
        QVERIFY(image.pixels != before.pixels);
    }

    void whatIsErasedIsOneBoxOfALegalSize() {
        Random random(2);
        int erased = 0;
        for (int i = 0; i < 300; ++i) {
            RgbImage image{.width = 40, .height = 30, .pixels = std::vector<std::uint8_t>(40 * 30 * 3, 7)};
            erase(image, 0.5, random);
            int left = 40, top = 30, right = 0, bottom = 0, count = 0;
            for (int y = 0; y < 30; ++y)
                for (int x = 0; x < 40; ++x)
                    if (image.pixels[std::size_t(y * 40 + x) * 3] != 7) {
                        left = std::min(left, x), right = std::max(right, x + 1);
                        top = std::min(top, y), bottom = std::max(bottom, y + 1);
                        ++count;
                    }
            if (count == 0)
                continue;
            ++erased;
            QCOMPARE(count, (right - left) * (bottom - top));
            QVERIFY(count > 0.015 * 1200 && count < 0.36 * 1200);
        }
        QVERIFY2(erased > 110 && erased < 190, qPrintable(QString::number(erased)));
    }

    void jitterOfNothingChangesNothingAndGreyStaysGrey() {
        RgbImage grey = tests::pattern(24, 24);
        for (std::size_t i = 0; i < grey.pixels.size(); i += 3)
            grey.pixels[i + 1] = grey.pixels[i + 2] = grey.pixels[i];
        const ImageFile file = asPng(grey);
        const Preprocess preprocess{.imageSize = 24, .resizeSize = 24};
        const Augmentation jitter = makeAugmentation("random-crop:1 colour-jitter:0.4");
        const Augmentation still = makeAugmentation("random-crop:1");
        bool changed = false;
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            const RgbImage view = trainingView(file, preprocess, jitter, Random(seed));
            for (std::size_t i = 0; i < view.pixels.size(); i += 3) {
                QVERIFY(std::abs(int(view.pixels[i]) - int(view.pixels[i + 1])) <= 1);
                QVERIFY(std::abs(int(view.pixels[i]) - int(view.pixels[i + 2])) <= 1);
            }
            changed = changed || trainingView(file, preprocess, still, Random(seed)).pixels != view.pixels;
        }
        QVERIFY(changed);
        const Augmentation slight = makeAugmentation("random-crop:1 colour-jitter:1e-9");
        QVERIFY(tests::largestDifference(trainingView(file, preprocess, slight, Random(1)).pixels,
                                         trainingView(file, preprocess, still, Random(1)).pixels) <= 1);
    }

    // Contrast and saturation turn about the grey of ITU-R 601, as Pillow's do; brightness alone changes it.
    void jitterWeighsTheColoursAsTheEyeDoes() {
        const Preprocess preprocess{.imageSize = 24, .resizeSize = 24};
        const Augmentation jitter = makeAugmentation("random-crop:1 colour-jitter:0.4");
        constexpr int kGrey = 120;
        const ImageFile grey = plain({kGrey, kGrey, kGrey});
        for (const std::array<int, 3> rgb : {std::array{160, 80, 80}, {80, 160, 80}, {80, 80, 160}}) {
            const ImageFile coloured = plain(rgb);
            const double before = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
            int compared = 0;
            for (std::uint64_t seed = 0; seed < 50; ++seed) {
                const RgbImage view = trainingView(coloured, preprocess, jitter, Random(seed));
                const double brightness =
                    trainingView(grey, preprocess, jitter, Random(seed)).pixels[0] / double(kGrey);
                const int red = view.pixels[0], green = view.pixels[1], blue = view.pixels[2];
                if (std::min({red, green, blue}) == 0 || std::max({red, green, blue}) == 255)
                    continue; // cut off
                ++compared;
                const double after = 0.299 * red + 0.587 * green + 0.114 * blue;
                QVERIFY2(std::abs(after - before * brightness) < 2, qPrintable(QString::number(after)));
            }
            QVERIFY(compared > 25);
        }
    }

    void theFormOffersTheTablesChoices() {
        const Parameter* parameter = findParameter("data.augmentation");
        QVERIFY(parameter != nullptr);
        std::vector<std::string> names, labels;
        for (const NamedChoice& choice : augmentations()) {
            names.push_back(choice.name);
            labels.push_back(choice.label);
        }
        QCOMPARE(parameter->choices, names);
        QCOMPARE(parameter->choiceLabels, labels);
        for (const char* wrong : {"wild", "flip:2", "flip:", "flip:half", "random-crop:0", "flip:0.5 wild", "flip:nan"})
            QVERIFY_EXCEPTION_THROWN((void)makeAugmentation(wrong), Error);
    }

    void previewShowsAugmentedPicturesAndPassesOverBrokenOnes() {
        tests::PictureFolder folder;
        folder.pictures("cat", 3);
        folder.pictures("dog", 3);
        folder.bytes("dog/broken.png", "x");
        Experiment experiment = folder.experiment();
        experiment.data.imageSize = 48;
        const auto first = previewBatch(experiment, 9, 1);
        QCOMPARE(first.size(), std::size_t(9));
        for (const PreviewPicture& picture : first) {
            QCOMPARE(picture.image.width, 48);
            QCOMPARE(picture.image.height, 48);
            QVERIFY(picture.label == (picture.file.starts_with("cat/") ? 0 : 1));
        }
        auto files = [](const std::vector<PreviewPicture>& batch) {
            std::vector<std::string> result;
            for (const PreviewPicture& picture : batch)
                result.push_back(picture.file);
            return result;
        };
        QCOMPARE(files(previewBatch(experiment, 9, 1)), files(first));
        QVERIFY(files(previewBatch(experiment, 9, 2)) != files(first));
    }
};

QTEST_GUILESS_MAIN(TestAugment)
#include "tst_augment.moc"
