// Setup between the page and the experiment: what is checked, asked and offered.
#include "src/backbonewords.h"
#include "src/experimentdocument.h"
#include "src/setuppresenter.h"
#include "src/setupwords.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/setup/setuppage.h"
#include "ui/setup/thawtimeline.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

#include <algorithm>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

struct SetupBench {
    QTemporaryDir folder;
    ui::SetupPage page;
    ExperimentDocument document;
    SetupPresenter presenter{page, document};

    SetupBench() { document.startNew({}, folder.path()); }
    void usePictures() {
        madeup::pictures(folder.filePath(text("pictures")), 3, 6);
        Q_EMIT page.valueEdited(text("model.backbone"), text("squeezenet1_1"));
        Q_EMIT page.valueEdited(text("model.weights"), text("none"));
        Q_EMIT page.valueEdited(text("data.path"), folder.filePath(text("pictures")));
    }
};

// The first convolution of SqueezeNet alone, as a safetensors file.
void writeStem(const QString& path) {
    const QByteArray header = R"({"features.0.weight":{"dtype":"F32","shape":[64,3,3,3],"data_offsets":[0,6912]}})";
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    const quint64 length = static_cast<quint64>(header.size());
    file.write(reinterpret_cast<const char*>(&length), sizeof length);
    file.write(header + QByteArray(6912, '\0'));
}

} // namespace

