// What a person says of pictures against their data: from a run's mistakes and from Setup, into the project's list,
// obeyed by the next run, taken back.
#include "engine/api/datareport.h"
#include "engine/api/labels.h"
#include "engine/api/train.h"
#include "engine/data/dataset.h"
#include "src/datapictures.h"
#include "src/experimentdocument.h"
#include "src/labellist.h"
#include "src/livepresenter.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/setuppresenter.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/live/livepage.h"
#include "ui/mistakes/changesdialog.h"
#include "ui/mistakes/classchooser.h"
#include "ui/mistakes/pictureviewer.h"
#include "ui/setup/setuppage.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

QAbstractButton* button(const QWidget& window, const char* name) {
    return window.findChild<QAbstractButton*>(text(name));
}

QString label(const QWidget& window, const char* name) { return window.findChild<QLabel*>(text(name))->text(); }

// Keys reach the window that is in use.
bool use(QWidget& window) {
    window.activateWindow();
    return QTest::qWaitForWindowActive(&window);
}

std::vector<engine::LabelChange> listed(const QTemporaryDir& project) {
    return engine::readLabelChanges(toPath(project.path()));
}

// The class of a picture in the data of an experiment; "" where it is left out.
QString classIn(const engine::Experiment& experiment, const std::string& file) {
    const engine::ImageFolder folder = engine::openData(experiment);
    for (const auto& samples : {folder.train, folder.validation})
        for (const engine::ImageSample& sample : samples)
            if (sample.file == file)
                return words(folder.classes[static_cast<std::size_t>(sample.label)]);
    return {};
}

// A project whose run took val/ant/2.jpg for a bee; its data are in the folder "no-data" of its runs.
struct Project {
    QTemporaryDir folder;
    std::filesystem::path runs = toPath(folder.path()) / "runs";
    std::filesystem::path run;

    Project() {
        int number = 0;
        for (const char* part : {"train/ant", "train/bee", "val/ant", "val/bee"})
            for (const int i : {1, 2}) {
                const QString here = words(data()) + QLatin1Char('/') + text(part);
                QDir().mkpath(here);
                QImage image(16, 16, QImage::Format_RGB32);
                ++number;
                image.fill(QColor(number * 20, 80, 250 - number * 20)); // no two are the same file
                image.save(QStringLiteral("%1/%2.jpg").arg(here).arg(i));
            }
        run = madeup::run(runs, {});
    }
    [[nodiscard]] std::filesystem::path data() const { return runs / "no-data"; }
    [[nodiscard]] engine::Experiment experiment() const {
        engine::Experiment made = engine::readExperiment(run / "experiment.toml");
        made.directory = toPath(folder.path());
        return made;
    }
};

} // namespace

