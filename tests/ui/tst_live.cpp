// Live's page, the viewer of mistakes and the log.
#include "tests/ui/fakedata.h"
#include "ui/charts/chartgroup.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/controls/thumbnailgrid.h"
#include "ui/live/livecharts.h"
#include "ui/live/livepage.h"
#include "ui/live/logdialog.h"
#include "ui/mistakes/pictureviewer.h"
#include "ui/mistakes/scoretable.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>
#include <QToolTip>

#include <array>
#include <cmath>

using namespace ui;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

LiveMistakes mistakes() {
    LiveMistakes made{.epoch = 4, .best = true, .wrong = 9, .validated = 100, .samples = text("pictures")};
    for (int i = 0; i < 9; ++i)
        made.pictures.append({QStringLiteral("/data/val/scratched/%1.jpg").arg(i),
                              fake::picture(i),
                              text("scratched"),
                              text("chipped"),
                              0.98 - 0.02 * i,
                              {},
                              {}});
    made.confusion = fake::confusion().first();
    made.confusion.scores.neverRecognised = {text("bent")};
    return made;
}

} // namespace

class TestLive final : public QObject {
    Q_OBJECT
    std::unique_ptr<LivePage> m_page;
    template <typename Widget>
    Widget* find(const char* name) const {
        return m_page->findChild<Widget*>(text(name));
    }
    void view(int index) const {
        auto* views = find<SegmentedControl>("liveView");
        views->setCurrent(index);
        Q_EMIT views->chosen(index);
    }

private Q_SLOTS:
    void init() {
        m_page = std::make_unique<LivePage>();
        m_page->resize(1100, 780);
        m_page->setHeader(fake::header(true));
        m_page->setCurves(fake::curves(656));
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    }
    void cleanup() { m_page.reset(); }

    void theCurvesFitAfterAVisitToTheBlocks() {
        auto* charts = m_page->findChild<LiveCharts*>();
        m_page->setMistakes(mistakes());
        QWidget* content = charts->parentWidget();
        int before = 0; // once the page has come to rest
        QTRY_VERIFY(content->minimumSizeHint().height() == std::exchange(before, content->minimumSizeHint().height()));
        const int charted = charts->height();
        LiveCurves many = fake::curves(656);
        for (int i = 0; i < 250; ++i) // blocks enough to be taller than the page
            many.blocks.append(many.blocks.last());
        m_page->setCurves(many);
        view(1);
        QTRY_VERIFY(content->minimumSizeHint().height() > before);
        view(0);
        QTRY_COMPARE(content->minimumSizeHint().height(), before);
        QTRY_COMPARE(charts->height(), charted);
    }

    void ranksHaveLanesAndOneAloneHasNone() {
        auto* lanes = find<RankLanes>("rankLanes");
        QVERIFY(lanes != nullptr && !lanes->isVisible());
        m_page->setRanks(fake::ranks(4, 2));
        QTRY_VERIFY(lanes->isVisible());
        QVERIFY(lanes->accessibleDescription().contains(text("rank 2: silent for 12 s, step 1204")));
        auto* trouble = find<QLabel>("rankTrouble");
        QVERIFY(trouble->isVisible() && trouble->text().startsWith(text("Rank 2 (cuda:2) has not answered")));
        // A click opens a rank's log, and so does Enter on the chosen one.
        QSignalSpy opened(m_page.get(), &LivePage::rankLogRequested);
        QTest::mouseClick(lanes, Qt::LeftButton, {}, {20, 22 + 26 + 13});
        QCOMPARE(opened.takeFirst().at(1).toInt(), 1);
        lanes->setFocus();
        QTest::keyClick(lanes, Qt::Key_Down);
        QTest::keyClick(lanes, Qt::Key_Return);
        QCOMPARE(opened.takeFirst().at(1).toInt(), 2);
        // The tooltip of a band says what was when.
        QHelpEvent help(QEvent::ToolTip, {300, 22 + 13}, lanes->mapToGlobal(QPoint(300, 22 + 13)));
        QApplication::sendEvent(lanes, &help);
        QTRY_VERIFY(QToolTip::text().contains(text("s ago:")));
        // Without trouble its sentence is gone; another run of one rank has no lanes.
        m_page->setRanks(fake::ranks(4, -1));
        QVERIFY(!trouble->isVisible());
        m_page->setRanks({});
        QTRY_VERIFY(!lanes->isVisible());
    }

