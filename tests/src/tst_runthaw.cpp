// The freeze plan of a run while it trains and after.
#include "engine/api/train.h"
#include "engine/runs/runwriter.h"
#include "src/freezeedit.h"
#include "src/livepresenter.h"
#include "src/livewords.h"
#include "src/runcontroller.h"
#include "src/runcurves.h"
#include "src/runlibrary.h"
#include "src/runplan.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/live/livepage.h"
#include "ui/setup/thawtimeline.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

} // namespace

class TestRunThaw final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        ui::Theme::install(*qApp);
    }

    void thePlanOfARunCountsItsClasses() {
        QTemporaryDir folder;
        engine::Experiment experiment;
        experiment.model.backbone = "cifar_resnet20";
        const RunPlan plan = readRunPlan(engine::createRun(experiment, toPath(folder.path())), 4);
        QCOMPARE(plan.tree.back().parameters, std::int64_t(64 * 4 + 4));
    }

    void theFutureOfARunningRunIsDraggedOnItsTimeline() {
        QTemporaryDir folder;
        madeup::pictures(folder.filePath(text("pictures")), 2, 4);
        engine::Experiment experiment;
        experiment.data.path = toPath(folder.filePath(text("pictures")));
        experiment.data.imageSize = 32;
        experiment.model.backbone = "cifar_resnet20";
        experiment.model.weights = "none";
        experiment.train.epochs = 60;
        experiment.train.batchSize = 4;
        experiment.freeze.preset = "by-hand";
        experiment.freeze.phases = {{.fromEpoch = 1, .train = {"linear"}},
                                    {.fromEpoch = 2, .train = {"layer3", "linear"}},
                                    {.fromEpoch = 50, .train = {"layer2", "layer3", "linear"}}};
        RunController controller;
        RunLibrary runLibrary(controller);
        runLibrary.setFolder(folder.path());
        ui::LivePage page;
        LivePresenter live(page, controller, runLibrary);
        page.resize(1300, 900);
        page.show();
        connect(&controller, &RunController::started, &live, &LivePresenter::show);
        connect(&controller, &RunController::ended, &live, [](const QString&, const engine::RunSummary& run) {
            if (run.state == engine::RunState::Failed)
                qWarning("it failed: %s", run.failure.c_str());
        });
        controller.train(experiment, folder.path());
        const auto epoch = [&controller] {
            const auto progress = controller.progress();
            return progress ? progress->epoch : 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(epoch() >= 3, 60'000);
        controller.setPaused(true);
        QTRY_COMPARE_WITH_TIMEOUT(controller.progress()->phase, engine::Phase::Paused, 30'000);
        const int present = epoch();
        QVERIFY2(present < 40, "it trained faster than a person can drag");
        const engine::FreezeSettings before =
            engine::readExperiment(toPath(controller.currentFolder()) / "experiment.toml").freeze;
        QCOMPARE(before.phases.size(), std::size_t{3});

        auto* view = page.findChild<ui::SegmentedControl*>(text("liveView"));
        QTest::mouseClick(view, Qt::LeftButton, {}, view->segmentRect(1).center());
        auto* timeline = page.findChild<ui::ThawTimeline*>(text("runTimeline"));
        QTRY_VERIFY_WITH_TIMEOUT(timeline->isVisible() && timeline->isEnabled(), 30'000);
        QTRY_COMPARE(timeline->plan().fixedEpochs, present);
        const auto blockOf = [timeline](const char* name) {
            for (int block = 0; block < timeline->plan().blocks.size(); ++block)
                if (timeline->plan().blocks.at(block).name == text(name))
                    return block;
            return -1;
        };
        const auto drag = [timeline](const ui::ThawEdge& edge, int to) {
            const QPoint from = timeline->edgePoint(edge);
            const QPoint end(timeline->xOfEpoch(to), from.y());
            QTest::mousePress(timeline, Qt::LeftButton, {}, from);
            QMouseEvent move(QEvent::MouseMove, end, timeline->mapToGlobal(end), Qt::NoButton, Qt::LeftButton, {});
            QApplication::sendEvent(timeline, &move);
            QTest::mouseRelease(timeline, Qt::LeftButton, {}, end);
        };
        const ui::ThawPlan shown = timeline->plan();
        QSignalSpy edits(&page, &ui::LivePage::thawEdited);
        drag({blockOf("layer3"), 2, true}, 20); // has been
        QCOMPARE(edits.count(), 0);
        QCOMPARE(timeline->plan(), shown);

        // Taken back before the training has seen it.
        drag({blockOf("layer2"), 50, true}, 55);
        QCOMPARE(edits.count(), 1);
        QTRY_VERIFY(controller.freezeWaits());
        auto* undo = page.findChild<QWidget*>(text("changes"))->findChild<QAbstractButton*>();
        QTRY_VERIFY(undo->isVisible());
        QTest::mouseClick(undo, Qt::LeftButton);
        QVERIFY(!controller.freezeWaits());
        QCOMPARE(timeline->plan(), shown);
        QVERIFY(!undo->isVisible());

        // What trains nothing is refused by the engine's words, and what holds is shown again.
        QSignalSpy refusals(&live, &LivePresenter::thawRefused);
        ui::ThawPlan nothing = shown;
        for (auto& cell : nothing.phases.last().cells)
            cell = {};
        Q_EMIT page.thawEdited(live.id(), nothing, -1);
        QTRY_COMPARE(refusals.count(), 1);
        QVERIFY2(refusals.last().at(0).toString().contains(text("train")),
                 qPrintable(refusals.last().at(0).toString()));
        QTRY_COMPARE(timeline->plan(), shown);
        QVERIFY(!controller.freezeWaits());

        drag({blockOf("layer2"), 50, true}, 45);
        QTRY_VERIFY(controller.freezeWaits());
        controller.setPaused(false);
        const auto recorded = [&controller] {
            return engine::readExperiment(toPath(controller.currentFolder()) / "experiment.toml").freeze.phases;
        };
        QTRY_VERIFY_WITH_TIMEOUT(!controller.freezeWaits() && recorded().back().fromEpoch == 45, 30'000);
        QCOMPARE(recorded().size(), std::size_t{3});
        QCOMPARE(recorded()[1], before.phases[1]); // the present phase just goes on
        const QString said = text("Thaw layer2 from epoch 45, not 50");
        QTRY_VERIFY(live.log().contains(said));
        QTRY_VERIFY_WITH_TIMEOUT(undo->isVisible(), 10'000);
        QTest::mouseClick(undo, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(recorded().back().fromEpoch == 50, 30'000);

        controller.stop(false);
        QTRY_VERIFY_WITH_TIMEOUT(!controller.busy(), 30'000);
        QTRY_VERIFY(!timeline->isEnabled());
        QCOMPARE(timeline->plan().fixedEpochs, 60);
    }

    void blocksThatLearnAndTheirRatesComeFromTheRunsSeries() {
        QTemporaryDir folder;
        const auto run = madeup::run(toPath(folder.path()), {.end = engine::RunState::Queued});
        {
            engine::RunWriter writer(run);
            writer.started(
                {.task = "image-classification", .monitor = "accuracy", .device = "cpu", .epochs = 4, .steps = 40}, -1);
            for (int step = 1; step <= 30; ++step) {
                writer.scalar("train/loss", step, 1.0);
                writer.scalar("learning_rate", step, 1e-3);
                writer.scalar("learning_rate/head", step, 1e-3);
                writer.scalar("insight/head/update_ratio", step, 2e-3);
                if (step <= 20)
                    continue;
                for (const char* block : {"learning_rate/blocks.0", "learning_rate/blocks.1"})
                    writer.scalar(block, step, 1e-4);
                writer.scalar("insight/blocks.1/gradient_norm", step, 0.5);
            }
            writer.event(engine::EventKind::Verified, 30, 3, "219 tensors unchanged");
            writer.flush();
        }
        engine::RunReader reader(run);
        Tree tree(3);
        tree[0].name = "blocks.0";
        tree[1].name = "blocks.1";
        tree[2].name = "head";
        for (auto& block : tree)
            block.parameters = 10;
        tree[2].head = true;
        engine::FreezeOutcome first{.fromEpoch = 1, .trainedBlocks = {"head"}};
        engine::FreezeOutcome second{.fromEpoch = 3, .trainedBlocks = {"blocks.1", "head"}};
        RunCurves curves({first, second}, tree);
        curves.read(reader);
        const auto& blocks = curves.curves().blocks;
        QCOMPARE(blocks.size(), 3);
        QVERIFY(blocks[0].trained.isEmpty());
        QCOMPARE(blocks[1].trained, (QList<std::pair<double, double>>{{20, 40}}));
        QCOMPARE(blocks[1].gradientNorm.step.size(), 10);
        QCOMPARE(blocks[2].trained, (QList<std::pair<double, double>>{{0, 40}}));
        QCOMPARE(curves.curves().blockRates.size(), 1); // two blocks at one rate; the head goes the run's own way
        QCOMPARE(curves.curves().blockRates[0].name, text("blocks.0 +1"));

        const ui::ThawPlan plan = thawPlan(tree, handPlan(tree, {first, second}, {}), 4);
        ui::LiveProof proof = liveProof(reader, plan);
        QCOMPARE(proof.tone, ui::Tone::Success);
        QCOMPARE(proof.title, text("1 block proved frozen"));
        QCOMPARE(proof.detail, text("219 tensors unchanged at step\u00A030"));
        {
            engine::RunWriter writer(run);
            writer.event(engine::EventKind::Alarm, 30, 3, "blocks.0.bn1.running_mean changed between steps 24 and 30");
            writer.flush();
        }
        reader.refresh();
        proof = liveProof(reader, plan);
        QCOMPARE(proof.tone, ui::Tone::Danger);
        QVERIFY(proof.detail.contains(text("blocks.0.bn1.running_mean")));
        const auto phases = livePhases(reader, plan);
        QCOMPARE(phases.size(), 2);
        QVERIFY(phases[0].words.startsWith(text("Head, ")));
        QCOMPARE(phases[1].words, text("+ last stage, now"));
    }
};

QTEST_MAIN(TestRunThaw)
#include "tst_runthaw.moc"
