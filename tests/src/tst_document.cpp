#include "engine/api/catalog.h"
#include "src/experimentdocument.h"
#include "src/freezeedit.h"
#include "src/freezewords.h"
#include "src/values.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace app;

namespace {

const auto kEpochs = QStringLiteral("train.epochs");
const auto kBatch = QStringLiteral("train.batch_size");

engine::BlockInfo leaf(const std::string& name, std::int64_t parameters = 10) {
    engine::BlockInfo block;
    block.name = name;
    block.parameters = parameters;
    return block;
}

// stem, blocks.0 (conv, norm, act without parameters), head
Tree smallTree() {
    engine::BlockInfo block;
    block.name = "blocks.0";
    block.children = {leaf("blocks.0.conv"), leaf("blocks.0.norm"), leaf("blocks.0.act", 0)};
    block.parameters = 20;
    return {leaf("stem"), block, leaf("head")};
}

Plan headOnly() {
    engine::FreezeOutcome phase;
    phase.trainedBlocks = {"head"};
    phase.frozenBlocks = {"stem", "blocks.0", "blocks.0.conv", "blocks.0.norm"};
    return {phase};
}

engine::FreezeSettings changed(const Plan& plan, const QStringList& blocks, bool train) {
    return byHand({}, smallTree(), withBlocks(smallTree(), handPlan(smallTree(), plan, {}), blocks, train));
}

QString patterns(const engine::FreezeSettings& settings) {
    QStringList all;
    for (const auto& phase : settings.phases)
        for (const auto& pattern : phase.train)
            all.append(words(pattern));
    return all.join(QLatin1Char(' '));
}

} // namespace

