// Knobs and forks of a run in Live, by mouse and keys, while it is trained.
#include "engine/api/fork.h"
#include "engine/api/knobs.h"
#include "src/livepresenter.h"
#include "src/runcontroller.h"
#include "src/runcurves.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/live/livepage.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

// A run of very many small epochs that this window trains and Live shows.
struct KnobBench {
    QTemporaryDir folder;
    RunController controller;
    RunLibrary runLibrary{controller};
    ui::LivePage page;
    LivePresenter live{page, controller, runLibrary};

    KnobBench() {
        madeup::pictures(folder.filePath(text("pictures")), 2, 4);
        engine::Experiment experiment;
        experiment.data.path = toPath(folder.filePath(text("pictures")));
        experiment.data.imageSize = 32;
        experiment.data.augmentation = "light";
        experiment.model.backbone = "cifar_resnet20";
        experiment.model.weights = "none";
        experiment.train.epochs = 4000;
        experiment.train.batchSize = 4;
        experiment.freeze.preset = "none";
        runLibrary.setFolder(folder.path());
        page.resize(1300, 900);
        page.show();
        QObject::connect(&controller, &RunController::started, &live, &LivePresenter::show);
        controller.train(experiment, folder.path());
    }
    [[nodiscard]] std::filesystem::path run() const { return toPath(controller.currentFolder()); }
    [[nodiscard]] std::int64_t step() const { return controller.progress() ? controller.progress()->step : 0; }
    template <typename Widget = QAbstractButton>
    Widget* find(const char* name) {
        return page.findChild<Widget*>(text(name));
    }
    [[nodiscard]] QStringList knobs() const {
        QStringList told;
        const engine::RunReader reader(run());
        for (const auto& event : reader.events())
            if (event.kind == engine::EventKind::Knob)
                told.append(words(event.text));
        return told;
    }
    [[nodiscard]] float rate() const {
        const engine::RunReader reader(run());
        return reader.series("learning_rate").value.back();
    }
};

} // namespace

class TestRunKnobs final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        ui::Theme::install(*qApp);
    }

    void aKnobIsSetTakenBackAndFlagged() {
        KnobBench bench;
        QTRY_VERIFY_WITH_TIMEOUT(bench.step() > 2, 60'000);
        auto* rate = bench.find<QLineEdit>("knobRate");
        QTRY_VERIFY_WITH_TIMEOUT(rate->isVisible(), 20'000);
        QTRY_VERIFY(!rate->text().isEmpty());
        const float before = bench.rate();
        rate->setFocus();
        rate->selectAll();
        QTest::keyClicks(rate, text("÷ 10"));
        QTest::keyClick(rate, Qt::Key_Return);
        QTest::mouseClick(bench.find("knobsApply"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(bench.knobs(), QStringList{text("Learning rate 0.001 → 0.0001")}, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(bench.rate() < before / 5, 30'000);
        // On every chart, and with a way back.
        const engine::RunReader reader(bench.run());
        RunCurves curves({}, {});
        curves.read(reader);
        QVERIFY(std::ranges::any_of(curves.curves().flags, [](const ui::ChartFlag& flag) {
            return flag.tip.startsWith(text("Learning rate"));
        }));
        const auto undo = [&bench]() -> QAbstractButton* {
            for (auto* button : bench.find<QWidget>("changes")->findChildren<QAbstractButton*>())
                if (button->isVisible() && button->text() == text("Undo"))
                    return button;
            return nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(undo(), 20'000);
        QTest::mouseClick(undo(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(bench.knobs().value(1), text("Learning rate 0.0001 → 0.001"), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(bench.rate() > before / 2, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!undo(), 20'000);
    }

    void whatIsRefusedIsSaidBesideTheFields() {
        KnobBench bench;
        QTRY_VERIFY_WITH_TIMEOUT(bench.step() > 2, 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(bench.find("knobsApply")->isVisible(), 20'000);
        Q_EMIT bench.page.knobsApplied(bench.live.id(), {{text("train.optimizer"), text("sgd")}});
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QWidget>("knobsProblem")->isVisible(), 20'000);
        QVERIFY(engine::readKnobs(bench.run()).empty());
    }

    void itStopsBehindTheEpochAndAForkOfItIsMade() {
        KnobBench bench;
        QTRY_VERIFY_WITH_TIMEOUT(bench.step() > 2, 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(bench.find("knobCheckpoint")->isVisible(), 20'000);
        const auto run = bench.run();
        QTest::mouseClick(bench.find("knobCheckpoint"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(bench.knobs().contains(text("Checkpoint as asked; it is kept")), 30'000);
        QSignalSpy ended(&bench.controller, &RunController::ended);
        auto* stop = bench.find("knobStop");
        stop->setFocus();
        QTest::keyClick(stop, Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 60'000);
        const engine::RunSummary summary = engine::RunReader(run).summary();
        QVERIFY(summary.state == engine::RunState::Stopped);
        QCOMPARE(summary.step * 4000, summary.steps * summary.epoch); // whole epochs

        QSignalSpy forked(&bench.controller, &RunController::forked);
        bench.controller.fork(words(run), summary.step, text("other"), RunController::Then::Nothing);
        QTRY_COMPARE_WITH_TIMEOUT(forked.size(), 1, 30'000);
        const QString made = forked.first().last().toString();
        QVERIFY(engine::lineageOf(toPath(made))->run == run.filename().string());
        QTRY_VERIFY_WITH_TIMEOUT(bench.runLibrary.find(forked.first().first().toString()), 20'000);
        bench.live.show(forked.first().first().toString(), made);
        QTRY_COMPARE_WITH_TIMEOUT(bench.live.id(), forked.first().first().toString(), 20'000);
        QSignalSpy failed(&bench.controller, &RunController::failed);
        bench.controller.fork(words(run), 0, {}, RunController::Then::Nothing);
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 30'000);
        QVERIFY(failed.first().first().toString().contains(text("No checkpoint")));
    }
};

QTEST_MAIN(TestRunKnobs)
#include "tst_runknobs.moc"
