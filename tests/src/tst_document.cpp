#include "engine/api/catalog.h"
#include "src/experimentdocument.h"
#include "src/freezeedit.h"
#include "src/values.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

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
        const engine::FreezeSettings settings;
        const auto one = withBlocks(settings, smallTree(), headOnly(), {QStringLiteral("blocks.0.conv")}, true);
        QCOMPARE(QString::fromStdString(one.preset), QStringLiteral("by-hand"));
        QCOMPARE(patterns(one), QStringLiteral("blocks.0.conv head"));
        const auto whole = withBlocks(settings, smallTree(), headOnly(), {QStringLiteral("blocks.0")}, true);
        QCOMPARE(patterns(whole), QStringLiteral("blocks.0 head"));
        const auto all =
            withBlocks(settings, smallTree(), headOnly(), {QStringLiteral("stem"), QStringLiteral("blocks.0")}, true);
        QCOMPARE(patterns(all), QStringLiteral("stem blocks.0 head"));
    }

    void freezingABlockTakesItOutOfEveryPhase() {
        Plan plan = headOnly();
        engine::FreezeOutcome second;
        second.fromEpoch = 5;
        second.learningRateFactor = 0.1;
        second.trainedBlocks = {"blocks.0", "blocks.0.conv", "blocks.0.norm", "head"};
        plan.push_back(second);
        const auto frozen = withBlocks({}, smallTree(), plan, {QStringLiteral("blocks.0.norm")}, false);
        QCOMPARE(frozen.phases.size(), std::size_t{2});
        QCOMPARE(patterns(frozen), QStringLiteral("head blocks.0.conv head"));
        QCOMPARE(frozen.phases[1].fromEpoch, 5);
        QCOMPARE(frozen.phases[1].learningRateFactor, 0.1);
    }

    void theTreeSaysSinceWhenABlockTrains() {
        Plan plan = headOnly();
        engine::FreezeOutcome second = plan.front();
        second.fromEpoch = 5;
        second.trainedBlocks.push_back("blocks.0.conv");
        plan.push_back(second);
        const auto rows = blockRows(smallTree(), plan);
        QCOMPARE(rows.size(), 3);
        QVERIFY(!rows[0].trained);
        QVERIFY(rows[1].children[0].trained);
        QCOMPARE(rows[1].children[0].fromEpoch, 5);
        QVERIFY(!rows[1].children[1].trained);
        QCOMPARE(rows[2].fromEpoch, 1);
    }
};

QTEST_GUILESS_MAIN(TestDocument)
#include "tst_document.moc"