    void aRankInTroubleCanBeEndedWaitedForOrLeft() {
        m_page->setRanks(fake::ranks(4, 2));
        QSignalSpy asked(m_page.get(), &LivePage::rankActRequested);
        const auto press = [&](const char* name) {
            auto* button = find<QAbstractButton>(name);
            QVERIFY(button && button->isVisible());
            button->setFocus();
            QTest::keyClick(button, Qt::Key_Space);
        };
        press("rankEnd");
        press("rankWait");
        press("rankWithout");
        QCOMPARE(asked.count(), 3);
        const std::array expected{RankAct::EndNow, RankAct::KeepWaiting, RankAct::GoOnWithout};
        for (int i = 0; i < 3; ++i) {
            QVERIFY(asked.at(i).at(1).value<RankAct>() == expected.at(static_cast<std::size_t>(i)));
            QCOMPARE(asked.at(i).at(2).toInt(), 2);
        }
        LiveRanks elsewhere = fake::ranks(4, 2); // torchrun started them
        elsewhere.canAct = false;
        m_page->setRanks(elsewhere);
        QVERIFY(!find<QAbstractButton>("rankEnd")->isVisible());
        QVERIFY(find<QLabel>("rankTrouble")->isVisible());
        m_page->setRanks({});
    }

    void theQueueHasALaneForEachDevice() {
        auto* lanes = find<QueueLanesView>("queueLanes");
        QVERIFY(lanes && !lanes->isVisible());
        m_page->setQueue(fake::queue());
        QTRY_VERIFY(lanes->isVisible());
        QVERIFY(lanes->accessibleDescription().startsWith(
            text("cuda:0: gradual, 2 GPUs, then last stage, then gradual, seed 2; cuda:1: ")));
        QSignalSpy opened(m_page.get(), &LivePage::queueOpened);
        QTest::mouseClick(lanes, Qt::LeftButton, {}, {70, 10});
        QCOMPARE(opened.takeFirst().at(0).toString(), text("now"));
        QTest::mouseClick(lanes, Qt::LeftButton, {}, {70, 2 * 22 + 10}); // somebody else's
        QCOMPARE(opened.count(), 0);
        QSignalSpy held(m_page.get(), &LivePage::queueHeld);
        QTest::mouseClick(find<QAbstractButton>("holdQueue"), Qt::LeftButton);
        QCOMPARE(held.takeFirst().at(0).toBool(), true);
        LiveQueue stands = fake::queue();
        stands.held = true;
        stands.words = text("Held: nothing begins");
        m_page->setQueue(stands);
        QCOMPARE(find<QLabel>("queueWords")->text(), stands.words);
        QTest::mouseClick(find<QAbstractButton>("holdQueue"), Qt::LeftButton);
        QCOMPARE(held.takeFirst().at(0).toBool(), false);
        m_page->setQueue({});
        QTRY_VERIFY(!lanes->isVisible());
    }

    void manyRanksGetLowRowsWithTroubleFirst() {
        m_page->setRanks(fake::ranks(64, 40));
        auto* lanes = find<RankLanes>("rankLanes");
        QTRY_VERIFY(lanes->isVisible());
        QVERIFY(lanes->accessibleDescription().startsWith(text("rank 40: silent")));
        QVERIFY(lanes->height() < 300);
        QSignalSpy opened(m_page.get(), &LivePage::rankLogRequested);
        QTest::mouseClick(lanes, Qt::LeftButton, {}, {20, 22 + 7});
        QCOMPARE(opened.takeFirst().at(1).toInt(), 40);
    }

