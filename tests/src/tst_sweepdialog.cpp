// A sweep from the form: what it would make is said before, and then waits in the queue.
#include "engine/api/parameter.h"
#include "engine/api/queue.h"
#include "src/runcontroller.h"
#include "src/sweeppresenter.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/controls/button.h"
#include "ui/setup/sweepdialog.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

struct SweepBench {
    QWidget window;
    engine::Experiment experiment;
    SweepPresenter* presenter = nullptr;
    ui::SweepDialog* dialog = nullptr;

    SweepBench() {
        experiment.name = "parts";
        presenter = SweepPresenter::open(window, experiment, nullptr);
        dialog = window.findChild<ui::SweepDialog*>();
    }
    void write(int row, const char* values) {
        dialog->findChild<QLineEdit*>(text("sweepValues%1").arg(row))->setText(text(values));
    }
    void vary(int row, const char* key, const char* values) {
        auto* field = dialog->findChild<QComboBox*>(text("sweepField%1").arg(row));
        field->setCurrentIndex(field->findData(text(key)));
        write(row, values);
    }
    [[nodiscard]] QString said() const { return dialog->findChild<QLabel*>(text("sweepWords"))->text(); }
    [[nodiscard]] ui::Button* queue() const { return dialog->findChild<ui::Button*>(text("sweepQueue")); }
};

} // namespace

class TestSweepDialog final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        ui::Theme::install(*qApp);
    }

    void howManyRunsItMakesIsSaidBefore() {
        SweepBench bench;
        QVERIFY(bench.dialog);
        bench.write(1, "1e-3, 3e-3");
        bench.vary(2, "freeze.preset", "head-only, gradual");
        bench.vary(3, "experiment.seed", "7..9");
        QTRY_COMPARE(bench.said(), text("12 runs"));
        QCOMPARE(bench.queue()->text(), text("Queue 12 runs"));
        bench.vary(2, "", "");
        QTRY_COMPARE(bench.said(), text("6 runs"));
        bench.write(1, "1e-3, fast");
        QTRY_VERIFY(!bench.queue()->isEnabled());
        QVERIFY(bench.said().contains(text("fast"))); // which value, and why
    }

    void theyWaitInTheQueueAsAGroup() {
        const QTemporaryDir folder;
        SweepBench bench;
        bench.write(1, "1e-3, 3e-3");
        bench.vary(3, "experiment.seed", "7, 8");
        bench.dialog->findChild<QLineEdit*>(text("sweepGroup"))->setText(text("rates"));
        QTRY_COMPARE(bench.said(), text("4 runs"));
        RunController controller;
        const engine::QueueRunner elsewhere(toPath(folder.path()), "A test"); // nothing is trained here
        QObject::connect(bench.presenter, &SweepPresenter::accepted, &controller,
                         [&](const std::vector<PlannedRun>& runs, const QString& group) {
                             controller.trainAll(runs, folder.path(), group);
                         });
        QSignalSpy created(&controller, &RunController::createdAll);
        bench.queue()->click();
        QVERIFY(created.wait());
        QCOMPARE(created.first().at(0).toInt(), 4);
        const auto waiting = engine::queuedRuns(toPath(folder.path()));
        QCOMPARE(waiting.size(), std::size_t{4});
        for (const auto& run : waiting)
            QCOMPARE(engine::readRunNotes(run.folder).tags, std::vector<std::string>{"rates"});
        QCOMPARE(engine::RunReader(waiting[1].folder).summary().name, std::string("learning rate 3e-3, seed 7"));
    }
};

QTEST_MAIN(TestSweepDialog)
#include "tst_sweepdialog.moc"
