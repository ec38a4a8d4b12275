#include "engine/api/sample.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/sample/part.h"
#include "engine/sample/scene.h"

#include <QImage>
#include <QTemporaryDir>
#include <QTest>

#include <cstdlib>
#include <map>

namespace fs = std::filesystem;
using namespace engine;

namespace {

std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> result;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            result[fs::relative(entry.path(), folder).string()] = readFile(entry.path());
    return result;
}

// Mean absolute difference of two pictures, in grey levels.
double difference(const sample::Picture& a, const sample::Picture& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i)
        sum += std::abs(int(a.pixels[i]) - int(b.pixels[i]));
    return sum / static_cast<double>(a.pixels.size());
}

sample::Picture pictureIn(const std::string& jpeg) {
    const QImage image =
        QImage::fromData(QByteArray::fromStdString(jpeg), "JPG").convertToFormat(QImage::Format_RGB888);
    sample::Picture picture{image.width(), {}};
    for (int y = 0; y < image.height(); ++y)
        picture.pixels.insert(picture.pixels.end(), image.constScanLine(y), image.constScanLine(y) + 3 * image.width());
    return picture;
}

sample::Picture drawWith(const sample::Part& part) {
    Random pose(11);
    return sample::drawScene(part, 128, pose, sample::Noise(3));
}

} // namespace

class TestSample : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path m_sample = fs::path(m_folder.path().toStdString()) / "sample";

private Q_SLOTS:
    void initTestCase() { createSampleProject(m_sample, 5); }

    void holdsFourClassesInTwoPartsAndTwoExperiments() {
        std::map<std::string, int> perFolder;
        for (const auto& [name, bytes] : contents(m_sample)) {
            if (name.ends_with(".jpg")) {
                ++perFolder[fs::path(name).parent_path().string()];
                const QImage picture = QImage::fromData(QByteArray::fromStdString(bytes), "JPG");
                QVERIFY2(picture.width() == 256 && picture.height() == 256, name.c_str());
            }
        }
        QCOMPARE(perFolder.size(), std::size_t(8));
        for (const char* name : {"good", "scratched", "chipped", "bent"}) {
            QCOMPARE(perFolder[std::string("parts/train/") + name], 100);
            QCOMPARE(perFolder[std::string("parts/val/") + name], 25);
        }
        QVERIFY(readFile(m_sample / "pretrained.toml").find("weights = \"bundled\"") != std::string::npos);
        QVERIFY(readFile(m_sample / "random.toml").find("weights = \"none\"") != std::string::npos);

        // What a user changes stays as it is.
        writeFileAtomically(m_sample / "pretrained.toml", "changed");
        createSampleProject(m_sample);
        QCOMPARE(readFile(m_sample / "pretrained.toml"), std::string("changed"));
    }

    void sameSeedDrawsTheSameFilesAndAnotherSeedOthers() {
        QTemporaryDir folder;
        const fs::path again = folder.path().toStdString();
        createSampleProject(again, 5);
        QVERIFY(contents(m_sample / "parts") == contents(again / "parts"));
        fs::remove_all(again / "parts");
        createSampleProject(again, 6);
        // Other parts in other places, and not only other noise on the same ones.
        const auto first = contents(m_sample / "parts"), second = contents(again / "parts");
        for (const auto& [name, bytes] : first)
            QVERIFY2(difference(pictureIn(bytes), pictureIn(second.at(name))) > 10, name.c_str());
    }

    void trainingAndValidationShareNoPicture() {
        std::map<std::string, std::string> seen;
        for (const auto& [name, bytes] : contents(m_sample / "parts")) {
            QVERIFY2(!seen.contains(bytes), qPrintable(QString::fromStdString(name + " equals " + seen[bytes])));
            seen[bytes] = name;
        }
    }

    void aPartHasTheDefectOfItsClassAndNoOther() {
        using sample::Condition;
        for (const Condition condition : {Condition::Good, Condition::Scratched, Condition::Chipped, Condition::Bent}) {
            Random random(3);
            const sample::Part part = sample::makePart(condition, random);
            QCOMPARE(part.scratches.empty(), condition != Condition::Scratched);
            QCOMPARE(part.chips.empty(), condition != Condition::Chipped);
            QCOMPARE(part.fold.angle != 0, condition == Condition::Bent);
        }
    }

    void defectsShowInThePicture() {
        Random random(4);
        sample::Part good = sample::makePart(sample::Condition::Good, random);
        const sample::Picture plain = drawWith(good);
        sample::Part scratched = good;
        scratched.scratches.push_back({{{{-0.8F, 0.5F}, {0, 0.7F}, {0.8F, 0.5F}}}, 1.5F, 1});
        QVERIFY(difference(plain, drawWith(scratched)) > 0.1);
        sample::Part chipped = good;
        chipped.chips.push_back({{1, 0}, 0.25F, 7});
        QVERIFY(difference(plain, drawWith(chipped)) > 0.3);
        sample::Part bent = good;
        bent.fold = {0.3F, 0, 0.9F};
        QVERIFY(difference(plain, drawWith(bent)) > 3);
        QVERIFY(difference(plain, drawWith(good)) == 0);
    }

    void outlineIsNegativeInTheMetalAndPositiveInTheBore() {
        const sample::Noise noise(1);
        sample::Part washer;
        washer.inner = 0.5F;
        QVERIFY(sample::distance(washer, {0, 0}, noise) > 0.4F);
        QVERIFY(sample::distance(washer, {0.75F, 0}, noise) < -0.2F);
        QVERIFY(sample::distance(washer, {1.5F, 0}, noise) > 0.4F);
        washer.chips.push_back({{0, 1}, 0.3F, 0});
        QVERIFY(sample::distance(washer, {0, 0.9F}, noise) > 0.05F);
    }
};

QTEST_APPLESS_MAIN(TestSample)
#include "tst_sample.moc"