    void knobsAreSetByKeysAndByTheMouse() {
        LiveKnobs knobs{.shown = true,
                        .learningRate = 1e-3,
                        .weightDecay = 0.01,
                        .augmentation = text("light"),
                        .augmentations = {text("none"), text("light"), text("strong")},
                        .epoch = 3};
        m_page->setKnobs(knobs);
        m_page->resize(1400, 900); // with its panel
        auto* apply = find<QPushButton>("knobsApply");
        QTRY_VERIFY(apply->isVisible());
        QVERIFY(!apply->isEnabled());
        QSignalSpy applied(m_page.get(), &LivePage::knobsApplied);
        auto* rate = find<QLineEdit>("knobRate");
        rate->setFocus();
        rate->selectAll();
        QTest::keyClicks(rate, text("÷ 2"));
        QTest::keyClick(rate, Qt::Key_Return);
        QVERIFY(apply->isEnabled());
        knobs.epoch = 4; // what is told meanwhile leaves what was typed
        m_page->setKnobs(knobs);
        auto* augmentation = find<QComboBox>("knobAugmentation");
        augmentation->setFocus();
        QTest::keyClick(augmentation, Qt::Key_Down);
        Q_EMIT augmentation->activated(augmentation->currentIndex());
        apply->setFocus();
        QTest::keyClick(apply, Qt::Key_Space);
        QCOMPARE(applied.size(), 1);
        QCOMPARE(applied.first().last().value<QList<KnobSetting>>(),
                 (QList<KnobSetting>{{text("train.learning_rate"), text("5e-04")},
                                     {text("data.augmentation"), text("strong")}}));
        knobs.learningRate = 5e-4; // it counts
        knobs.augmentation = text("strong");
        m_page->setKnobs(knobs);
        QVERIFY(!apply->isEnabled());
        QSignalSpy stops(m_page.get(), &LivePage::stopAfterEpochRequested);
        QSignalSpy saves(m_page.get(), &LivePage::checkpointRequested);
        auto* stop = find<QPushButton>("knobStop");
        QCOMPARE(stop->text(), text("Stop after epoch 4"));
        QTest::mouseClick(stop, Qt::LeftButton);
        QCOMPARE(stops.takeFirst().last().toBool(), true);
        QTest::mouseClick(find<QPushButton>("knobCheckpoint"), Qt::LeftButton);
        QCOMPARE(saves.size(), 1);
        knobs.problem = text("Nobody trains it.");
        m_page->setKnobs(knobs);
        QVERIFY(find<QWidget>("knobsProblem")->isVisible());
        m_page->setKnobs({}); // it has ended
        QVERIFY(!apply->isVisible());
    }

    void knobsAreReachedWhereThePanelIsAway() {
        m_page->setKnobs({.shown = true, .learningRate = 1e-3, .augmentation = text("light"), .epoch = 1});
        auto* open = find<QAbstractButton>("openKnobs");
        QTRY_VERIFY(open->isVisible());
        auto* rate = find<QLineEdit>("knobRate");
        QVERIFY(!rate->isVisible());
        QTest::mouseClick(open, Qt::LeftButton);
        QTRY_VERIFY(rate->isVisible());
        m_page->setKnobs({});
        QTRY_VERIFY(!rate->isVisible());
        QVERIFY(!open->isVisible());
        m_page->setKnobs({.shown = true, .epoch = 1});
        m_page->resize(1400, 900);
        QTRY_VERIFY(rate->isVisible());
        QVERIFY(!open->isVisible());
    }

    void inTheSmallestWindowNothingIsWiderThanThePage() {
        m_page->setKnobs({.shown = true, .epoch = 1});
        m_page->resize(948, 640); // of a window of 1024 × 700
        auto* area = m_page->findChild<QScrollArea*>();
        QTRY_VERIFY(find<QAbstractButton>("openKnobs")->isVisible());
        for (const int index : {1, 0}) {
            view(index);
            QTRY_VERIFY(area->widget()->width() <= area->viewport()->width());
        }
    }

