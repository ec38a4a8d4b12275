// A window, driven by mouse and keys, trains as two ranks on a machine without a GPU: one is killed, is named, and the
// run gives the curve of one rank all the same.
#include "engine/api/experiment.h"
#include "engine/api/rankwatch.h"
#include "engine/api/run.h"
#include "src/application.h"
#include "src/comparepresenter.h"
#include "src/experimentdocument.h"
#include "src/livepresenter.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/setuppresenter.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "tests/train/rankruns.h"
#include "ui/frame/mainframe.h"
#include "ui/live/ranklanes.h"
#include "ui/theme.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace app;

namespace {

constexpr int kPatienceMs = 120'000;

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

// The worker of a rank of this run; 0: there is none.
pid_t workerOf(const QString& run, int rank) {
    for (const QString& process : QDir(text("/proc")).entryList({text("[0-9]*")}, QDir::Dirs)) {
        QFile command(text("/proc/%1/cmdline").arg(process)), environment(text("/proc/%1/environ").arg(process));
        if (!command.open(QIODevice::ReadOnly) || !environment.open(QIODevice::ReadOnly))
            continue;
        const QByteArray words = command.readAll();
        const QByteArray variables = '\0' + environment.readAll();
        if (words.contains("worker") && words.contains(run.toUtf8()) &&
            variables.contains(QByteArray(1, '\0') + "RANK=" + QByteArray::number(rank)))
            return process.toInt();
    }
    return 0;
}

} // namespace

class TestWindowRanks final : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Application> m_application;
    QString m_together;

    [[nodiscard]] ui::MainFrame& frame() { return m_application->frame(); }
    template <typename Widget>
    [[nodiscard]] Widget* find(const char* name) {
        return frame().findChild<Widget*>(text(name));
    }
    void type(const char* field, int number) {
        auto* box = find<QSpinBox>(field);
        QVERIFY(box && box->isVisible());
        box->setFocus();
        box->selectAll();
        QTest::keyClicks(box, QString::number(number));
        QTest::keyClick(box, Qt::Key_Return);
    }
    void control(Qt::Key key) { // the window may have become inactive meanwhile
        frame().activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&frame()));
        QTest::keyClick(&frame(), key, Qt::ControlModifier);
    }
    void shoot(const char* name) {
        if (const QString folder = qEnvironmentVariable("THAW_TEST_SCREENSHOTS"); !folder.isEmpty())
            frame().grab().save(QStringLiteral("%1/%2.png").arg(folder, text(name)));
    }
    [[nodiscard]] std::filesystem::path run(const QString& id) const {
        return toPath(m_folder->filePath(text("runs/") + id));
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("THAW_PROGRAM", THAW_PROGRAM);
        madeup::ownSettings();
        ui::Theme::install(*qApp);
        m_folder = std::make_unique<QTemporaryDir>();
        madeup::pictures(m_folder->filePath(text("pictures")), 2, 12);
        engine::Experiment experiment;
        experiment.name = "ranks";
        experiment.data.path = toPath(m_folder->filePath(text("pictures")));
        experiment.data.imageSize = 32;
        experiment.data.augmentation = "none";
        experiment.model.backbone = "vit_tiny_patch16_224"; // without BatchNorm and dropout
        experiment.model.weights = "none";
        experiment.freeze.preset = "none";
        experiment.train.optimizer = "sgd";
        experiment.train.precision = "fp32"; // where the processor has bf16, ranks differ by its rounding
        experiment.train.learningRate = 1e-3;
        experiment.train.batchSize = 4;
        experiment.train.epochs = 16;
        experiment.devices.use = {"cpu"};
        experiment.devices.threads = 1;
        const QString file = m_folder->filePath(text("ranks.toml"));
        engine::writeExperiment(experiment, toPath(file));
        m_application =
            std::make_unique<Application>(StartOptions{.target = file, .runsFolder = {}, .restoreLayout = false});
        frame().resize(1440, 900);
        frame().show();
        QVERIFY(QTest::qWaitForWindowExposed(&frame()));
        QTRY_VERIFY_WITH_TIMEOUT(m_application->setup().canTrain(), kPatienceMs);
    }

    void twoRanksAreChosen() {
        type("cpuRanks", 2);
        QTRY_COMPARE(m_application->document().value(text("devices.use")), text("cpu, cpu"));
        auto* together = find<QLabel>("together");
        QTRY_VERIFY(together && together->isVisible());
        QCOMPARE(together->text(), text("4 × 2 ranks = 8 pictures a step. The learning rate stays 1e-3."));
        QTRY_VERIFY_WITH_TIMEOUT(m_application->setup().canTrain(), kPatienceMs);
        shoot("ranks-setup");
    }

    void theyTrainAndOneThatIsKilledIsNamed() {
        auto& controller = m_application->controller();
        QTest::mouseClick(find<QWidget>("trainButton"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(controller.busy(), kPatienceMs);
        m_together = controller.currentId();
        QTRY_COMPARE(frame().page(), text("live"));
        auto* lanes = find<ui::RankLanes>("rankLanes");
        QVERIFY(lanes);
        QTRY_VERIFY_WITH_TIMEOUT(lanes->isVisible(), kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(controller.progress() && controller.progress()->step > 3, kPatienceMs);
        shoot("ranks-live");
        const pid_t worker = workerOf(m_together, 1);
        QVERIFY(worker > 0);
        QCOMPARE(kill(worker, SIGKILL), 0);
        QTRY_VERIFY_WITH_TIMEOUT(m_application->live().log().contains(text("Rank 1 was ended by a signal")), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(!controller.busy(), kPatienceMs);
        QVERIFY(engine::RunReader(run(m_together)).summary().state == engine::RunState::Finished);
        QTRY_VERIFY(!lanes->isVisible()); // it is over
        shoot("ranks-finished");
    }

    void oneRankGivesTheSameCurve() {
        auto& controller = m_application->controller();
        control(Qt::Key_1);
        QTRY_COMPARE(frame().page(), text("setup"));
        type("cpuRanks", 1);
        QTRY_COMPARE(m_application->document().value(text("devices.use")), text("cpu"));
        QVERIFY(!find<QLabel>("together")->isVisible());
        type("field:train.batch_size", 8);
        QTRY_COMPARE(m_application->document().experiment().train.batchSize, 8);
        QTRY_VERIFY_WITH_TIMEOUT(m_application->setup().canTrain(), kPatienceMs);
        QTest::mouseClick(find<QWidget>("trainButton"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(controller.busy(), kPatienceMs);
        const QString alone = controller.currentId();
        QTRY_VERIFY_WITH_TIMEOUT(!controller.busy(), kPatienceMs);
        QVERIFY(!find<ui::RankLanes>("rankLanes")->isVisible());
        for (const char* series : {"train/loss", "validation/loss"}) {
            const double apart =
                tests::greatestDifference(tests::curve(run(m_together), series), tests::curve(run(alone), series));
            QVERIFY2(apart < 1e-5, qPrintable(QString::number(apart)));
        }
        QTRY_COMPARE(m_application->runLibrary().ticked().size(), 2);
        control(Qt::Key_3);
        QTRY_COMPARE(frame().page(), text("compare"));
        QTRY_COMPARE_WITH_TIMEOUT(m_application->compare().shownRuns(), 2, kPatienceMs);
        shoot("ranks-compare");
    }

    void cleanupTestCase() { m_application.reset(); }
};

QTEST_MAIN(TestWindowRanks)
#include "tst_windowranks.moc"