class TestSetupPresenter final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        ui::Theme::install(*qApp);
    }

    void severalRanksAreToldWithBatchAndRate() {
        engine::Experiment experiment;
        experiment.train.batchSize = 16;
        experiment.train.learningRate = 1e-3;
        QCOMPARE(rankWords(experiment, 0), QString()); // it trains alone
        experiment.devices.use = {"cpu", "cpu"};
        QCOMPARE(rankWords(experiment, 0), text("16 × 2 ranks = 32 pictures a step. The learning rate stays 1e-3."));
        experiment.devices.use = {"all"};
        experiment.devices.learningRate = "linear";
        QCOMPARE(rankWords(experiment, 4), text("16 × 4 ranks = 64 pictures a step. Learning rate 1e-3 × 4 = 4e-3."));
        experiment.devices.learningRate = "square-root";
        QVERIFY(rankWords(experiment, 4).endsWith(text("1e-3 × 2 = 2e-3.")));
    }

    void theMappingCountsWhatMatchesOfAll() {
        engine::WeightsReport report;
        report.matched = 3;
        report.renamed = report.reshaped = 1;
        report.fresh = 2;
        report.missing = 3;
        report.pretrainedShare = 0.5;
        const ui::WeightsState half = mappingState(text("net.pth"), report);
        QCOMPARE(half.words, text("5 of 10 tensors match"));
        QCOMPARE(half.tone, ui::Tone::Warning);
        report.pretrainedShare = 0.95;
        QCOMPARE(mappingState(text("net.pth"), report).tone, ui::Tone::Success);
        report.pretrainedShare = 0;
        QCOMPARE(mappingState(text("net.pth"), report).tone, ui::Tone::Danger);
    }

    void setupChecksTheDataAndIsReady() {
        SetupBench bench;
        QVERIFY(!bench.presenter.canTrain());
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        const auto* report = bench.presenter.analysis().data().value();
        QVERIFY(report);
        QCOMPARE(report->trainSamples, 18);
        QCOMPARE(report->classes.size(), std::size_t{3});
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().estimate().value(), 30'000);
        QCOMPARE(bench.page.value(text("data.path")), bench.folder.filePath(text("pictures")));
    }

    void aTimeThatWouldBeGuessedIsMeasuredWhileNothingIsTrained() {
        QTemporaryDir cache; // in which no speed is known
        const QByteArray before = qgetenv("THAW_CACHE");
        const auto back = qScopeGuard([&before] { qputenv("THAW_CACHE", before); });
        qputenv("THAW_CACHE", cache.path().toUtf8());
        SetupBench bench;
        bench.presenter.setQueues(true); // something is trained
        bench.presenter.measureSpeeds();
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("head-only"));
        Q_EMIT bench.page.valueEdited(text("data.image_size"), text("64"));
        const ExperimentAnalysis& looked = bench.presenter.analysis();
        QTRY_VERIFY_WITH_TIMEOUT(looked.upToDate() && looked.estimate().value(), 30'000);
        QVERIFY(!looked.estimate().value()->cost.speedMeasured);
        QVERIFY(!looked.trial().waiting());
        bench.presenter.setQueues(false);
        QVERIFY(looked.trial().waiting());
        QTRY_VERIFY_WITH_TIMEOUT(looked.estimate().value()->cost.speedMeasured, 60'000);
        QVERIFY(!looked.trial().waiting());
    }

    void otherPicturesTakeTheirSplitAndTheirNameFromThemselves() {
        SetupBench bench;
        engine::Experiment sample;
        sample.name = "pictures";
        madeup::pictures(bench.folder.filePath(text("pictures")), 3, 6);
        sample.data.path = toPath(bench.folder.filePath(text("pictures")));
        sample.data.train = "train";
        sample.data.validation = "val";
        sample.data.leaveOut = {"train/class0/0.png"};
        sample.data.layout = "split";
        sample.model.weights = "none";
        sample.freeze.preset = "none";
        bench.document.startNew(sample, bench.folder.path());
        const QString own = bench.folder.filePath(text("own"));
        const QDir folder(bench.folder.filePath(text("pictures/train")));
        QVERIFY(QDir().mkpath(own));
        for (const char* name : {"class0", "class1"})
            QVERIFY(QFile::link(folder.filePath(text(name)), own + QLatin1Char('/') + text(name)));
        Q_EMIT bench.page.valueEdited(text("data.path"), own);
        QCOMPARE(bench.document.value(text("data.train")), QString());
        QCOMPARE(bench.document.value(text("data.validation")), QString());
        QCOMPARE(bench.document.value(text("data.leave_out")), QString());
        QCOMPARE(bench.document.value(text("data.layout")), text("auto"));
        QCOMPARE(bench.document.value(text("experiment.name")), text("own")); // it was the other folder's
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        QCOMPARE(bench.presenter.analysis().data().value()->classes.size(), std::size_t{2});
        bench.document.undoStack().undo(); // in one step
        QCOMPARE(bench.document.value(text("data.validation")), text("val"));
        QCOMPARE(bench.document.value(text("experiment.name")), text("pictures"));
    }

    void aNameOfOnesOwnStaysAndSoDoesASplitThatIsThereAsWell() {
        SetupBench bench;
        for (const char* name : {"one", "two"})
            madeup::pictures(bench.folder.filePath(text(name)), 2, 2);
        Q_EMIT bench.page.valueEdited(text("data.path"), bench.folder.filePath(text("one")));
        Q_EMIT bench.page.valueEdited(text("experiment.name"), text("mine"));
        Q_EMIT bench.page.valueEdited(text("data.train"), text("val"));
        Q_EMIT bench.page.valueEdited(text("data.path"), bench.folder.filePath(text("two")));
        QCOMPARE(bench.document.value(text("experiment.name")), text("mine"));
        QCOMPARE(bench.document.value(text("data.train")), text("val"));
    }

    void aPartThatIsNotThereCanBeLookedForByTheUsualNames() {
        SetupBench bench;
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        Q_EMIT bench.page.valueEdited(text("data.train"), text("nowhere"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().data().trouble(), 30'000);
        QVERIFY(!bench.presenter.canTrain());
        QTRY_VERIFY(bench.page.findChild<QAbstractButton*>(text("fix:data.path")));
        QCOMPARE(bench.page.findChild<QAbstractButton*>(text("fix:data.path"))->text(),
                 text("Look for the usual names"));
        bench.page.findChild<QAbstractButton*>(text("fix:data.path"))->click();
        QCOMPARE(bench.document.value(text("data.train")), QString());
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
    }

    void anotherLookSeesWhatBecameOfTheFolder() {
        SetupBench bench;
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        int looks = 0;
        const auto look = [&] { bench.presenter.lookAgain([&looks] { ++looks; }); };
        look();
        QTRY_COMPARE_WITH_TIMEOUT(looks, 1, 30'000);
        QVERIFY(bench.presenter.canTrain()); // nothing changed
        QVERIFY(QFile::rename(bench.folder.filePath(text("pictures")), bench.folder.filePath(text("away"))));
        look();
        QTRY_COMPARE_WITH_TIMEOUT(looks, 2, 30'000);
        QVERIFY(!bench.presenter.canTrain());
        QVERIFY(QFile::rename(bench.folder.filePath(text("away")), bench.folder.filePath(text("pictures"))));
        QVERIFY(QFile::remove(bench.folder.filePath(text("pictures/train/class0/0.png"))));
        look();
        QTRY_COMPARE_WITH_TIMEOUT(looks, 3, 30'000);
        QVERIFY(bench.presenter.canTrain());
        QCOMPARE(bench.presenter.analysis().data().value()->trainSamples, 17);
        QVERIFY(QFile::remove(bench.folder.filePath(text("pictures/train/class0/1.png")))); // from a folder that stays
        look();
        QTRY_COMPARE_WITH_TIMEOUT(looks, 4, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(bench.presenter.analysis().data().value()->trainSamples, 16, 30'000);
    }

    void whatStopsTrainingIsLookedAtAgainByItself() {
        SetupBench bench;
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        bench.page.show(); // only what is seen is worth a look
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        QVERIFY(QFile::rename(bench.folder.filePath(text("pictures")), bench.folder.filePath(text("away"))));
        bench.presenter.lookAgain();
        QTRY_VERIFY_WITH_TIMEOUT(!bench.presenter.canTrain(), 30'000);
        QVERIFY(QFile::rename(bench.folder.filePath(text("away")), bench.folder.filePath(text("pictures"))));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000); // and nobody asked
    }

    void thatRunsCanBeWrittenIsACheck() {
        SetupBench bench;
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("none"));
        const QString runs = bench.folder.filePath(text("runs"));
        QFile inItsPlace(runs);
        QVERIFY(inItsPlace.open(QIODevice::WriteOnly)); // no folder can be made there, whoever runs the test
        bench.presenter.setRunsFolder(runs);
        const auto said = [&bench] {
            for (const auto* label : bench.page.findChildren<QLabel*>())
                if (label->text().startsWith(text("Runs cannot be written.")))
                    return true;
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(said(), 30'000);
        QVERIFY(!bench.presenter.canTrain());
        inItsPlace.remove();
        bench.presenter.lookAgain();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        QVERIFY(!said());
    }

    void theClassTableSaysHowMuchAPictureOfEachClassCounts() {
        SetupBench bench;
        bench.usePictures();
        Q_EMIT bench.page.valueEdited(text("data.leave_out"), text("train/class0/[0-2].png"));
        const auto weights = [&] {
            QStringList all;
            for (const auto& row : dataState(bench.document.experiment(), bench.presenter.analysis()).classes)
                all.append(row.weight);
            return all;
        };
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().data().value() != nullptr, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(bench.presenter.analysis().data().value()->classes.front().train, 3, 30'000);
        QCOMPARE(weights(), QStringList({{}, {}, {}}));
        Q_EMIT bench.page.valueEdited(text("train.class_weights"), text("balanced"));
        QTRY_COMPARE(weights(), QStringList({text("1.667×"), text("0.8333×"), text("0.8333×")}));
    }

    void ofATableAPictureOfSeveralLabelsCountsOnce() {
        SetupBench bench;
        bench.usePictures(); // three classes of six, to be labelled otherwise
        QFile table(bench.folder.filePath(text("pictures/tags.csv")));
        QVERIFY(table.open(QIODevice::WriteOnly));
        table.write("file,tags,split\ntrain/class0/0.png,a|b,train\ntrain/class0/1.png,a,train\n"
                    "train/class1/0.png,a|b,val\ntrain/class1/9.png,b,val\n");
        table.close();
        Q_EMIT bench.page.valueEdited(text("data.kind"), text("image-folder")); // as earlier versions wrote it
        Q_EMIT bench.page.valueEdited(text("data.label_columns"), text("other"));
        Q_EMIT bench.page.valueEdited(text("data.task"), text("multi-label"));
        Q_EMIT bench.page.valueEdited(text("data.path"), table.fileName());
        QCOMPARE(bench.document.value(text("experiment.name")), text("tags"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().data().value() != nullptr, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(bench.presenter.analysis().data().value()->trainSamples, 2, 30'000);
        const ui::DataState state = dataState(bench.document.experiment(), bench.presenter.analysis());
        QVERIFY(state.table);
        QCOMPARE(state.summary, text("Table · 2 classes · 3 pictures"));
        QCOMPARE(state.train, 2);
        QCOMPARE(state.validation, 1);
        QCOMPARE(state.classes.at(0).train, 2);
        QCOMPARE(state.classes.at(1).train, 1);
        QVERIFY(state.classes.at(1).note.contains(text("1 missing")));
    }

    void aMissingFolderStopsTrainingWithAReason() {
        SetupBench bench;
        Q_EMIT bench.page.valueEdited(text("data.path"), text("/nowhere/at/all"));
        QTRY_VERIFY(bench.presenter.whyNot().contains(text("stop")));
        QVERIFY(!bench.presenter.canTrain());
    }

    void aRefusedTextIsAProblemUntilItIsCorrected() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        Q_EMIT bench.page.valueEdited(text("train.epochs"), text("0"));
        QVERIFY(!bench.presenter.canTrain());
        QVERIFY(bench.document.experiment().train.epochs > 0);
        Q_EMIT bench.page.valueEdited(text("train.epochs"), text("2"));
        QVERIFY(bench.presenter.canTrain());
    }

    void weightsThatFillLittleOfTheBackboneAreAskedAbout() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain(), 30'000);
        QVERIFY(!bench.presenter.beforeTraining()); // a random start was chosen, not overlooked
        const QString file = bench.folder.filePath(text("stem.safetensors"));
        writeStem(file);
        Q_EMIT bench.page.valueEdited(text("model.weights"), file);
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.canTrain() && bench.presenter.beforeTraining(), 30'000);
        const auto question = bench.presenter.beforeTraining();
        QVERIFY(question->title.contains(text("0 %")));
        QVERIFY(question->text.contains(text("stem.safetensors has no features.")));
        QVERIFY(question->text.contains(text("more.")));
    }

    void aHubNameIsCheckedWhileItIsTyped() {
        SetupBench bench;
        const auto hubProblem = [&bench] {
            for (const auto* label : bench.page.findChildren<QLabel*>())
                if (label->text().contains(text("no name on the hub")))
                    return true;
            return false;
        };
        Q_EMIT bench.page.valueEdited(text("model.weights"), text("hub:resnet18"));
        QVERIFY(hubProblem());
        Q_EMIT bench.page.valueEdited(text("model.weights"), text("hub:timm/resnet18.a1_in1k@main"));
        QTRY_VERIFY(!hubProblem());
    }

    void smallPicturesSuggestABackboneMadeForThem() {
        SetupBench bench;
        QTRY_VERIFY(bench.presenter.analysis().machine().value());
        QVERIFY(!suggestedBackbones({}, bench.presenter.analysis()).first().name.startsWith(text("cifar")));
        bench.usePictures(); // 64 × 48
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().data().value(), 30'000);
        const auto suggested = suggestedBackbones({}, bench.presenter.analysis());
        QCOMPARE(suggested.size(), 3);
        QVERIFY(std::any_of(suggested.begin(), suggested.end(), [](const Suggestion& one) {
            return one.name == text("cifar_resnet20") && one.tip.contains(text("64 at most"));
        }));
    }

    void aProgramOfOnesOwnThatIsGoneIsToldAndHarmsNothing() {
        SetupBench bench;
        bench.usePictures();
        const QString program = text("torchscript:") + bench.folder.filePath(text("gone.pt"));
        Q_EMIT bench.page.valueEdited(text("model.backbone"), program);
        const auto rows = backboneRows(bench.document.experiment(), bench.presenter.analysis());
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.name == program; });
        QVERIFY(row != rows.end() && row->suggested);
        QCOMPARE(row->reason, text("Your own"));
        const auto findings = engine::validate(bench.document.experiment());
        QVERIFY(std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
            return finding.key == "model.backbone" && finding.message.find("does not exist") != std::string::npos;
        }));
        QTRY_VERIFY_WITH_TIMEOUT(!bench.presenter.canTrain(), 30'000);
        bench.page.findChild<QAbstractButton*>(text("allBackbonesButton"))->click(); // asks for its details
        QTest::qWait(100);
    }

    void theDialogsQuestionIsAnsweredWithLayersAndMapping() {
        SetupBench bench;
        auto* all = bench.page.findChild<QAbstractButton*>(text("allBackbonesButton"));
        QVERIFY(all);
        Q_EMIT bench.page.valueEdited(text("model.backbone"), text("squeezenet1_1"));
        const QString file = bench.folder.filePath(text("stem.safetensors"));
        writeStem(file);
        Q_EMIT bench.page.valueEdited(text("model.weights"), file);
        all->click();
        auto* layers = bench.page.findChild<QTreeView*>(text("layers"));
        QVERIFY(layers);
        QTRY_VERIFY_WITH_TIMEOUT(layers->model()->rowCount() > 5, 30'000);
        auto* tensors = bench.page.findChild<QTableView*>(text("tensors"));
        QVERIFY(tensors);
        QVERIFY(tensors->model()->rowCount() > 20);
        QStringList matches;
        for (int row = 0; row < tensors->model()->rowCount(); ++row)
            matches.append(tensors->model()->index(row, 3).data().toString());
        QVERIFY(matches.contains(text("matched")) && matches.contains(text("missing")) &&
                matches.contains(text("new")));
    }

    void byHandBeginsWithWhatThePresetTrains() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().planUpToDate() && bench.presenter.canTrain(), 30'000);
        Q_EMIT bench.page.valueEdited(text("freeze.preset"), text("by-hand"));
        const auto& freeze = bench.document.experiment().freeze;
        QCOMPARE(freeze.preset, std::string("by-hand"));
        QCOMPARE(freeze.phases.size(), std::size_t{1});
        QCOMPARE(freeze.phases[0].train, std::vector<std::string>{"classifier"});
        // Two clicks at once: the second waits for the plan of the first, none is lost.
        const auto& tree = *bench.presenter.analysis().blocks().value();
        const QString one = words(tree[tree.size() - 2].name);
        const QString two = words(tree[tree.size() - 3].name);
        Q_EMIT bench.page.blocksToggled({one}, true);
        Q_EMIT bench.page.blocksToggled({two}, true);
        QTRY_COMPARE_WITH_TIMEOUT(freeze.phases[0].train,
                                  (std::vector<std::string>{two.toStdString(), one.toStdString(), "classifier"}),
                                  30'000);
        bench.document.undoStack().undo();
        QCOMPARE(freeze.phases[0].train, (std::vector<std::string>{one.toStdString(), "classifier"}));
    }

    void theTimelineEditsTheSamePlanAndADragIsOneStepBack() {
        SetupBench bench;
        bench.usePictures();
        QTRY_VERIFY_WITH_TIMEOUT(bench.presenter.analysis().planUpToDate() && bench.presenter.canTrain(), 30'000);
        auto* timeline = bench.page.findChild<ui::ThawTimeline*>();
        QVERIFY(timeline);
        const ui::ThawPlan before = timeline->plan();
        QCOMPARE(before.epochs, 5);
        QVERIFY(before.phases.first().cells.last().trained());
        const int count = bench.document.undoStack().count();
        const int last = static_cast<int>(before.blocks.size()) - 2;
        const auto moved = ui::withEdgeMoved(before, {last, 6, true}, 3);
        Q_EMIT bench.page.thawEdited(moved, 1);
        const auto& freeze = bench.document.experiment().freeze;
        QCOMPARE(freeze.preset, std::string("by-hand"));
        QCOMPARE(freeze.phases.size(), std::size_t{2});
        QCOMPARE(freeze.phases[1].fromEpoch, 3);
        QCOMPARE(timeline->plan(), moved); // at once
        Q_EMIT bench.page.thawEdited(ui::withFactor(moved, last, 1, 0.25), 1);
        QCOMPARE(freeze.phases[1].factors.size(), std::size_t{1});
        QCOMPARE(freeze.phases[1].factors[0].factor, 0.25);
        QCOMPARE(bench.document.undoStack().count(), count + 1); // one gesture
        bench.document.undoStack().undo();
        QCOMPARE(freeze.preset, std::string("head-only"));
        QTRY_COMPARE_WITH_TIMEOUT(timeline->plan(), before, 30'000);
        bench.document.undoStack().redo();
        QCOMPARE(freeze.phases[1].factors[0].factor, 0.25);
        QTRY_COMPARE_WITH_TIMEOUT(timeline->plan().phases.size(), 2, 30'000);
    }
};

QTEST_MAIN(TestSetupPresenter)
#include "tst_setuppresenter.moc"