    void aNewRunIsAskedForWhereTheCrosshairWas() {
        auto* charts = m_page->findChild<LiveCharts*>();
        QSignalSpy asked(m_page.get(), &LivePage::forkRequested);
        auto* fork = charts->findChild<QAction*>(text("fork"));
        fork->trigger();
        QCOMPARE(asked.takeFirst().last().toDouble(), 656.0); // where the curve ends
        charts->group().setCrosshair(300.0);
        charts->group().setCrosshair(std::nullopt);
        fork->trigger();
        QCOMPARE(std::round(asked.takeFirst().last().toDouble()), 300.0);
    }

    void aMistakeSaysWhatWasSaidAndWhatItIs() {
        m_page->setMistakes(mistakes());
        auto* grid = m_page->findChild<ThumbnailGrid*>();
        QTRY_VERIFY(grid->isVisible());
        QHelpEvent asked(QEvent::ToolTip, {20, 20}, grid->mapToGlobal(QPoint(20, 20)));
        QApplication::sendEvent(grid, &asked);
        QCOMPARE(QToolTip::text(), text("scratched taken for chipped, 98 % sure\n/data/val/scratched/0.jpg"));
        QStringList words;
        for (const auto* label : m_page->findChildren<QLabel*>())
            if (label->isVisible())
                words.append(label->text());
        QVERIFY(words.contains(text("Misclassified in epoch 4, the best")));
        QVERIFY(words.contains(text("9 of 100, surest first"))); // of so many that were validated
        QCOMPARE(find<QLabel>("neverRecognised")->text(), text("bent is never recognised."));
    }