class TestDocument final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anEditIsUndoneAndRedone() {
        ExperimentDocument document;
        const QString before = document.value(kEpochs);
        QVERIFY(!document.edit(kEpochs, QStringLiteral("17")));
        QCOMPARE(document.value(kEpochs), QStringLiteral("17"));
        document.undoStack().undo();
        QCOMPARE(document.value(kEpochs), before);
        document.undoStack().redo();
        QCOMPARE(document.value(kEpochs), QStringLiteral("17"));
    }

    void editsOfOneSettingInARowBecomeOne() {
        ExperimentDocument document;
        for (const char* text : {"1", "12", "120"})
            document.edit(kEpochs, QString::fromLatin1(text));
        QCOMPARE(document.undoStack().count(), 1);
        document.edit(kBatch, QStringLiteral("8"));
        document.edit(kEpochs, QStringLiteral("9"));
        QCOMPARE(document.undoStack().count(), 3);
        document.undoStack().undo();
        QCOMPARE(document.value(kEpochs), QStringLiteral("120"));
    }

    void anEditBackToWhereItBeganLeavesNoTrace() {
        ExperimentDocument document;
        const QString before = document.value(kEpochs);
        document.edit(kEpochs, QStringLiteral("99"));
        document.edit(kEpochs, before);
        QVERIFY(!document.undoStack().canUndo());
        QVERIFY(!document.changed());
    }

    void aRefusedTextChangesNothingAndSaysWhy() {
        ExperimentDocument document;
        const QString before = document.value(kEpochs);
        const auto trouble = document.edit(kEpochs, QStringLiteral("many"));
        QVERIFY(trouble);
        QVERIFY(trouble->message.contains(QStringLiteral("many")));
        QVERIFY(!trouble->remedy.isEmpty());
        QCOMPARE(document.value(kEpochs), before);
        QVERIFY(!document.undoStack().canUndo());
    }

    void onlyWhatChangedIsAnnounced() {
        ExperimentDocument document;
        QSignalSpy spy(&document, &ExperimentDocument::valuesChanged);
        document.edit(kEpochs, QStringLiteral("3"));
        document.edit(kEpochs, QStringLiteral("3"));
        QCOMPARE(spy.count(), 1);
        QCOMPARE(spy.first().first().toStringList(), QStringList{kEpochs});
    }

    void savedIsUnchangedUntilEditedAndAgainAfterUndo() {
        QTemporaryDir folder;
        ExperimentDocument document;
        document.edit(kEpochs, QStringLiteral("3"));
        QVERIFY(document.changed());
        document.save(folder.filePath(QStringLiteral("one.toml")));
        QVERIFY(!document.changed());
        QCOMPARE(document.projectFolder(), folder.path());
        document.edit(kEpochs, QStringLiteral("4"));
        QVERIFY(document.changed());
        document.undoStack().undo();
        QVERIFY(!document.changed());
        QCOMPARE(document.value(kEpochs), QStringLiteral("3"));
    }

    void openingReadsWhatWasSaved() {
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("one.toml"));
        ExperimentDocument first;
        first.edit(QStringLiteral("experiment.name"), QStringLiteral("bees, again"));
        first.edit(QStringLiteral("train.learning_rate"), QStringLiteral("3e-4"));
        first.save(file);
        ExperimentDocument second;
        second.open(file);
        QCOMPARE(second.value(QStringLiteral("experiment.name")), QStringLiteral("bees, again"));
        QCOMPARE(second.experiment().train.learningRate, 3e-4);
        QVERIFY(!second.undoStack().canUndo());
    }

    void aFileThatAnotherProgramWroteIsNoticed() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("one.toml"));
        ExperimentDocument document;
        QVERIFY(!document.changedOnDisk()); // untitled
        document.save(path);
        QVERIFY(!document.changedOnDisk());
        ExperimentDocument other;
        other.open(path);
        QVERIFY(!other.edit(kEpochs, QStringLiteral("17")));
        other.save(path);
        QVERIFY(!other.changedOnDisk());
        QVERIFY(document.changedOnDisk());
        document.open(path);
        QVERIFY(!other.edit(kEpochs, QStringLiteral("18"))); // a file of the same length
        other.save(path);
        QVERIFY(document.changedOnDisk());
    }

    void aFileThatIsNoneLeavesTheDocumentAsItWas() {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("bad.toml")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[train]\nepochz = 3\n");
        file.close();
        ExperimentDocument document;
        document.edit(kEpochs, QStringLiteral("8"));
        QVERIFY_EXCEPTION_THROWN(document.open(file.fileName()), engine::Error);
        QCOMPARE(document.value(kEpochs), QStringLiteral("8"));
        QVERIFY(document.undoStack().canUndo());
    }

    void savedElsewhereItStillMeansTheSameData() {
        QTemporaryDir folder;
        QTemporaryDir other;
        ExperimentDocument document;
        document.startNew({}, folder.path());
        document.edit(QStringLiteral("data.path"), QStringLiteral("pictures"));
        const auto meant = document.experiment().dataPath();
        document.save(other.filePath(QStringLiteral("one.toml")));
        QCOMPARE(words(document.experiment().dataPath()), words(meant));
        document.undoStack().undo();
        document.undoStack().redo();
        QCOMPARE(words(document.experiment().dataPath()), words(meant));
        QCOMPARE(document.projectFolder(), other.path());
    }

    void theSettingsOfARunAreOneEdit() {
        ExperimentDocument document;
        document.startNew({}, QStringLiteral("/somewhere"));
        engine::Experiment other;
        other.directory = "/elsewhere";
        other.data.path = "pictures";
        other.train.epochs = 77;
        other.train.batchSize = 3;
        document.apply(other, QStringLiteral("Settings of a run"));
        QCOMPARE(document.undoStack().count(), 1);
        QCOMPARE(words(document.experiment().dataPath()), QStringLiteral("/elsewhere/pictures"));
        document.undoStack().undo();
        QCOMPARE(document.experiment().train.epochs, engine::Experiment().train.epochs);
    }

    void thawingABlockNamesTheFewestPatterns() {
        const auto one = changed(headOnly(), {QStringLiteral("blocks.0.conv")}, true);
        QCOMPARE(QString::fromStdString(one.preset), QStringLiteral("by-hand"));
        QCOMPARE(patterns(one), QStringLiteral("blocks.0.conv head"));
        const auto whole = changed(headOnly(), {QStringLiteral("blocks.0")}, true);
        QCOMPARE(patterns(whole), QStringLiteral("blocks.0 head"));
        const auto all = changed(headOnly(), {QStringLiteral("stem"), QStringLiteral("blocks.0")}, true);
        QCOMPARE(patterns(all), QStringLiteral("stem blocks.0 head"));
    }

    void freezingABlockTakesItOutOfEveryPhase() {
        Plan plan = headOnly();
        engine::FreezeOutcome second;
        second.fromEpoch = 5;
        second.learningRateFactor = 0.1;
        second.trainedBlocks = {"blocks.0", "blocks.0.conv", "blocks.0.norm", "head"};
        plan.push_back(second);
        const auto frozen = changed(plan, {QStringLiteral("blocks.0.norm")}, false);
        QCOMPARE(frozen.phases.size(), std::size_t{2});
        QCOMPARE(patterns(frozen), QStringLiteral("head blocks.0.conv head"));
        QCOMPARE(frozen.phases[1].fromEpoch, 5);
        QCOMPARE(frozen.phases[1].learningRateFactor, 0.1);
    }

    void factorsAreThePhasesTimesTheBlocks() {
        Plan plan = headOnly();
        plan[0].trainedBlocks = {"blocks.0", "blocks.0.conv", "blocks.0.norm", "head"};
        plan[0].factors = {{"blocks.0.conv", 0.1}, {"blocks.0.norm", 0.1}, {"head", 0.5}};
        const auto settings = byHand({}, smallTree(), handPlan(smallTree(), plan, {}));
        QCOMPARE(settings.phases[0].learningRateFactor, 0.5);
        QCOMPARE(settings.phases[0].factors, (std::vector<engine::BlockFactor>{{"blocks.0", 0.2}}));
    }

    void whatIsThawedLearnsAsSlowlyAsTheSlowestAndTheOthersAsBefore() {
        Plan plan = headOnly();
        plan[0].trainedBlocks = {"blocks.0.conv", "head"};
        plan[0].factors = {{"blocks.0.conv", 0.1}, {"head", 0.5}};
        const auto thawed =
            withBlocks(smallTree(), handPlan(smallTree(), plan, {}), {words("stem"), words("head")}, true);
        QCOMPARE(thawed[0].factors,
                 (std::map<std::string, double>{{"blocks.0.conv", 0.1}, {"head", 0.5}, {"stem", 0.1}}));
    }

    void theLeastAndTheMostThatAPhaseTrainsAreSaid() {
        Plan plan = headOnly();
        const auto said = [&plan] { return trainedWords(thawPlan(smallTree(), handPlan(smallTree(), plan, {}), 10)); };
        QCOMPARE(said(), QStringLiteral("10"));
        plan.push_back(plan.front());
        plan[1].fromEpoch = 5;
        plan[1].trainedBlocks = {"blocks.0.conv", "blocks.0.norm", "head"};
        QCOMPARE(said(), QStringLiteral("10 to 30"));
    }

    void theTimelineKeepsThePartsOfABlock() {
        Plan plan = headOnly();
        engine::FreezeOutcome second = plan.front();
        second.fromEpoch = 5;
        second.trainedBlocks.push_back("blocks.0.conv");
        plan.push_back(second);
        const HandPlan hand = handPlan(smallTree(), plan, {});
        const ui::ThawPlan shown = thawPlan(smallTree(), hand, 10);
        QCOMPARE(shown.phases[1].cells[1], (ui::ThawCell{1, 10})); // of 20
        QCOMPARE(withTimeline(smallTree(), hand, shown), hand);
        const auto earlier = withTimeline(smallTree(), hand, ui::withEdgeMoved(shown, {1, 5, true}, 3));
        QCOMPARE(earlier.size(), std::size_t{2});
        QCOMPARE(earlier[1].fromEpoch, 3);
        QCOMPARE(earlier[1].factors, (std::map<std::string, double>{{"blocks.0.conv", 1}, {"head", 1}}));
        const auto slower = withTimeline(smallTree(), hand, ui::withFactor(shown, 1, 1, 0.25));
        QCOMPARE(slower[1].factors.at("blocks.0.conv"), 0.25);
        const auto stem = withTimeline(smallTree(), hand, ui::withEdgeMoved(shown, {0, 11, true}, 8));
        QVERIFY(stem.back().factors.contains("stem"));
    }

    void aGestureIsOneStepBack() {
        ExperimentDocument document;
        for (const int epoch : {4, 5, 6}) {
            engine::FreezeSettings freeze = document.experiment().freeze;
            freeze.preset = "by-hand";
            freeze.phases = {{.fromEpoch = 1, .train = {"head"}}, {.fromEpoch = epoch, .train = {"*"}}};
            document.setFreeze(freeze, QStringLiteral("thaw:1"));
        }
        QCOMPARE(document.undoStack().count(), 1);
        document.undoStack().undo();
        QCOMPARE(document.experiment().freeze.preset, engine::FreezeSettings().preset);
    }

    void theCurveFollowsTheScheduleAndBeginsAnewWhereAPhaseSaysSo() {
        engine::TrainSettings train;
        train.epochs = 10;
        train.schedule = "cosine";
        HandPlan plan(2);
        plan[1].fromEpoch = 6;
        auto curve = scheduleCurve(train, plan, 100);
        const auto at = [&curve](double epoch) {
            for (auto point = curve.rbegin(); point != curve.rend(); ++point)
                if (point->x() <= epoch)
                    return point->y();
            return -1.0;
        };
        QCOMPARE(curve.first().y(), 1.0);
        QVERIFY(std::abs(at(5) - 0.5) < 0.01);
        QVERIFY(at(10) < 0.01);
        plan[1].schedule = "cosine";
        curve = scheduleCurve(train, plan, 100);
        QVERIFY(at(5) > 0.99); // of the second phase
        QVERIFY(at(10) < 0.01);
    }

    void aRecipeMadeByHandKeepsItsSchedules() {
        Plan plan = headOnly();
        plan.push_back(plan.front());
        plan[1].fromEpoch = 2;
        plan[1].trainedBlocks = {"stem", "blocks.0", "blocks.0.conv", "blocks.0.norm", "head"};
        const std::vector<engine::FreezePhase> phases{{.fromEpoch = 1, .schedule = "one-cycle:0.99,25,100000"},
                                                      {.fromEpoch = 2, .schedule = "one-cycle:0.3,5,100000"}};
        const HandPlan hand = handPlan(smallTree(), plan, phases);
        const auto settings = byHand({.preset = "fine-tune"}, smallTree(), hand);
        QCOMPARE(settings.phases.size(), std::size_t{2});
        QCOMPARE(settings.phases[0].schedule, std::string("one-cycle:0.99,25,100000"));
        QCOMPARE(settings.phases[1].schedule, std::string("one-cycle:0.3,5,100000"));
        engine::TrainSettings train;
        train.epochs = 5;
        const auto curve = scheduleCurve(train, hand, 10); // fastai's: each phase rises from a fraction of the rate
        QVERIFY(std::abs(curve.first().y() - 1.0 / 25) < 1e-6);
        const auto second = std::find_if(curve.begin() + 1, curve.end(),
                                         [](const QPointF& point) { return point.x() == 1 && point.y() < 0.3; });
        QVERIFY(second != curve.end());
        QVERIFY(std::abs(second->y() - 0.2) < 1e-6);
    }

    void aRunsPlanKeepsItsPastWhereAnotherIsWanted() {
        const auto phase = [](int fromEpoch, const char* block) {
            return HandPhase{.fromEpoch = fromEpoch, .factors = {{block, 1.0}}, .schedule = {}};
        };
        const HandPlan past{phase(1, "a"), phase(4, "b"), phase(8, "c")};
        QCOMPARE(joinedPlan(past, {phase(1, "a"), phase(4, "b"), phase(9, "c")}, 6),
                 (HandPlan{phase(1, "a"), phase(4, "b"), phase(9, "c")}));
        QCOMPARE(joinedPlan(past, {phase(1, "d")}, 6), (HandPlan{phase(1, "a"), phase(4, "b"), phase(6, "d")}));
        QCOMPARE(joinedPlan(past, {phase(1, "d")}, 1), (HandPlan{phase(1, "d")}));
        QCOMPARE(joinedPlan(past, {phase(1, "d"), phase(6, "e")}, 6),
                 (HandPlan{phase(1, "a"), phase(4, "b"), phase(6, "e")}));
    }

    void theTreeSaysSinceWhenABlockTrains() {
        Plan plan = headOnly();
        engine::FreezeOutcome second = plan.front();
        second.fromEpoch = 5;
        second.trainedBlocks.push_back("blocks.0.conv");
        plan.push_back(second);
        const auto rows = blockRows(smallTree(), handPlan(smallTree(), plan, {}), 10);
        QCOMPARE(rows.size(), 3);
        QVERIFY(!rows[0].trained);
        QVERIFY(rows[1].children[0].trained);
        QCOMPARE(rows[1].children[0].fromEpoch, 5);
        QVERIFY(!rows[1].children[1].trained);
        QCOMPARE(rows[2].fromEpoch, 1);
        QVERIFY(!rows[0].partly);
        plan[1].frozenBlocks = {"blocks.0.norm"}; // of the stem a part
        const auto parts = blockRows(smallTree(), handPlan(smallTree(), plan, {}), 10, plan);
        QVERIFY(parts[0].partly);
        QCOMPARE(parts[0].fromEpoch, 5);
        QVERIFY(!parts[1].children[0].partly && !parts[1].children[1].partly && !parts[1].children[2].partly);
    }
};

QTEST_GUILESS_MAIN(TestDocument)
#include "tst_document.moc"
