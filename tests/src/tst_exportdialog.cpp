// Exporting from the window: what is said before, while and after a model is written.
#include "engine/api/train.h"
#include "src/experimentdocument.h"
#include "src/exportpresenter.h"
#include "src/runactions.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/controls/button.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/frame/exportdialog.h"
#include "ui/frame/mainframe.h"
#include "ui/frame/runmenu.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstdlib>

using namespace app;

namespace {

constexpr int kPatienceMs = 120'000; // a process is started and loads LibTorch
enum Format { Safetensors, Transformers, TorchScript, Onnx };

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

// A project with one trained run, from which every test exports.
struct ExportProject {
    QTemporaryDir folder;
    std::filesystem::path run;

    ExportProject() {
        madeup::pictures(folder.filePath(text("data")), 2, 4);
        engine::Experiment experiment;
        experiment.name = "ants: \"a/b\"";
        experiment.data.path = toPath(folder.filePath(text("data")));
        experiment.data.imageSize = 64;
        experiment.model.backbone = "squeezenet1_1";
        experiment.model.weights = "none";
        experiment.freeze.preset = "head-only";
        experiment.train.epochs = 2;
        experiment.devices.use = {"cpu"};
        run = engine::createRun(experiment, toPath(folder.filePath(text("runs"))));
        engine::RunControl control;
        (void)engine::train(run, control);
    }
    [[nodiscard]] QDir exports() const { return QDir(folder.filePath(text("exports"))); }
};

struct ExportBench {
    QWidget window;
    ExportPresenter* presenter;
    ui::ExportDialog* dialog;

    explicit ExportBench(const std::filesystem::path& run)
        : presenter(ExportPresenter::open(window, engine::RunReader(run).summary())),
          dialog(window.findChild<ui::ExportDialog*>()) {}
    template <typename Widget>
    [[nodiscard]] Widget* find(const char* name) const {
        return dialog->findChild<Widget*>(text(name));
    }
    [[nodiscard]] ui::Button* start() const { return find<ui::Button>("exportStart"); }
    [[nodiscard]] bool possible() const { return start()->isEnabled(); }
    void choose(const char* control, int index) const {
        auto* segments = find<ui::SegmentedControl>(control);
        QTest::mouseClick(segments, Qt::LeftButton, {}, segments->segmentRect(index).center());
    }
    [[nodiscard]] bool says(const char* sentence) const {
        return std::ranges::any_of(dialog->findChildren<QLabel*>(), [&](const QLabel* label) {
            return label->isVisible() && label->text().contains(text(sentence));
        });
    }
    [[nodiscard]] bool certified() const { return find<QWidget>("certificate")->isVisible(); }
};

// Another value while it lives.
class Variable final {
public:
    Variable(const char* name, const QByteArray& value) : m_name(name), m_before(qgetenv(name)) {
        qputenv(name, value);
    }
    ~Variable() { m_before.isNull() ? qunsetenv(m_name) : qputenv(m_name, m_before); }

private:
    const char* m_name;
    QByteArray m_before;
};

} // namespace

class TestExportDialog final : public QObject {
    Q_OBJECT