    void aPictureAndAllOfThemAreOpened() {
        m_page->setMistakes(mistakes());
        QSignalSpy opened(m_page.get(), &LivePage::pictureOpened);
        auto* grid = m_page->findChild<ThumbnailGrid*>();
        QTRY_VERIFY(grid->isVisible());
        QTest::mouseClick(grid, Qt::LeftButton, {}, QPoint(20, 20));
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.last().at(1).toString(), text("/data/val/scratched/0.jpg"));
        auto* all = find<QAbstractButton>("openMistakes");
        QCOMPARE(all->text(), text("Open all 9"));
        QTest::mouseClick(all, Qt::LeftButton);
        QCOMPARE(opened.size(), 2);
        QVERIFY(opened.last().at(1).toString().isEmpty());
    }

    void classesHaveAViewOfTheirOwn() {
        m_page->setMistakes(mistakes());
        view(2);
        auto* scores = m_page->findChild<ScoreTable*>();
        QTRY_VERIFY(scores->isVisible());
        QCOMPARE(scores->model()->rowCount(), 2);
        bool named = false; // in a narrow window the panel, which names it too, is away
        for (const auto* label : m_page->findChildren<QLabel*>())
            named |= label->isVisible() && label->text() == text("bent is never recognised.");
        QVERIFY(named);
        QSignalSpy wanted(m_page.get(), &LivePage::picturesRequested);
        Q_EMIT scores->activated(scores->model()->index(0, 0));
        QCOMPARE(wanted.size(), 1);
    }

    void theViewerGoesFromMistakeToMistakeByKeys() {
        QWidget window;
        window.resize(900, 700);
        PictureViewer viewer(&window);
        QSignalSpy wanted(&viewer, &PictureViewer::pictureWanted);
        viewer.setPictures(text("9 pictures are misclassified, the surest first."), mistakes().pictures, 2);
        viewer.show();
        viewer.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&viewer));
        const auto place = [&viewer] { return viewer.findChild<QLabel*>(text("mistakePlace"))->text(); };
        QCOMPARE(place(), text("3 of 9"));
        QCOMPARE(viewer.findChild<QLabel*>(text("mistakeTitle"))->text(), text("scratched → chipped"));
        QCOMPARE(wanted.last().at(0).toString(), text("/data/val/scratched/2.jpg"));
        QTest::keyClick(&viewer, Qt::Key_Right);
        QCOMPARE(place(), text("4 of 9"));
        QCOMPARE(wanted.last().at(0).toString(), text("/data/val/scratched/3.jpg"));
        QTest::keyClick(&viewer, Qt::Key_End);
        QTest::keyClick(&viewer, Qt::Key_Right); // there is none behind the last
        QCOMPARE(place(), text("9 of 9"));
        QTest::keyClick(&viewer, Qt::Key_Left);
        QTest::keyClick(&viewer, Qt::Key_Home);
        QTest::keyClick(&viewer, Qt::Key_Left);
        QCOMPARE(place(), text("1 of 9"));
        QSignalSpy folder(&viewer, &PictureViewer::folderRequested);
        QTest::keyClick(&viewer, Qt::Key_O);
        QCOMPARE(folder.value(0).value(0).toString(), text("/data/val/scratched/0.jpg"));
        QTest::keyClick(&viewer, Qt::Key_Escape);
        QVERIFY(!viewer.isVisible());
    }

    void theViewerShowsThePictureThatIsWantedAndSaysWhereItIsGone() {
        PictureViewer viewer;
        viewer.setPictures({}, mistakes().pictures, 0);
        viewer.resize(900, 600);
        viewer.show();
        QVERIFY(QTest::qWaitForWindowExposed(&viewer));
        auto* stage = viewer.findChild<QWidget*>(text("largePicture"));
        const auto middle = [stage] {
            const QImage drawn = stage->grab().toImage();
            return drawn.pixelColor(drawn.width() / 2, drawn.height() / 2);
        };
        QImage red(400, 300, QImage::Format_RGB32);
        red.fill(Qt::red);
        viewer.setPicture(text("/data/val/scratched/5.jpg"), red, red.size()); // not this one
        QVERIFY(middle() != QColor(Qt::red));
        viewer.setPicture(text("/data/val/scratched/0.jpg"), red, red.size());
        QCOMPARE(middle(), QColor(Qt::red));
        const auto says = [&viewer] {
            for (const auto* label : viewer.findChildren<QLabel*>())
                if (label->isVisible() && label->text().startsWith(text("The picture is not there any more")))
                    return true;
            return false;
        };
        QVERIFY(!says());
        viewer.setPicture(text("/data/val/scratched/0.jpg"), {}, {});
        QVERIFY(says());
    }

    void theLogIsSearchedWrappedAndCopied() {
        LogDialog dialog(text("parts"), text("10:00 started\n10:01 epoch 1 done\n10:02 Epoch 2 done\n"));
        dialog.show();
        dialog.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&dialog));
        auto* view = dialog.findChild<QPlainTextEdit*>();
        auto* search = dialog.findChild<QLineEdit*>(text("logSearch"));
        search->setText(text("epoch"));
        QCOMPARE(dialog.findChild<QLabel*>(text("logCount"))->text(), text("2 places"));
        QCOMPARE(view->textCursor().selectedText(), text("epoch"));
        const int first = view->textCursor().blockNumber();
        QTest::keyClick(search, Qt::Key_Return);
        QCOMPARE(view->textCursor().blockNumber(), first + 1);
        QTest::keyClick(search, Qt::Key_Return); // round the end
        QCOMPARE(view->textCursor().blockNumber(), first);
        QVERIFY(dialog.isVisible());
        auto* wrap = dialog.findChild<QCheckBox*>(text("logWrap"));
        QCOMPARE(view->lineWrapMode(), QPlainTextEdit::WidgetWidth);
        wrap->setChecked(false);
        QCOMPARE(view->lineWrapMode(), QPlainTextEdit::NoWrap);
        QTest::mouseClick(dialog.findChild<QAbstractButton*>(text("logCopy")), Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().contains(text("10:01 epoch 1 done")));
        QTest::keyClick(&dialog, Qt::Key_Escape);
        QVERIFY(!dialog.isVisible());
    }
};

int main(int count, char** arguments) {
    QApplication application(count, arguments);
    Theme::install(application);
    TestLive test;
    return QTest::qExec(&test, count, arguments);
}
#include "tst_live.moc"