class TestLabelling final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        ui::Theme::install(*qApp);
    }

    void aMistakeIsRelabelledAndTheNextRunObeys() {
        const Project project;
        RunController controller;
        RunLibrary runLibrary(controller);
        runLibrary.setFolder(words(project.runs));
        LabelList labels;
        labels.setFolder(project.folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, runLibrary);
        live.setLabels(&labels);
        page.resize(1400, 1000);
        page.show();
        live.show(words(project.run.filename()), words(project.run));
        QTRY_COMPARE(button(page, "openMistakes")->text(), text("Open all 1"));
        Q_EMIT page.pictureOpened(live.id(), {});
        QTRY_VERIFY(page.findChild<ui::PictureViewer*>());
        auto* viewer = page.findChild<ui::PictureViewer*>();
        QTRY_VERIFY(button(*viewer, "relabel")->isVisible());
        QVERIFY(!button(*viewer, "undoChange")->isVisible());
        QVERIFY(use(*viewer));
        QTest::keyClick(viewer, Qt::Key_R);
        auto* chooser = viewer->findChild<ui::ClassChooser*>();
        QTRY_VERIFY(chooser->isVisible());
        QTest::keyClick(chooser->findChild<QLineEdit*>(), Qt::Key_Return); // what the model said
        QTRY_COMPARE(label(*viewer, "pictureChange"), text("Now bee"));
        QCOMPARE(listed(project.folder).size(), std::size_t{1});
        const engine::LabelChange change = listed(project.folder).front();
        QCOMPARE(change.file, std::string("val/ant/2.jpg"));
        QCOMPARE(change.was, std::string("ant"));
        QVERIFY(change.time > 1.7e9);

        const auto next = engine::createRun(project.experiment(), project.runs);
        QCOMPARE(classIn(engine::readExperiment(next / "experiment.toml"), "val/ant/2.jpg"), text("bee"));
        QCOMPARE(classIn(engine::readExperiment(project.run / "experiment.toml"), "val/ant/2.jpg"), text("ant"));

        button(*viewer, "undoChange")->click();
        QTRY_VERIFY(!button(*viewer, "undoChange")->isVisible());
        QVERIFY(listed(project.folder).empty());
        QCOMPARE(classIn(project.experiment(), "val/ant/2.jpg"), text("ant"));
        QVERIFY(QFile::exists(words(project.data() / "val/ant/2.jpg")));
    }

    void leavingOutIsOneKeyAndSoIsTakingItBack() {
        const Project project;
        LabelList labels;
        labels.setFolder(project.folder.path());
        QWidget window;
        window.resize(1200, 800);
        window.show();
        MistakePresenter presenter(window);
        presenter.setLabels(&labels);
        presenter.showChosen(words(project.run), 4, {0, 1});
        QTRY_VERIFY(window.findChild<ui::PictureViewer*>());
        auto* viewer = window.findChild<ui::PictureViewer*>();
        QVERIFY(use(*viewer));
        QTest::keyClick(viewer, Qt::Key_X);
        QTRY_COMPARE(label(*viewer, "pictureChange"), text("Left out of the next run"));
        QCOMPARE(classIn(project.experiment(), "val/ant/2.jpg"), QString());
        QTest::keyClick(viewer, Qt::Key_X);
        QTRY_VERIFY(listed(project.folder).empty());
        QTRY_COMPARE(label(*viewer, "pictureChange"), text("What is said here holds for the next run."));
    }

    void whatWasSaidBeforeARunTookItUpKeepsTheClassOfTheData() {
        const Project project;
        LabelList labels;
        labels.setFolder(project.folder.path());
        labels.say({{project.data(), "train/ant/1.jpg", "bee", "ant", 0}});
        labels.say({{project.data(), "train/ant/1.jpg", "wasp", "bee", 0}}); // as a run that obeyed it sees the picture
        QTRY_VERIFY(labels.atRest());
        QCOMPARE(listed(project.folder).front().was, std::string("ant"));
        QCOMPARE(listed(project.folder).front().label, std::string("wasp"));
        labels.say({{project.data(), "train/ant/1.jpg", "ant", "wasp", 0}});
        QTRY_VERIFY(listed(project.folder).empty());
    }

    void thePicturesOfAClassAreSeenFromSetupAndWhatIsSaidIsReviewed() {
        const Project project;
        ui::SetupPage page;
        ExperimentDocument document;
        SetupPresenter presenter(page, document);
        LabelList labels;
        DataPictures pictures(page, document, labels);
        labels.setFolder(project.folder.path());
        engine::Experiment experiment = project.experiment();
        experiment.model.weights = "none";
        document.startNew(experiment, project.folder.path());
        page.resize(1100, 900);
        page.show();
        Q_EMIT page.classOpened(1);
        QTRY_VERIFY(page.findChild<ui::PictureViewer*>());
        auto* viewer = page.findChild<ui::PictureViewer*>();
        QCOMPARE(label(*viewer, "mistakeTitle"), text("bee"));
        QCOMPARE(label(*viewer, "mistakePlace"), text("1 of 4"));
        QVERIFY(use(*viewer));
        QTest::keyClick(viewer, Qt::Key_X);
        QTRY_COMPARE(label(*viewer, "mistakePlace"), text("2 of 4")); // the next one
        QTRY_COMPARE(listed(project.folder).size(), std::size_t{1});
        viewer->close();
        QTRY_VERIFY(button(page, "changesButton")->isVisibleTo(&page));

        button(page, "changesButton")->click();
        auto* dialog = page.findChild<ui::ChangesDialog*>();
        QVERIFY(dialog);
        const auto* rows = dialog->findChild<QTableView*>(text("changes"))->model();
        QCOMPARE(rows->rowCount(), 1);
        QCOMPARE(rows->index(0, 0).data().toString(), text("train/bee/1.jpg"));
        QCOMPARE(rows->index(0, 1).data().toString(), text("bee"));
        QCOMPARE(rows->index(0, 2).data().toString(), text("left out"));
        button(*dialog, "takeBack")->click();
        QTRY_COMPARE(rows->rowCount(), 0);
        QVERIFY(listed(project.folder).empty());
        QVERIFY(!button(page, "changesButton")->isVisibleTo(&page));
    }

    void copiesAreLeftOutByTheFixOfTheirCheck() {
        const Project project;
        QVERIFY(QFile::copy(words(project.data() / "train/ant/1.jpg"), words(project.data() / "train/ant/1b.jpg")));
        ui::SetupPage page;
        ExperimentDocument document;
        SetupPresenter presenter(page, document);
        LabelList labels;
        DataPictures pictures(page, document, labels);
        connect(&presenter, &SetupPresenter::leaveOutRequested, &pictures, &DataPictures::leaveOut);
        connect(&labels, &LabelList::changed, &presenter, [&presenter] { presenter.lookAgain(); });
        labels.setFolder(project.folder.path());
        engine::Experiment experiment = project.experiment();
        experiment.model.weights = "none";
        document.startNew(experiment, project.folder.path());
        page.show();
        QSignalSpy leftOut(&pictures, &DataPictures::leftOut);
        QTRY_VERIFY_WITH_TIMEOUT(presenter.analysis().data().value() && !presenter.analysis().data().waiting(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(button(page, "fix:data.path"), 30'000);
        QCOMPARE(button(page, "fix:data.path")->text(), text("Leave it out"));
        button(page, "fix:data.path")->click();
        QCOMPARE(leftOut.count(), 1);
        QTRY_COMPARE(listed(project.folder).size(), std::size_t{1});
        QTRY_COMPARE_WITH_TIMEOUT(
            presenter.analysis().data().value() ? presenter.analysis().data().value()->trainSamples : 0, 4, 30'000);
        QTRY_VERIFY(!button(page, "fix:data.path"));
        pictures.takeBack(leftOut.first().first().toStringList());
        QTRY_VERIFY(listed(project.folder).empty());
    }
};

QTEST_MAIN(TestLabelling)
#include "tst_labelling.moc"