    std::unique_ptr<ExportProject> m_project;

private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        ui::Theme::install(*qApp);
        m_project = std::make_unique<ExportProject>();
    }
    void cleanup() { m_project->exports().removeRecursively(); }
    void cleanupTestCase() { m_project.reset(); }

    void whatComesOfItIsSaidBeforeItIsWritten() {
        const ExportBench bench(m_project->run);
        QVERIFY(!bench.possible()); // not before it is known
        QTRY_VERIFY_WITH_TIMEOUT(bench.possible(), kPatienceMs);
        QVERIFY(bench.says("About 2.9 MB."));
        QVERIFY(bench.says("timm and torchvision open it"));
        QVERIFY(bench.says("It has parameters and settings, not the computation"));
        QVERIFY(bench.says("compares its answers with Thaw's"));
        QVERIFY(!bench.find<QCheckBox>("exportPreparation")->isEnabled());
        QCOMPARE(bench.dialog->place(), m_project->exports().filePath(text("ants- -a-b- safetensors")));
        bench.choose("exportFormat", TorchScript);
        bench.find<QCheckBox>("exportPreparation")->click();
        bench.choose("exportPrecision", 1);
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("About 1.4 MB."), kPatienceMs);
        QVERIFY(bench.says("of any size and gives probabilities"));
        QVERIFY(bench.says("rounded to fp16: outputs may differ by up to 2 %"));
        QCOMPARE(bench.dialog->place(), m_project->exports().filePath(text("ants- -a-b- torchscript")));
        QVERIFY(!m_project->exports().exists());
        for (const QLabel* label : bench.dialog->findChildren<QLabel*>()) // nothing is cut off
            QVERIFY2(!label->isVisible() || !label->wordWrap() ||
                         label->height() >= label->heightForWidth(label->width()),
                     qPrintable(label->text()));
    }

    void aNameThatIsTakenIsCounted() {
        QVERIFY(m_project->exports().mkpath(text("ants- -a-b- safetensors")));
        const ExportBench bench(m_project->run);
        QCOMPARE(bench.dialog->place(), m_project->exports().filePath(text("ants- -a-b- safetensors 2")));
        QTRY_VERIFY_WITH_TIMEOUT(bench.possible(), kPatienceMs);
    }

    void aTickForAFormatThatPreparesNothingIsNotAsked() {
        const ExportBench bench(m_project->run);
        bench.choose("exportFormat", TorchScript);
        bench.find<QCheckBox>("exportPreparation")->click();
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("of any size and gives probabilities"), kPatienceMs);
        bench.choose("exportFormat", Safetensors);
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("timm and torchvision open it"), kPatienceMs);
        QVERIFY(bench.possible());
        QVERIFY(!bench.dialog->preparesPictures());
    }

    void checkpointsAreNamedWithTheirEpoch() {
        const ExportBench bench(m_project->run);
        auto* checkpoints = bench.find<QComboBox>("exportCheckpoint");
        QTRY_VERIFY_WITH_TIMEOUT(checkpoints->itemText(0).contains(text("epoch ")), kPatienceMs);
        QVERIFY(checkpoints->itemText(0).startsWith(text("Best")));
        QCOMPARE(checkpoints->itemData(0).toString(), text("best"));
        QCOMPARE(checkpoints->currentIndex(), 0);
    }

    void whatCannotBeDoneIsASentenceAndNothingBegins() {
        const ExportBench bench(m_project->run);
        bench.choose("exportFormat", Onnx);
        bench.choose("exportPrecision", 2);
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("ONNX Runtime computes no network in bf16. Export it in fp16 or fp32."),
                                 kPatienceMs);
        QVERIFY(!bench.possible());
        bench.choose("exportFormat", Transformers);
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("transformers has no network like squeezenet1_1."), kPatienceMs);
        bench.choose("exportFormat", Safetensors);
        QTRY_VERIFY_WITH_TIMEOUT(bench.possible(), kPatienceMs);
        auto* place = bench.find<QLineEdit>("exportPlace");
        place->selectAll();
        QTest::keyClicks(place, words(m_project->run));
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("is there already."), kPatienceMs);
        QVERIFY(!bench.possible());
        QTest::keyClicks(place, text("/experiment.toml/new"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("No folder can be made in"), kPatienceMs);
        bench.choose("exportFormat", TorchScript); // the place that was written stays
        QVERIFY(bench.dialog->place().endsWith(text("/experiment.toml/new")));
    }

    void itIsWrittenAndItsCertificateIsShown() {
        const ExportBench bench(m_project->run);
        QTest::keyClick(bench.find<QWidget>("exportFormat"), Qt::Key_Right);
        QTest::keyClick(bench.find<QWidget>("exportFormat"), Qt::Key_Right);
        QCOMPARE(bench.dialog->kind(), int(TorchScript));
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("PyTorch and LibTorch"), kPatienceMs);
        const QString place = bench.dialog->place();
        QTest::keyClick(bench.dialog, Qt::Key_Return);
        QVERIFY(!bench.find<QWidget>("exportFormat")->isEnabled()); // it is under way, and the window lives
        QVERIFY(bench.find<QWidget>("exportStop")->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(bench.certified(), kPatienceMs);
        QVERIFY(bench.find<QLabel>("certificateDetail")->text().contains(text("pictures")));
        QVERIFY(QFileInfo::exists(place + text("/model.pt")));
        const QString sum = bench.find<QLabel>("certificateSum")->property("whole").toString();
        QFile certificate(place + text("/certificate.json"));
        QVERIFY(certificate.open(QIODevice::ReadOnly));
        QVERIFY(sum.size() == 64 && certificate.readAll().contains(sum.toUtf8()));
        QVERIFY(
            bench.find<QLabel>("certificateOpening")->property("whole").toString().contains(text("torch.jit.load")));
        QTest::keyClick(bench.dialog, Qt::Key_Escape);
        QVERIFY(!bench.dialog->isVisible());
    }

    void aStopLeavesNothingAndTheFormIsThereAgain() {
        const ExportBench bench(m_project->run);
        bench.choose("exportFormat", TorchScript);
        QTRY_VERIFY_WITH_TIMEOUT(bench.possible(), kPatienceMs);
        bench.start()->click();
        QTest::keyClick(bench.dialog, Qt::Key_Escape);
        QVERIFY(bench.dialog->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(bench.possible(), kPatienceMs);
        QVERIFY(!bench.certified());
        QVERIFY(m_project->exports().entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).isEmpty());
    }

    void aDialogThatIsClosedTakesItsWorkWithIt() {
        {
            const ExportBench bench(m_project->run);
            QTRY_VERIFY_WITH_TIMEOUT(bench.possible(), kPatienceMs);
            bench.start()->click();
        }
        QVERIFY(m_project->exports().entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).isEmpty());
    }

    void aFailureIsASentenceInTheForm() {
        const ExportBench bench(m_project->run);
        QTRY_VERIFY_WITH_TIMEOUT(bench.possible(), kPatienceMs);
        const Variable program("THAW_PROGRAM", "/no/such/program");
        bench.start()->click();
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("The check could not be started"), kPatienceMs);
        QVERIFY(bench.says("Check /no/such/program."));
        QVERIFY(bench.possible());
        QVERIFY(m_project->exports().entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).isEmpty());
    }

    void withoutTheRuntimeItSaysNotCheckedAndWhatToDo() {
        const Variable cache("THAW_CACHE", m_project->folder.filePath(text("empty")).toUtf8());
        const Variable library("THAW_ONNXRUNTIME", "");
        const ExportBench bench(m_project->run);
        bench.choose("exportFormat", Onnx);
        QTRY_VERIFY_WITH_TIMEOUT(bench.says("Will not be checked. ONNX Runtime is not here"), kPatienceMs);
        QVERIFY(bench.says("packaging/bootstrap --onnx"));
        bench.start()->click();
        QTRY_VERIFY_WITH_TIMEOUT(bench.certified(), kPatienceMs);
        QVERIFY(bench.says("Fetch it with packaging/bootstrap --onnx"));
        engine::ExportReport report;
        report.certificate.notChecked = "Why. What to do.";
        const ui::ExportOutcome outcome = exportOutcome(report, {});
        QCOMPARE(outcome.verdict, text("Not checked"));
        QCOMPARE(outcome.detail, text("Why. What to do."));
        QCOMPARE(int(outcome.tone), int(ui::Tone::Warning));
    }

    void theCertificateHasItsFigures() {
        engine::ExportReport report;
        report.certificate = {.notChecked = {},
                              .file = "model.onnx",
                              .bytes = 13'600'000,
                              .sha256 = "ab",
                              .runtime = "ONNX Runtime 1.32.0",
                              .pictures = 100,
                              .largestDifference = 7.2e-6,
                              .largestOutput = 7.1,
                              .tolerance = 1e-4,
                              .agreeing = 99,
                              .msPerPicture = 5.3,
                              .thawMsPerPicture = 4.2};
        const ui::ExportOutcome outcome = exportOutcome(report, text("/out"));
        QStringList values, details;
        for (const ui::Fact& fact : outcome.facts) {
            values.append(fact.value);
            details.append(fact.detail);
        }
        QCOMPARE(values,
                 QStringList({text("7.2e-6"), text("99 of 100"), text("5.3 ms"), text("4.2 ms"), text("13.6 MB")}));
        QVERIFY2(details.first().contains(text("7.1e-4")), qPrintable(details.first()));
    }

    void menuTryAndCommandOpenOneDialogForARun() {
        ui::MainFrame frame;
        RunController controller;
        RunLibrary runLibrary{controller};
        ExperimentDocument document;
        RunActions actions{frame, controller, runLibrary, document};
        runLibrary.setFolder(words(m_project->run.parent_path()));
        const QString id = words(m_project->run.filename());
        QTRY_VERIFY_WITH_TIMEOUT(runLibrary.find(id), kPatienceMs);
        QMenu menu;
        ui::fillRunMenu(menu, runLibrary.index(0), {id});
        QVERIFY(std::ranges::any_of(menu.actions(), [](const QAction* action) {
            return action->data().isValid() && action->data().toInt() == static_cast<int>(ui::RunAction::Export);
        }));
        actions.act(ui::RunAction::Export, {id});
        actions.exportModel(id);
        QCOMPARE(frame.findChildren<ui::ExportDialog*>().size(), 1);
        QVERIFY(!frame.findChild<ui::ExportDialog*>()->isModal());
    }
};

QTEST_MAIN(TestExportDialog)
#include "tst_exportdialog.moc"
