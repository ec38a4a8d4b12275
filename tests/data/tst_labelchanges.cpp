// Pictures that a person gave another class or left out: the list, what it makes of a data set, what a run keeps of it.
#include "engine/api/error.h"
#include "engine/api/labels.h"
#include "engine/api/train.h"
#include "engine/data/dataset.h"
#include "engine/data/labelchanges.h"
#include "tests/data/picturefolder.h"
#include "tests/support/refusal.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <numeric>

using namespace engine;
using tests::refusal;
namespace fs = std::filesystem;

namespace {

constexpr double kSaid = 1.8e9;

// Data with two classes and a project beside it.
class Project final {
public:
    Project() {
        for (const char* folder : {"data/train/ant", "data/train/bee", "data/val/ant", "data/val/bee"})
            m_folder.pictures(folder, 4);
        fs::create_directories(path());
    }
    [[nodiscard]] fs::path path() const { return m_folder.path() / "project"; }
    [[nodiscard]] fs::path data() const { return m_folder.path() / "data"; }
    [[nodiscard]] Experiment experiment() const {
        Experiment experiment;
        experiment.directory = path();
        experiment.data.path = data();
        return experiment;
    }
    void say(const std::string& file, const std::string& label, const std::string& was) const {
        editLabelChanges(path(), [&](std::vector<LabelChange>& list) {
            setLabelChange(list, {data(), file, label, was, kSaid});
        });
    }
    void write(std::string_view list) const { writeFileAtomically(path() / kLabelChangesFile, list); }

private:
    tests::PictureFolder m_folder;
};

std::map<std::string, int> labelsOf(const SampleList& samples) {
    std::map<std::string, int> labels;
    for (const ImageSample& sample : samples)
        labels.emplace(sample.file, sample.label);
    return labels;
}

} // namespace

