// What is said of the pictures of a data set: copies, tiny ones, classes of unequal size.
#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/api/labels.h"
#include "engine/data/manyfiles.h"
#include "tests/data/picturefolder.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <set>

using namespace engine;
namespace fs = std::filesystem;

namespace {

// Two classes in two parts; every picture another one.
class Data final {
public:
    Data() {
        int number = 0;
        for (const char* folder : {"train/ant", "train/bee", "val/ant", "val/bee"})
            for (int i = 0; i < 4; ++i)
                picture(std::string(folder) + "/" + std::to_string(i) + ".png", ++number);
    }
    void picture(const std::string& file, int number, int side = 64) const {
        QImage image(side, side, QImage::Format_RGB888);
        image.fill(QColor(number, 255 - number, number * 7 % 256));
        fs::create_directories((path() / file).parent_path());
        if (!image.save(QString::fromStdString((path() / file).string())))
            qFatal("could not write %s", file.c_str());
    }
    void copy(const std::string& from, const std::string& to) const { fs::copy_file(path() / from, path() / to); }
    [[nodiscard]] fs::path path() const { return m_folder.path(); }
    [[nodiscard]] std::vector<Finding> findings() const { return checkData(m_folder.experiment()).notes.findings; }

private:
    tests::PictureFolder m_folder;
};

std::set<std::string> linesOf(const std::string& text) {
    std::set<std::string> lines;
    for (const QString& line : QString::fromStdString(text).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        lines.insert(line.toStdString());
    return lines;
}

} // namespace

class TestDataChecks final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void picturesThatAllDifferGiveNoWarning() { QVERIFY(Data().findings().empty()); }

    void copiesWithinAPartAreLeftOutButForTheFirst() {
        const Data data;
        data.copy("train/ant/1.png", "train/ant/7.png");
        data.copy("train/ant/1.png", "train/ant/8.png");
        const auto findings = data.findings();
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].message, std::string("2 pictures are copies of others."));
        QCOMPARE(findings[0].detail,
                 std::string("train/ant/7.png is the same file as train/ant/1.png. It counts more than once."));
        QCOMPARE(findings[0].fixKey, std::string(kLeaveOutByList));
        QVERIFY(linesOf(findings[0].fixValue) == (std::set<std::string>{"train/ant/7.png", "train/ant/8.png"}));
        QVERIFY(findings[0].severity == Severity::Warning);
    }

    void copiesInBothPartsAreLeftOutOfTraining() {
        const Data data;
        data.copy("val/bee/2.png", "train/bee/9.png");
        data.copy("val/bee/2.png", "train/bee/8.png");
        const auto findings = data.findings();
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].message, std::string("2 pictures to train on validate as well."));
        QCOMPARE(findings[0].fixLabel, std::string("Leave out of training"));
        QVERIFY(linesOf(findings[0].fixValue) == (std::set<std::string>{"train/bee/8.png", "train/bee/9.png"}));
    }

    void aPictureInTwoClassesIsSaidAndLeftToThePerson() {
        const Data data;
        data.copy("train/ant/0.png", "train/bee/0b.png");
        const auto findings = data.findings();
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].message, std::string("1 picture stands in several classes."));
        QVERIFY(findings[0].detail.starts_with("train/bee/0b.png is the same file as train/ant/0.png, of another"));
        QVERIFY(findings[0].fixKey.empty());
    }

    void filesOfOneSizeAreComparedToTheirLastByte() {
        tests::PictureFolder folder;
        std::string file = readFile(fs::path(THAW_SOURCE_DIR) / "resources" / "screenshots" / "sample.jpg");
        for (const char* part : {"ant", "bee"})
            folder.pictures(part, 2);
        folder.bytes("ant/a.jpg", file);
        file[file.size() / 2] ^= 1; // beyond the last bytes, which are looked at first
        folder.bytes("ant/b.jpg", file);
        std::vector<Finding> findings = checkData(folder.experiment()).notes.findings;
        const auto isCopy = [](const Finding& one) { return one.message.ends_with("copies of others."); };
        QVERIFY(std::ranges::none_of(findings, isCopy));
    }

    void tinyPicturesAmongLargeOnesAreSaid() {
        const Data data;
        for (int i = 0; i < 4; ++i)
            data.picture("train/ant/big" + std::to_string(i) + ".png", 40 + i, 400);
        data.picture("train/bee/thumb.png", 90, 15);
        data.picture("train/bee/fair.png", 91, 16);
        const auto findings = data.findings();
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].message, std::string("1 picture is smaller than 32 pixels."));
        QCOMPARE(findings[0].detail, std::string("train/bee/thumb.png has 15 × 15; half of all have 64 or more."));
        QCOMPARE(findings[0].fixValue, std::string("train/bee/thumb.png"));
    }

    void aDataSetOfTinyPicturesIsAsItIs() {
        tests::PictureFolder folder;
        for (int i = 0; i < 6; ++i) {
            folder.picture("ant/" + std::to_string(i) + ".png", i + 1, 28, 28);
            folder.picture("bee/" + std::to_string(i) + ".png", i + 11, 28, 28);
        }
        for (const Finding& finding : checkData(folder.experiment()).notes.findings)
            QVERIFY2(!finding.message.ends_with("pixels."), finding.message.c_str());
    }

    void classesOfVeryUnequalSizeAreSaid() {
        const Data data;
        for (int i = 0; i < 36; ++i)
            data.picture("train/ant/more" + std::to_string(i) + ".png", 100 + i);
        QVERIFY(data.findings().empty()); // ten times as many
        data.picture("train/ant/last.png", 200);
        const auto findings = data.findings();
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(words(findings[0]), std::string("The classes differ much in size. ant has 41 pictures, bee only 4."));
        QCOMPARE(findings[0].fixKey + "=" + findings[0].fixValue, std::string("train.class_weights=balanced"));
    }

    void theFixLeavesTheCopiesOutOfTheNextLook() {
        const Data data;
        data.copy("train/ant/1.png", "train/ant/7.png");
        const fs::path project = data.path() / ".project";
        Experiment experiment;
        experiment.directory = project;
        experiment.data.path = data.path();
        const Finding finding = checkData(experiment).notes.findings.at(0);
        editLabelChanges(project, [&](std::vector<LabelChange>& list) {
            setLabelChange(list, {data.path(), finding.fixValue, {}, {}, 0});
        });
        const DataReport report = checkData(experiment);
        QVERIFY(report.notes.findings.empty());
        QCOMPARE(report.trainSamples, 8);
    }

    void lookingForCopiesStopsWhenAsked() {
        std::stop_source stop;
        std::atomic<int> done = 0;
        try {
            forManyFiles(
                1'000'000,
                [&](std::size_t) {
                    if (++done == 3)
                        stop.request_stop();
                },
                stop.get_token(), nullptr);
            QFAIL("was not stopped");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Stopped);
        }
        QVERIFY(done < 1000);
    }
};

QTEST_GUILESS_MAIN(TestDataChecks)
#include "tst_datachecks.moc"
