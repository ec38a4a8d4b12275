#include "tests/ui/fakesetup.h"
#include "ui/setup/thawplan.h"
#include "ui/setup/thawtimeline.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QSignalSpy>
#include <QTest>

using namespace ui;

namespace {

QString text(const char* words) { return QString::fromUtf8(words); }

// One line a phase: epoch, then the factors of the trained blocks from the first that is trained.
QString written(const ThawPlan& plan) {
    QStringList lines;
    for (const auto& phase : plan.phases) {
        QStringList words{QString::number(phase.fromEpoch) + QLatin1Char(':')};
        for (int block = 0; block < phase.cells.size(); ++block)
            if (phase.cells.at(block).trained())
                words.append(QStringLiteral("%1=%2").arg(block).arg(phase.cells.at(block).factor));
        lines.append(words.join(QLatin1Char(' ')));
    }
    return lines.join(QStringLiteral(" | "));
}

constexpr int kBlocks5 = 6;
constexpr int kBlocks4 = 5;
constexpr int kClassifier = 9;

} // namespace

class TestThaw final : public QObject {
    Q_OBJECT
    std::unique_ptr<ThawTimeline> m_timeline;
    std::unique_ptr<QSignalSpy> m_edits;

    [[nodiscard]] ThawPlan edited() const { return m_edits->last().at(0).value<ThawPlan>(); }
    [[nodiscard]] int gesture() const { return m_edits->last().at(1).toInt(); }
    [[nodiscard]] int epochOf(int block) const {
        for (const auto& edge : thawEdges(m_timeline->plan()))
            if (edge.block == block)
                return edge.epoch;
        return -1;
    }
    void drag(QPoint from, QPoint to, Qt::KeyboardModifiers keys = {}) {
        QTest::mousePress(m_timeline.get(), Qt::LeftButton, keys, from);
        move((from + to) / 2, keys);
        move(to, keys);
        QTest::mouseRelease(m_timeline.get(), Qt::LeftButton, keys, to);
    }
    void move(QPoint to, Qt::KeyboardModifiers keys) {
        QMouseEvent event(QEvent::MouseMove, to, m_timeline->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, keys);
        QApplication::sendEvent(m_timeline.get(), &event);
    }
    void press(Qt::Key key, Qt::KeyboardModifiers keys = {}) { QTest::keyClick(m_timeline.get(), key, keys); }

private Q_SLOTS:
    void init() {
        m_timeline = std::make_unique<ThawTimeline>();
        m_timeline->setSchedule(fake::cosine(60));
        m_timeline->setPlan(fake::thawPlan());
        m_timeline->resize(720, m_timeline->sizeHint().height());
        m_timeline->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_timeline.get()));
        m_edits = std::make_unique<QSignalSpy>(m_timeline.get(), &ThawTimeline::edited);
    }

    void anEdgeMovedEarlierMakesAPhaseOfItsOwn() {
        const ThawPlan moved = withEdgeMoved(fake::thawPlan(), {kBlocks5, 31, true}, 21);
        QCOMPARE(written(moved), text("1: 9=1 | 11: 7=0.5 8=0.5 9=1 | 21: 6=0.25 7=0.5 8=0.5 9=1 | "
                                      "31: 5=0.1 6=0.25 7=0.5 8=0.5 9=1"));
        QCOMPARE(withEdgeMoved(moved, {kBlocks5, 21, true}, 31), fake::thawPlan());
    }
    void anEdgeMovedToAnotherPhaseJoinsIt() {
        const ThawPlan moved = withEdgeMoved(fake::thawPlan(), {kBlocks5, 31, true}, 11);
        QCOMPARE(written(moved), text("1: 9=1 | 11: 6=0.25 7=0.5 8=0.5 9=1 | 31: 5=0.1 6=0.25 7=0.5 8=0.5 9=1"));
        const ThawPlan both = withEdgeMoved(moved, {kBlocks4, 31, true}, 11);
        QCOMPARE(both.phases.size(), 2); // nothing begins at epoch 31 any more
    }
    void anEdgeStaysBetweenThoseOfItsBlock() {
        ThawPlan plan = fake::thawPlan();
        plan.phases.last().cells[7] = {}; // thaws at 11, is frozen again from 31 on
        QCOMPARE(edgeRange(plan, {7, 11, true}), std::pair(1, 30));
        QCOMPARE(edgeRange(plan, {7, 31, false}), std::pair(12, 60)); // at 61 it stays frozen
    }
    void anEdgeMovedPastTheEndFreezesItsBlock() {
        const ThawPlan never = withEdgeMoved(fake::thawPlan(), {kBlocks4, 31, true}, 61);
        QVERIFY(!never.phases.last().cells.at(kBlocks4).trained());
        const ThawEdge end{kBlocks4, 61, true};
        QVERIFY(thawEdges(never).contains(end));
        QCOMPARE(edgeWords(never, end), text("blocks.4 stays frozen"));
        const ThawPlan again = withEdgeMoved(never, end, 41); // thaws with the smallest factor of its phase
        QCOMPARE(again.phases.last().fromEpoch, 41);
        QCOMPARE(again.phases.last().cells.at(kBlocks4), (ThawCell{0.25, 446000}));
    }
    void theHeadCanThawLater() {
        const ThawPlan later = withEdgeMoved(fake::thawPlan(), {kClassifier, 1, true}, 4);
        QCOMPARE(written(later).section(text(" | "), 0, 1), text("1: | 4: 9=1"));
    }
    void aPhaseMovesWithAllItsBlocksBetweenItsNeighbours() {
        const ThawPlan plan = fake::thawPlan();
        QCOMPARE(withPhaseMoved(plan, 1, 20).phases.at(1).fromEpoch, 20);
        QCOMPARE(withPhaseMoved(plan, 1, 55).phases.at(1).fromEpoch, 30);
        QCOMPARE(withPhaseMoved(plan, 1, -3).phases.at(1).fromEpoch, 2);
        QCOMPARE(withPhaseMoved(plan, 0, 5), plan);
    }
    void aFactorHoldsForItsWholeStretch() {
        const ThawPlan plan = withFactor(fake::thawPlan(), 8, 2, 0.1); // conv_head: the same in phases 2 and 3
        QCOMPARE(plan.phases.at(1).cells.at(8).factor, 0.1);
        QCOMPARE(plan.phases.at(2).cells.at(8).factor, 0.1);
        QCOMPARE(withFactor(fake::thawPlan(), 0, 2, 0.5), fake::thawPlan()); // frozen
    }
    void aNewPhaseThawsTheNextBlockMoreSlowly() {
        const ThawPlan plan = withNextThawed(fake::thawPlan());
        QCOMPARE(plan.phases.size(), 4);
        QCOMPARE(plan.phases.last().fromEpoch, 46);
        QCOMPARE(plan.phases.last().cells.at(4), (ThawCell{0.05, 198000}));
        QCOMPARE(withoutPhase(plan, 3), fake::thawPlan());
        ThawPlan all = fake::thawPlan();
        for (auto& cell : all.phases.last().cells)
            cell = {1, 10};
        QCOMPARE(withNextThawed(all), all);
    }
    void whatHasBeenTrainedStays() {
        ThawPlan plan = fake::thawPlan();
        plan.fixedEpochs = 20;
        QCOMPARE(withEdgeMoved(plan, {7, 11, true}, 25), plan);
        QCOMPARE(withPhaseMoved(plan, 1, 9), plan);
        QCOMPARE(withEdgeMoved(plan, {kBlocks5, 31, true}, 3).phases.at(2).fromEpoch, 21);
        const ThawPlan slower = withFactor(plan, kClassifier, 1, 0.5);
        QCOMPARE(written(slower).section(text(" | "), 1, 2), text("11: 7=0.5 8=0.5 9=1 | 21: 7=0.5 8=0.5 9=0.5"));
    }
    void phasesSayWhatTheyTrain() {
        ThawPlan plan = fake::thawPlan();
        QCOMPARE(phaseTitle(plan, 0), text("Head"));
        QCOMPARE(phaseTitle(plan, 1), text("+ last 2 stages"));
        QCOMPARE(phaseTitle(plan, 2), text("+ blocks.4 and 5"));
        QCOMPARE(phaseDetail(plan, 0), text("2,562"));
        QCOMPARE(phaseDetail(plan, 1), text("1.02 M trained, 30 %"));
        QCOMPARE(phaseDetail(plan, 2), text("3.12 M trained, 92 %"));
        plan = withEdgeMoved(plan, {4, 61, true}, 31);
        QCOMPARE(phaseTitle(plan, 2), text("+ blocks.3 to 5"));
        plan = fake::thawPlan();
        for (auto& cell : plan.phases.last().cells)
            cell = {1, 10};
        QCOMPARE(phaseTitle(plan, 2), text("+ all others"));
        plan = withFactor(fake::thawPlan(), kClassifier, 0, 0.5);
        for (auto& phase : plan.phases)
            for (auto& cell : phase.cells)
                cell = {1, 1};
        QCOMPARE(phaseTitle(plan, 0), text("All blocks"));
        QCOMPARE(phaseTitle(plan, 1), text("Phase 2"));
    }
    void factorsSnapToNumbersThatCanBeSaid() {
        QCOMPARE(nearestFactor(0.93), 0.9);
        QCOMPARE(nearestFactor(0.0), 0.01);
        QCOMPARE(nextFactor(0.25, 1), 0.3);
        QCOMPARE(nextFactor(0.25, -1), 0.2);
        QCOMPARE(nextFactor(1.0, 1), 1.0);
        QCOMPARE(factorWords(0.25), text("× 0.25"));
    }

    void draggingAnEdgeIsOneEditThatSnapsToEpochs() {
        const QPoint from = m_timeline->edgePoint({kBlocks5, 31, true});
        drag(from, {m_timeline->xOfEpoch(21) + 3, from.y()});
        QCOMPARE(m_edits->count(), 1);
        QCOMPARE(edited(), withEdgeMoved(fake::thawPlan(), {kBlocks5, 31, true}, 21));
        QCOMPARE(m_timeline->plan(), edited());
    }
    void shiftDragsTheWholePhase() {
        const QPoint from = m_timeline->edgePoint({kBlocks5, 31, true});
        drag(from, {m_timeline->xOfEpoch(41), from.y()}, Qt::ShiftModifier);
        QCOMPARE(edited(), withPhaseMoved(fake::thawPlan(), 2, 41));
    }
    void theHeadOfAPhaseIsDraggedAtItsBegin() {
        const int x = m_timeline->xOfEpoch(11);
        drag({x, 12}, {m_timeline->xOfEpoch(6), 12});
        QCOMPARE(edited(), withPhaseMoved(fake::thawPlan(), 1, 6));
    }
    void draggingATopChangesTheFactor() {
        const QPoint from = m_timeline->topPoint(kClassifier, 1);
        drag(from, from + QPoint(0, 5)); // of 17 pixels: (12 / 17)² is about a half
        QCOMPARE(edited(), withFactor(fake::thawPlan(), kClassifier, 0, 0.5));
    }
    void escapeTakesADragBack() {
        const QPoint from = m_timeline->edgePoint({kBlocks5, 31, true});
        QTest::mousePress(m_timeline.get(), Qt::LeftButton, {}, from);
        move({m_timeline->xOfEpoch(15), from.y()}, {});
        QVERIFY(m_timeline->plan() != fake::thawPlan());
        press(Qt::Key_Escape);
        QTest::mouseRelease(m_timeline.get(), Qt::LeftButton, {}, from);
        QCOMPARE(m_timeline->plan(), fake::thawPlan());
        QCOMPARE(m_edits->count(), 0);
    }
    void aClickWithoutADragChangesNothing() {
        QTest::mouseClick(m_timeline.get(), Qt::LeftButton, {}, m_timeline->edgePoint({kBlocks5, 31, true}));
        QCOMPARE(m_edits->count(), 0);
        QCOMPARE(m_timeline->chosen().value_or(ThawEdge{}), (ThawEdge{kBlocks5, 31, true}));
    }
    void arrowsMoveTheChosenEdgeByOneAndPageKeysByFive() {
        m_timeline->setFocus(Qt::TabFocusReason);
        m_timeline->choose({kBlocks5, 31, true});
        press(Qt::Key_Left);
        QCOMPARE(epochOf(kBlocks5), 30);
        const int first = gesture();
        press(Qt::Key_PageUp);
        QCOMPARE(epochOf(kBlocks5), 25);
        QCOMPARE(gesture(), first); // one edit
        press(Qt::Key_Right);
        QCOMPARE(epochOf(kBlocks5), 26);
        QVERIFY(m_timeline->accessibleDescription().contains(text("blocks.5 thaws at epoch 26, × 0.25")));
        press(Qt::Key_Up);
        QCOMPARE(m_timeline->chosen().value_or(ThawEdge{}), (ThawEdge{kBlocks4, 31, true}));
        press(Qt::Key_PageDown);
        QCOMPARE(epochOf(kBlocks4), 36);
        QVERIFY(gesture() != first);
        QCOMPARE(m_edits->count(), 4);
    }
    void shiftAndAnArrowMoveThePhase() {
        m_timeline->choose({kBlocks5, 31, true});
        press(Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(edited(), withPhaseMoved(fake::thawPlan(), 2, 32));
    }
    void plusMinusDeleteAndSpaceWorkOnTheChosenBlock() {
        QSignalSpy toggles(m_timeline.get(), &ThawTimeline::blocksToggled);
        m_timeline->choose({kBlocks5, 31, true});
        press(Qt::Key_Minus);
        QCOMPARE(m_timeline->plan().phases.at(2).cells.at(kBlocks5).factor, 0.2);
        press(Qt::Key_Plus);
        press(Qt::Key_Plus);
        QCOMPARE(m_timeline->plan().phases.at(2).cells.at(kBlocks5).factor, 0.3);
        press(Qt::Key_Space);
        QCOMPARE(toggles.last().at(0).toStringList(), QStringList{text("blocks.5")});
        QCOMPARE(toggles.last().at(1).toBool(), false);
        press(Qt::Key_Delete);
        QCOMPARE(m_timeline->plan().phases.size(), 2);
    }
    void aClickOnALockTurnsItsBlock() {
        QSignalSpy toggles(m_timeline.get(), &ThawTimeline::blocksToggled);
        QTest::mouseClick(m_timeline.get(), Qt::LeftButton, {}, {7, m_timeline->edgePoint({4, 61, true}).y()});
        QCOMPARE(toggles.last().at(0).toStringList(), QStringList{text("blocks.3")});
        QCOMPARE(toggles.last().at(1).toBool(), true);
    }
    void thePastOfARunCannotBeTaken() {
        ThawPlan plan = fake::thawPlan();
        plan.fixedEpochs = 20;
        m_timeline->setPlan(plan);
        m_timeline->setNow(20.4);
        const QPoint past = m_timeline->edgePoint({7, 11, true});
        drag(past, {m_timeline->xOfEpoch(25), past.y()});
        QCOMPARE(m_edits->count(), 0);
        const QPoint future = m_timeline->edgePoint({kBlocks5, 31, true});
        drag(future, {m_timeline->xOfEpoch(5), future.y()});
        QCOMPARE(m_edits->count(), 1);
        QCOMPARE(epochOf(kBlocks5), 21);
    }
    void aDragGoesOnWhileTheRunGoesOn() {
        ThawPlan plan = fake::thawPlan();
        plan.fixedEpochs = 20;
        m_timeline->setPlan(plan);
        const QPoint from = m_timeline->edgePoint({kBlocks5, 31, true});
        QTest::mousePress(m_timeline.get(), Qt::LeftButton, {}, from);
        move({m_timeline->xOfEpoch(22), from.y()}, {});
        QCOMPARE(epochOf(kBlocks5), 22);
        plan.fixedEpochs = 23; // meanwhile
        m_timeline->setPlan(plan);
        QCOMPARE(epochOf(kBlocks5), 24);
        QTest::mouseRelease(m_timeline.get(), Qt::LeftButton, {}, {m_timeline->xOfEpoch(22), from.y()});
        QCOMPARE(edited(), withEdgeMoved(plan, {kBlocks5, 31, true}, 24));
        m_timeline->setPlan(plan); // refused: back to what holds
        QCOMPARE(m_timeline->plan(), plan);
    }
    void aChangeIsSaidInAFewWords() {
        const ThawPlan plan = fake::thawPlan();
        const auto words = [&plan](const ThawPlan& after) { return changeWords(plan, after); };
        QVERIFY(words(plan).isEmpty());
        const ThawPlan moved = withEdgeMoved(plan, {kBlocks5, 31, true}, 21);
        QCOMPARE(words(moved), text("Thaw blocks.5 from epoch 21, not 31"));
        QCOMPARE(changeWords(moved, plan), text("Thaw blocks.5 from epoch 31, not 21"));
        QCOMPARE(words(withEdgeMoved(plan, {4, 61, true}, 40)), text("Thaw blocks.3 from epoch 40"));
        QCOMPARE(words(withEdgeMoved(plan, {kBlocks4, 31, true}, 61)),
                 text("Keep blocks.4 frozen, not thaw from epoch 31"));
        QCOMPARE(words(withPhaseMoved(plan, 2, 41)), text("Thaw blocks.4 and 5 from epoch 41, not 31"));
        QCOMPARE(words(withFactor(plan, kBlocks5, 2, 0.5)), text("Train blocks.5 at × 0.5, not × 0.25"));
        QCOMPARE(words(withFactor(moved, kClassifier, 0, 0.5)),
                 text("Thaw blocks.5 from epoch 21, not 31, and 1 other block"));
        QCOMPARE(words(withFrozenFrom(plan, kClassifier, 50)), text("Train classifier in other epochs"));
    }
    void aBlockIsFrozenFromAnEpochOn() {
        ThawPlan plan = fake::thawPlan();
        plan.fixedEpochs = 40;
        const ThawPlan frozen = withFrozenFrom(plan, kBlocks5, 1);
        QCOMPARE(written(frozen).section(text(" | "), 3), text("41: 5=0.1 7=0.5 8=0.5 9=1"));
        plan.fixedEpochs = 60;
        QCOMPARE(withFrozenFrom(plan, kBlocks5, 1), plan);
    }
    void itIsDrawnInBothThemesAtTwiceTheResolution() {
        for (const auto look : {Appearance::Light, Appearance::Dark}) {
            theme().setAppearance(look);
            QPixmap picture(m_timeline->size() * 2);
            picture.setDevicePixelRatio(2);
            picture.fill(color(Role::Surface));
            m_timeline->render(&picture);
            const QImage image = picture.toImage();
            const auto at = [&](QPoint point) { return image.pixelColor(point * 2); };
            QCOMPARE(at(m_timeline->edgePoint({0, 61, true}) - QPoint(40, 0)), color(Role::FrozenTint));
            QCOMPARE(at(m_timeline->topPoint(kClassifier, 0) + QPoint(0, 12)), color(Role::ThawedFill));
        }
        theme().setAppearance(Appearance::Light);
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestThaw test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_thaw.moc"
