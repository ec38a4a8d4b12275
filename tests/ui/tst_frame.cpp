#include "tests/ui/fakedata.h"
#include "ui/compare/comparepage.h"
#include "ui/controls/button.h"
#include "ui/frame/commandpalette.h"
#include "ui/frame/mainframe.h"
#include "ui/frame/pagelayout.h"
#include "ui/frame/rundelegate.h"
#include "ui/frame/rungroups.h"
#include "ui/live/livepage.h"
#include "ui/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>

using namespace ui;

class TestFrame : public QObject {
    Q_OBJECT
    static QString text(const char* words) { return QString::fromUtf8(words); }
    static void open(QWidget& window) {
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
    }

private Q_SLOTS:
    void runsAreGroupedWithHeadingsAndCounts() {
        const auto runs = fake::runs(true);
        RunGroups groups;
        QAbstractItemModelTester tester(&groups, QAbstractItemModelTester::FailureReportingMode::QtTest);
        groups.setRuns(runs.get());
        QStringList lines;
        for (int i = 0; i < groups.rowCount(); ++i) {
            const QModelIndex index = groups.index(i);
            if (index.data(RunGroups::IsHeadingRole).toBool())
                lines.append(text("[%1 %2]").arg(index.data().toString(), index.data(RunGroups::CountRole).toString()));
            else
                lines.append(index.data().toString());
        }
        QCOMPARE(lines.join(text("|")),
                 text("[Running 1]|gradual thaw, seed 8|[Queue 2]|gradual thaw, seed 9|gradual thaw, seed 10|[Finished "
                      "5]|gradual thaw|"
                      "last 3 stages|head only|train everything|squeezenet head|[Failed 1]|resnet50, batch 64"));
        groups.setFilter(text("thaw seed"));
        QCOMPARE(groups.rowCount(), 5);
        groups.setFilter(text("THAW Seed"));
        QCOMPARE(groups.rowCount(), 5);
        // A run that ends moves to another group.
        groups.setFilter({});
        runs->item(0)->setData(static_cast<int>(RunListState::Finished), RunStateRole);
        QCOMPARE(groups.index(0).data().toString(), text("Queue"));
    }
    void progressOfARunDoesNotRebuildTheList() {
        const auto runs = fake::runs(true);
        RunGroups groups;
        groups.setRuns(runs.get());
        QSignalSpy rebuilt(&groups, &RunGroups::rebuilt);
        QSignalSpy changed(&groups, &QAbstractItemModel::dataChanged);
        runs->item(0)->setData(text("Epoch 42 of 60"), RunLineRole);
        QCOMPARE(rebuilt.count(), 0);
        QCOMPARE(changed.count(), 1);
    }
    void tickingARunAsksForItAndSelectingTellsOnce() {
        const auto runs = fake::runs(false);
        RunListView view;
        view.setModel(runs.get());
        view.resize(240, 700);
        open(view);
        QSignalSpy ticks(&view, &RunListView::tickRequested);
        QSignalSpy chosen(&view, &RunListView::currentChanged);
        const QRect row = view.list()->visualRect(view.list()->model()->index(1, 0));
        QTest::mouseClick(view.list()->viewport(), Qt::LeftButton, {}, RunDelegate::tickRect(row).center());
        QCOMPARE(ticks.takeFirst(), (QVariantList{text("r1"), false}));
        QCOMPARE(chosen.count(), 0);
        QTest::mouseClick(view.list()->viewport(), Qt::LeftButton, {}, row.center());
        QCOMPARE(chosen.takeFirst().at(0).toString(), text("r1"));
        view.setCurrent(text("r2"));
        QCOMPARE(chosen.count(), 0);
        QCOMPARE(view.current(), text("r2"));
    }
    void modesFollowTheKeys() {
        MainFrame frame;
        open(frame);
        QSignalSpy spy(&frame, &MainFrame::modeChanged);
        QTest::keyClick(&frame, Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(frame.mode(), Mode::Live);
        QTest::keyClick(&frame, Qt::Key_3, Qt::ControlModifier);
        QCOMPARE(frame.mode(), Mode::Compare);
        QVERIFY(!frame.runList().isVisible()); // the table replaces it
        QTest::keyClick(&frame, Qt::Key_1, Qt::ControlModifier);
        QVERIFY(frame.runList().isVisible());
        QCOMPARE(spy.count(), 3);
    }
    void narrowWindowsShowTheRunsAsAnOverlay() {
        MainFrame frame;
        frame.resize(1280, 800);
        open(frame);
        QVERIFY(!frame.runList().isVisible());
        QTest::keyClick(&frame, Qt::Key_B, Qt::ControlModifier);
        QVERIFY(frame.runList().isVisible());
        QTest::keyClick(&frame, Qt::Key_B, Qt::ControlModifier);
        QVERIFY(!frame.runList().isVisible());
        frame.resize(1440, 900);
        QVERIFY(frame.runList().isVisible());
    }
    void trainAndStopHaveKeys() {
        MainFrame frame;
        open(frame);
        QSignalSpy train(&frame, &MainFrame::trainRequested);
        QSignalSpy stop(&frame, &MainFrame::stopRequested);
        QSignalSpy freeze(&frame, &MainFrame::freezeViewRequested);
        QTest::keyClick(&frame, Qt::Key_Return, Qt::ControlModifier);
        QTest::keyClick(&frame, Qt::Key_Period, Qt::ControlModifier);
        QTest::keyClick(&frame, Qt::Key_Space, Qt::ControlModifier);
        QCOMPARE(train.count(), 1);
        QCOMPARE(stop.count(), 1);
        QCOMPARE(freeze.count(), 1);
    }
    void theLayoutIsKept() {
        QByteArray layout;
        {
            MainFrame frame;
            open(frame);
            frame.setMode(Mode::Compare);
            layout = frame.saveLayout();
        }
        MainFrame frame;
        frame.restoreLayout(layout);
        QCOMPARE(frame.mode(), Mode::Compare);
        frame.restoreLayout(QByteArrayLiteral("nonsense"));
        QCOMPARE(frame.mode(), Mode::Compare);
    }
    void everyIconOnlyButtonHasATooltipAndAName() {
        MainFrame frame;
        frame.setPage(Mode::Live, new LivePage);
        frame.setPage(Mode::Compare, new ComparePage);
        for (const auto* button : frame.findChildren<QAbstractButton*>()) {
            const bool named =
                !button->text().isEmpty() || !button->accessibleName().isEmpty() || button->isHidden(); // no words yet
            const QByteArray kind = button->metaObject()->className();
            const bool ours = kind != "QLineEditIconButton" && kind != "QTableCornerButton";
            QVERIFY2(named || !ours, button->metaObject()->className());
            if (qobject_cast<const IconButton*>(button))
                QVERIFY(!button->toolTip().isEmpty());
        }
    }
    void thePaletteFiltersByEveryWordAndReturnRuns() {
        QWidget window;
        open(window);
        auto* palette = new CommandPalette({{text("a"), text("Learning rate"), text("Setting · Recipe"), {}, {}, true},
                                            {text("b"), text("Train"), text("Command"), text("Ctrl Return"), {}, true},
                                            {text("c"), text("gradual thaw"), text("Run · 96.1 %"), {}, {}, true}},
                                           &window);
        QSignalSpy chosen(palette, &CommandPalette::chosen);
        palette->openOver(QRect(0, 0, 300, 28));
        auto* field = palette->findChild<QLineEdit*>();
        QTest::keyClicks(field, text("run thaw"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.takeFirst().at(0).toString(), text("c"));
    }
    void aFrozenViewTakesTheDataLater() {
        LivePage page;
        page.setHeader(fake::header(true));
        page.setCurves(fake::curves(100));
        page.setViewFrozen(true);
        page.setCurves(fake::curves(656));
        QVERIFY(page.viewFrozen());
        page.setViewFrozen(false);
        auto other = fake::header(true);
        other.id = text("other");
        page.setViewFrozen(true);
        page.setHeader(other); // another run is not frozen
        QVERIFY(!page.viewFrozen());
    }
    void livePutsUpWithEveryWindowSize() {
        MainFrame frame;
        auto* page = new LivePage;
        frame.setPage(Mode::Live, page);
        page->setHeader(fake::header(true));
        LiveMistakes mistakes{.epoch = 41, .wrong = 1, .validated = 153};
        mistakes.pictures = {{text("a"), fake::picture(1), text("ant"), text("bee"), 0.9, {}, {}}};
        page->setMistakes(mistakes);
        frame.setMode(Mode::Live);
        open(frame);
        for (const QSize size :
             {QSize(1280, 800), QSize(1024, 680), QSize(1920, 1080), QSize(1100, 700), QSize(1440, 900)}) {
            frame.resize(size);
            QTest::qWait(20);
            QCOMPARE(frame.size(), size);
        }
    }
    void f6GoesThroughThePartsOfTheWindow() {
        MainFrame frame;
        auto* content = new QWidget;
        auto* field = new QLineEdit(content);
        auto* panel = new QWidget;
        auto* note = new QLineEdit(panel);
        frame.setPage(Mode::Setup, new PageLayout(content, panel, nullptr, metric::kPanelWidth));
        frame.resize(1440, 900);
        open(frame);
        QTest::mouseClick(field, Qt::LeftButton);
        QVERIFY(!keyboardFocusVisible());
        QTest::keyClick(&frame, Qt::Key_F6);
        QCOMPARE(frame.focusWidget(), note);
        QVERIFY(keyboardFocusVisible()); // a shortcut is a key too
        QTest::keyClick(&frame, Qt::Key_F6);
        QVERIFY(frame.topBar().isAncestorOf(frame.focusWidget()));
        QTest::keyClick(&frame, Qt::Key_F6);
        QVERIFY(frame.modeBar().isAncestorOf(frame.focusWidget()));
        QTest::keyClick(&frame, Qt::Key_F6);
        QVERIFY(frame.runList().isAncestorOf(frame.focusWidget()));
        QTest::keyClick(&frame, Qt::Key_F6);
        QCOMPARE(frame.focusWidget(), field);
    }
    void everyInputOfLiveAndCompareSaysWhatItIsFor() {
        const LivePage live;
        const ComparePage compare;
        for (const QWidget* page : {static_cast<const QWidget*>(&live), static_cast<const QWidget*>(&compare)})
            for (auto* widget : page->findChildren<QWidget*>())
                if (qobject_cast<QLineEdit*>(widget) || qobject_cast<QComboBox*>(widget) ||
                    qobject_cast<QSlider*>(widget) || qobject_cast<QPlainTextEdit*>(widget))
                    QVERIFY2(!widget->toolTip().isEmpty(), qPrintable(widget->accessibleName()));
    }
    void buttonsOfLiveFollowTheState() {
        LivePage page;
        page.resize(1300, 800);
        page.setHeader(fake::header(true));
        open(page);
        const auto shown = [&](const char* words) {
            for (const auto* button : page.findChildren<Button*>())
                if (button->text() == text(words) && button->isVisible())
                    return true;
            return false;
        };
        QVERIFY(shown("Pause"));
        QVERIFY(shown("Stop…"));
        QVERIFY(!shown("Resume"));
        auto header = fake::header(true);
        header.state = RunListState::Stopped;
        header.canResume = true;
        page.setHeader(header);
        QVERIFY(shown("Resume"));
        QVERIFY(!shown("Pause"));
        page.resize(1050, 700); // too narrow for the panel
        QTRY_VERIFY(shown("Resume"));
        page.resize(1300, 800);
        QTRY_VERIFY(shown("Resume"));
        page.setHeader(fake::header(false));
        QVERIFY(shown("Train longer…"));
        page.showEmpty();
        QVERIFY(shown("Go to Setup"));
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestFrame test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_frame.moc"
