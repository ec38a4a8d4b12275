#include "engine/api/sample.h"
#include "src/draft.h"
#include "src/experimentdocument.h"
#include "src/projectactions.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/controls/button.h"
#include "ui/controls/questiondialog.h"
#include "ui/frame/mainframe.h"
#include "ui/theme.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

namespace {

const auto kEpochs = QStringLiteral("train.epochs");

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

// A window's worth of project.
struct Window {
    ui::MainFrame frame;
    ExperimentDocument document;
    ProjectActions actions{frame, document};

    bool answer(const char* label) {
        const auto* dialog = frame.findChild<ui::QuestionDialog*>();
        if (!dialog)
            return false;
        for (auto* button : dialog->findChildren<ui::Button*>())
            if (button->text() == text(label)) {
                button->click();
                return true;
            }
        return false;
    }
};

// An experiment file in the folder; its data folder is the folder itself.
QString written(const QTemporaryDir& folder, const char* name) {
    engine::Experiment experiment;
    experiment.name = name;
    experiment.data.path = toPath(folder.path());
    const QString file = folder.filePath(text(name) + text(".toml"));
    engine::writeExperiment(experiment, toPath(file));
    return file;
}

QString epochsIn(const QString& file) { return QString::number(engine::readExperiment(toPath(file)).train.epochs); }

} // namespace

class TestProjectActions final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::Theme::install(*qApp); }
    void init() { madeup::ownSettings(); }

    void unsavedEditsOfTwoWindowsComeBackEachWithItsFile() {
        const QTemporaryDir folder;
        const QString one = written(folder, "one");
        const QString two = written(folder, "two");
        const QString before = epochsIn(one);
        {
            Window first;
            Window second;
            first.actions.openTarget(one);
            second.actions.openTarget(two);
            QVERIFY(!first.document.edit(kEpochs, text("11")));
            QVERIFY(!second.document.edit(kEpochs, text("22")));
            first.actions.keepForNextStart();
            second.actions.keepForNextStart();
        }
        Window again;
        again.actions.openTarget(one);
        QCOMPARE(again.document.value(kEpochs), text("11"));
        QVERIFY(again.document.changed());
        QCOMPARE(epochsIn(one), before); // the file is as it was
        again.document.undoStack().undo();
        QCOMPARE(again.document.value(kEpochs), before);
        Window other;
        other.actions.openLast(); // what was closed last
        QCOMPARE(other.document.file(), two);
        QCOMPARE(other.document.value(kEpochs), text("22"));
        other.actions.save();
        Window saved;
        saved.actions.openTarget(two);
        QCOMPARE(saved.document.value(kEpochs), text("22"));
        QVERIFY(!saved.document.changed());
    }

    void editsAreBackAfterACrash() {
        const QTemporaryDir folder;
        const QString file = written(folder, "one");
        {
            Window lost; // it never comes to closing in peace
            lost.actions.openTarget(file);
            QSignalSpy kept(&lost.actions.draft(), &Draft::kept);
            QVERIFY(!lost.document.edit(kEpochs, text("11")));
            QVERIFY(kept.wait());
            lost.document.undoStack().undo(); // what is kept follows: there is nothing to keep
            QTRY_VERIFY(!QFile::exists(Draft::file(file)));
            QVERIFY(!lost.document.edit(kEpochs, text("12")));
            QVERIFY(kept.wait());
        }
        Window again;
        again.actions.openLast();
        QCOMPARE(again.document.file(), file);
        QCOMPARE(again.document.value(kEpochs), text("12"));
        QVERIFY(again.document.changed());
    }

    void theFirstStartWaitsForAClick() {
        const QTemporaryDir cache;
        qputenv("THAW_CACHE", cache.path().toUtf8());
        Window first;
        first.actions.openLast();
        QVERIFY(!first.actions.atRest());
        QTRY_VERIFY_WITH_TIMEOUT(first.actions.atRest(), 180'000);
        QVERIFY(QFile::exists(words(engine::sampleFolder() / "pretrained.toml")));
        QVERIFY(first.document.file().isEmpty());
        QVERIFY(first.document.experiment().data.path.empty()); // the welcome
        first.actions.openSample();
        QTRY_VERIFY_WITH_TIMEOUT(!first.document.file().isEmpty(), 180'000);
        qunsetenv("THAW_CACHE");
    }

    void leavingEditsOffersToSaveThem() {
        const QTemporaryDir folder;
        const QString one = written(folder, "one");
        Window window;
        window.actions.openTarget(one);
        QVERIFY(!window.document.edit(kEpochs, text("11")));
        window.actions.newExperiment();
        QVERIFY(window.answer("Save"));
        QTRY_VERIFY(window.document.file().isEmpty()); // and then the new one
        QCOMPARE(epochsIn(one), text("11"));
    }

    void savingOverAFileThatChangedMeanwhileAsksFirst() {
        const QTemporaryDir folder;
        const QString file = written(folder, "one");
        Window first;
        Window second;
        first.actions.openTarget(file);
        second.actions.openTarget(file);
        QVERIFY(!first.document.edit(kEpochs, text("11")));
        QVERIFY(!second.document.edit(kEpochs, text("22")));
        first.actions.save();
        QCOMPARE(epochsIn(file), text("11"));
        second.actions.save();
        QVERIFY(second.answer("Keep it"));
        QCOMPARE(epochsIn(file), text("11"));
        QVERIFY(second.document.changed());
        QTRY_VERIFY(!second.frame.findChild<ui::QuestionDialog*>());
        second.actions.save();
        QVERIFY(second.answer("Replace"));
        QCOMPARE(epochsIn(file), text("22"));
        QVERIFY(!second.document.changed());
    }
};

QTEST_MAIN(TestProjectActions)
#include "tst_projectactions.moc"
