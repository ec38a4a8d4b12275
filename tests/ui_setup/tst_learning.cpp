#include "tests/ui/fakedata.h"
#include "tests/ui/fakesetup.h"
#include "ui/charts/heatmap.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/live/blocksview.h"
#include "ui/live/livepage.h"
#include "ui/live/proofline.h"
#include "ui/setup/thawtimeline.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace ui;

namespace {

QString text(const char* words) { return QString::fromUtf8(words); }

} // namespace

// What Live says about blocks: which of them learn, that the others are as they were, and what is still to come.
class TestLearning final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aHeatMapIsIceThenWarmerTheGreaterTheValue() {
        HeatMap map(HeatMap::Size::Page);
        HeatRow row{text("head"), {}, {}, {{50, 100}}};
        for (int step = 50; step < 80; ++step) {
            row.step.append(step);
            row.value.append(step < 65 ? 1e-4 : 1e-2);
        }
        map.setData({{row, {text("stem"), {}, {}, {}}}, 100, 80, 10, true});
        map.resize(600, 120);
        const QImage picture = map.grab().toImage();
        const auto at = [&](int block, double step) { return picture.pixelColor(map.cell(block, step).center()); };
        QCOMPARE(at(0, 20), color(Role::FrozenTint));
        QCOMPARE(at(1, 70), color(Role::FrozenTint));
        QCOMPARE(at(0, 90), color(Role::ChartBand)); // has not happened
        QCOMPARE(at(0, 75), heatColor(1));
        QCOMPARE(at(0, 55), heatColor(0.12));
    }
    void aHeatMapSaysWhatIsUnderTheMouse() {
        HeatMap map(HeatMap::Size::Panel);
        map.setData({{{text("head"), {50, 60}, {2e-3, 3e-3}, {{50, 100}}}}, 100, 80, 10, true});
        map.resize(300, map.sizeHint().height());
        QVERIFY(map.wordsAt(map.cell(0, 62).center()).endsWith(text(": 3e-3")));
        QVERIFY(map.wordsAt(map.cell(0, 20).center()).contains(text("frozen")));
        QVERIFY(map.wordsAt(map.cell(0, 95).center()).isEmpty());
        QVERIFY(map.wordsAt({2, 2}).isEmpty()); // a name
    }
    void gapsAndNothingMeasuredAreNoTrouble() {
        HeatMap map(HeatMap::Size::Page);
        map.resize(300, 100);
        map.setData({});
        map.grab();
        map.setData({{{text("head"), {1, 2}, {std::nan(""), 0}, {{0, 10}}}}, 10, 5, 0, false});
        const QImage picture = map.grab().toImage();
        QCOMPARE(picture.pixelColor(map.cell(0, 2).center()), color(Role::ThawedTint));
    }
    void theProofIsSuccessAndAnAlarmIsDanger() {
        ProofLine line;
        line.setProof({Tone::Success, text("5 blocks proved frozen"), text("219 tensors unchanged at step 656")});
        line.resize(248, line.heightForWidth(248));
        QVERIFY(!line.isHidden());
        QVERIFY(line.accessibleName().contains(text("step 656")));
        const int calm = line.height();
        line.setProof({Tone::Danger, text("A frozen tensor changed"), text("blocks.2.0.bn1.running_mean")});
        QVERIFY(line.heightForWidth(248) > calm);
        line.resize(248, line.heightForWidth(248));
        QCOMPARE(line.grab().toImage().pixelColor(4, 12), color(Role::DangerTint));
        line.setProof({});
        QVERIFY(line.isHidden());
    }
    void blocksAreATabOfLiveWithThreeMeasures() {
        LivePage page;
        page.resize(1300, 860);
        page.setHeader(fake::header(true));
        page.setCurves(fake::curves());
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        auto* heat = page.findChild<HeatMap*>(text("heatMap"));
        QVERIFY(page.findChild<HeatMap*>(text("panelHeat"))->isVisible());
        QVERIFY(!heat->isVisible());
        auto* view = page.findChild<SegmentedControl*>(text("liveView"));
        QTest::mouseClick(view, Qt::LeftButton, {}, view->segmentRect(1).center());
        QVERIFY(heat->isVisible());
        QCOMPARE(heat->accessibleName(), text("Update-to-weight ratio"));
        auto* insight = page.findChild<SegmentedControl*>(text("insight"));
        QTest::mouseClick(insight, Qt::LeftButton, {}, insight->segmentRect(2).center());
        QCOMPARE(heat->accessibleName(), text("Distance from the pretrained weights"));
        QTest::mouseClick(view, Qt::LeftButton, {}, view->segmentRect(0).center());
        QVERIFY(!heat->isVisible());
    }
    void theFutureOfARunningRunCanBeEdited() {
        LivePage page;
        page.resize(1300, 860);
        page.setHeader(fake::header(true));
        page.setCurves(fake::curves(320)); // epoch 20
        ThawPlan plan = fake::thawPlan();
        plan.fixedEpochs = 21;
        page.setThaw(plan, fake::cosine(60));
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        Q_EMIT page.findChild<SegmentedControl*>(text("liveView"))->chosen(1);
        auto* timeline = page.findChild<ThawTimeline*>(text("runTimeline"));
        QTRY_VERIFY(timeline->isVisible());
        QSignalSpy edits(&page, &LivePage::thawEdited);
        timeline->choose({6, 31, true});
        QTest::keyClick(timeline, Qt::Key_Left);
        QCOMPARE(edits.count(), 1);
        QCOMPARE(edits.last().at(0).toString(), text("r8"));
        QCOMPARE(edits.last().at(1).value<ThawPlan>(), withEdgeMoved(plan, {6, 31, true}, 30));
        timeline->choose({7, 11, true});
        QTest::keyClick(timeline, Qt::Key_Right);
        QCOMPARE(edits.count(), 1); // that has been trained
        // A lock turns its block from the next epoch on.
        const auto lock = [&](int block) {
            QTest::mouseClick(timeline, Qt::LeftButton, {}, {7, timeline->edgePoint({block, 1, true}).y()});
            return edits.last().at(1).value<ThawPlan>();
        };
        const ThawPlan now = timeline->plan();
        QCOMPARE(lock(4), withEdgeMoved(now, {4, 61, true}, 22));
        QCOMPARE(lock(8), withFrozenFrom(now, 8, 22));
        page.setHeader(fake::header(false));
        QVERIFY(!timeline->isEnabled());
    }
    void theLastChangeCanBeUndoneInThePanel() {
        LivePage page;
        page.resize(1300, 860);
        page.setHeader(fake::header(true));
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        page.setChanges({{text("sliders-horizontal"), Tone::Accent, text("Thaw blocks.5 from epoch 21, not 31"),
                          text("Counts from epoch 21 on"), text("Undo")},
                         {text("lock-open"), Tone::Thawed, text("Phase 2 began"), text("Step 160 · 14:22:05")}});
        QSignalSpy undone(&page, &LivePage::undoRequested);
        auto* button = page.findChild<QWidget*>(text("changes"))->findChild<QAbstractButton*>();
        QTRY_VERIFY(button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(undone.count(), 1);
        QCOMPARE(undone.last().at(0).toString(), text("r8"));
        page.setChanges({{text("lock-open"), Tone::Thawed, text("Phase 2 began"), text("Step 160 · 14:22:05")}});
        QVERIFY(!button->isVisible());
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestLearning test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_learning.moc"