class TestLabelChanges final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theListComesBackAsItWasSaid() {
        const Project project;
        const std::string strange = "train/ant/a \"big\", one;\n.png";
        project.say("train/ant/1000.png", "bee", "ant");
        project.say(strange, "", "ant");
        const auto list = readLabelChanges(project.path());
        QCOMPARE(list.size(), std::size_t{2});
        QVERIFY(list[0] == (LabelChange{project.data(), "train/ant/1000.png", "bee", "ant", kSaid}));
        QVERIFY(list[1] == (LabelChange{project.data(), strange, "", "ant", kSaid}));
        QVERIFY(list[1].leavesOut());
        const std::string text = readFile(project.path() / kLabelChangesFile);
        QVERIFY2(
            text.starts_with("file,class,was,when,data\n\"train/ant/1000.png\",\"bee\",\"ant\",2027-01-15T08:00:00Z,"),
            text.c_str());
    }

    void whatIsSaidLaterTakesThePlaceAndTheOwnClassAgainIsNoChange() {
        const Project project;
        project.say("train/ant/1000.png", "bee", "ant");
        project.say("train/ant/1000.png", "", "ant");
        auto list = readLabelChanges(project.path());
        QCOMPARE(list.size(), std::size_t{1});
        QVERIFY(list.front().leavesOut());
        project.say("train/ant/1000.png", "ant", "ant");
        QVERIFY(readLabelChanges(project.path()).empty());
        QVERIFY(!fs::exists(project.path() / kLabelChangesFile));
    }

    void theSamplesOfBothPartsObeyTheList() {
        const Project project;
        const ImageFolder before = openData(project.experiment());
        project.say("train/ant/1000.png", "bee", "ant");
        project.say("train/bee/1003.png", "", "bee");
        project.say("val/bee/1001.png", "ant", "bee");
        const ImageFolder after = openData(project.experiment());
        auto train = labelsOf(before.train), validation = labelsOf(before.validation);
        train["train/ant/1000.png"] = 1;
        train.erase("train/bee/1003.png");
        validation["val/bee/1001.png"] = 0;
        QCOMPARE(labelsOf(after.train), train);
        QCOMPARE(labelsOf(after.validation), validation);
        QVERIFY(after.fingerprint != before.fingerprint);
        QCOMPARE(after.notes.facts.back(),
                 std::string("2 pictures have another class and 1 is left out, as label-changes.csv says."));
        QVERIFY(after.notes.findings.empty());
    }

    void whatIsTakenBackLeavesNoTrace() {
        const Project project;
        const ImageFolder before = openData(project.experiment());
        project.say("train/ant/1000.png", "bee", "ant");
        editLabelChanges(project.path(), [&](std::vector<LabelChange>& list) {
            forgetLabelChange(list, project.data(), "train/ant/1000.png");
        });
        const ImageFolder after = openData(project.experiment());
        QCOMPARE(labelsOf(after.train), labelsOf(before.train));
        QCOMPARE(after.fingerprint, before.fingerprint);
        QVERIFY(after.notes.facts == before.notes.facts);
    }

    void ofManySamplesThoseBetweenTheLeftOutOnesKeepTheirOrder() {
        std::vector<ImageSample> samples;
        for (int i = 0; i < 200; ++i)
            samples.push_back({std::to_string(i), i % 5, {}});
        for (const std::vector<std::int64_t>& leftOut :
             {std::vector<std::int64_t>{}, {0}, {199}, {0, 1, 2}, {5, 6, 9, 100, 101, 198, 199}}) {
            const ChangedSamples changed(SampleList(samples), leftOut, {{7, 4}, {150, 3}});
            std::vector<std::string> expected;
            for (int i = 0; i < 200; ++i)
                if (!std::ranges::binary_search(leftOut, i))
                    expected.push_back(std::to_string(i));
            QCOMPARE(changed.count(), static_cast<std::int64_t>(expected.size()));
            for (std::int64_t i = 0; i < changed.count(); ++i) {
                const ImageSample sample = changed.at(i);
                QCOMPARE(sample.file, expected[static_cast<std::size_t>(i)]);
                const int place = std::stoi(sample.file);
                QCOMPARE(sample.label, place == 7 ? 4 : place == 150 ? 3 : place % 5);
            }
        }
    }

    void entriesForOtherDataAreNotForThese() {
        const Project project;
        editLabelChanges(project.path(), [](std::vector<LabelChange>& list) {
            setLabelChange(list, {"/elsewhere", "train/ant/1000.png", "bee", "ant", kSaid});
        });
        const ImageFolder folder = openData(project.experiment());
        QCOMPARE(labelsOf(folder.train).at("train/ant/1000.png"), 0);
        QVERIFY(folder.notes.findings.empty());
    }

    void whatCannotBeFollowedIsSaid() {
        const Project project;
        project.say("train/ant/gone.png", "bee", "ant");
        project.say("train/ant/1001.png", "wasp", "ant");
        const ImageFolder folder = openData(project.experiment());
        QCOMPARE(folder.notes.findings.size(), std::size_t{2});
        QCOMPARE(words(folder.notes.findings[0]),
                 std::string("1 entry of label-changes.csv cannot be followed: the data have no such picture. Passed "
                             "over: train/ant/gone.png."));
        QVERIFY(words(folder.notes.findings[1]).ends_with("no such class. Passed over: train/ant/1001.png."));
        QCOMPARE(labelsOf(folder.train).at("train/ant/1001.png"), 0);
    }

    void aListThatAPersonWroteIsRead() {
        const Project project;
        project.write("class;file\r\nbee;train/ant/1000.png\r\n\r\n;train/ant/1001.png\r\n");
        const auto labels = labelsOf(openData(project.experiment()).train);
        QCOMPARE(labels.at("train/ant/1000.png"), 1);
        QVERIFY(!labels.contains("train/ant/1001.png"));
        project.write("picture,class\na,b\n");
        QVERIFY(refusal([&] { (void)openData(project.experiment()); }).ends_with("has no column “file”."));
    }

    void aListMovesWithTheDataBesideIt() {
        tests::PictureFolder place;
        place.pictures("before/data/ant", 3);
        place.pictures("before/data/bee", 3);
        editLabelChanges(place.path() / "before", [&](std::vector<LabelChange>& list) {
            setLabelChange(list, {place.path() / "before" / "data", "ant/1000.png", "", "ant", kSaid});
        });
        fs::rename(place.path() / "before", place.path() / "after");
        Experiment experiment;
        experiment.directory = place.path() / "after";
        experiment.data.path = "data";
        const ImageFolder folder = openData(experiment);
        QCOMPARE(folder.train.size() + folder.validation.size(), std::size_t{5});
    }

    void aRunKeepsTheListAsItWasWhenItBegan() {
        const Project project;
        project.say("train/ant/1000.png", "bee", "ant");
        editLabelChanges(project.path(), [](std::vector<LabelChange>& list) {
            setLabelChange(list, {"/elsewhere", "a.png", "", "ant", kSaid});
        });
        const fs::path run = createRun(project.experiment(), project.path() / "runs");
        project.say("train/ant/1001.png", "bee", "ant");
        QCOMPARE(readLabelChanges(run).size(), std::size_t{1});
        const auto labels = labelsOf(openData(readExperiment(run / "experiment.toml")).train);
        QCOMPARE(labels.at("train/ant/1000.png"), 1);
        QCOMPARE(labels.at("train/ant/1001.png"), 0);
        const auto next = labelsOf(
            openData(readExperiment(createRun(project.experiment(), project.path() / "runs") / "experiment.toml"))
                .train);
        QCOMPARE(next.at("train/ant/1001.png"), 1);
    }

    void aRunFromARunObeysTheSameList() {
        const Project project;
        project.say("train/ant/1000.png", "bee", "ant");
        const fs::path first = createRun(project.experiment(), project.path() / "runs");
        const fs::path second = createRun(readExperiment(first / "experiment.toml"), project.path() / "runs");
        QVERIFY(readLabelChanges(first) == readLabelChanges(second));
        QVERIFY(!readLabelChanges(second).empty());
    }

    void withoutAListARunHasNone() {
        const Project project;
        QVERIFY(!fs::exists(createRun(project.experiment(), project.path() / "runs") / kLabelChangesFile));
    }
};

QTEST_GUILESS_MAIN(TestLabelChanges)
#include "tst_labelchanges.moc"
