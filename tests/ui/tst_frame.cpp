#include "tests/ui/fakedata.h"
#include "ui/compare/comparepage.h"
#include "ui/controls/button.h"
#include "ui/frame/commandpalette.h"
#include "ui/frame/mainframe.h"
#include "ui/frame/pagelayout.h"
#include "ui/frame/rundelegate.h"
#include "ui/frame/rungroups.h"
#include "ui/frame/runmenu.h"
#include "ui/live/livepage.h"
#include "ui/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QScreen>
#include <QScrollArea>
#include <QSignalSpy>
#include <QSlider>
#include <QStandardItemModel>
#include <QTest>
#include <QVBoxLayout>

#include <algorithm>

using namespace ui;

class TestFrame : public QObject {
    Q_OBJECT
    static inline bool m_small = false; // as the test has made it
    static QString text(const char* words) { return QString::fromUtf8(words); }
    static void addPage(MainFrame& frame, const char* key, QWidget* page) {
        frame.addPage({text(key), text(key), text("activity"), QKeySequence()}, page);
    }
    static void addPages(MainFrame& frame) {
        const auto keys = [](Qt::Key key) { return QKeySequence(Qt::CTRL | key); };
        frame.addPage({text("setup"), text("Setup"), text("activity"), keys(Qt::Key_1)}, new QWidget);
        frame.addPage({text("live"), text("Live"), text("activity"), keys(Qt::Key_2)}, new QWidget);
        frame.addPage({text("compare"), text("Compare"), text("activity"), keys(Qt::Key_3), RunListPlace::InPage},
                      new QWidget);
    }
    static void openSmall(QWidget& window) {
        m_small = true;
        open(window);
        m_small = false;
    }
    static void open(QWidget& window) {
        if (auto* frame = qobject_cast<MainFrame*>(&window); frame && frame->width() < 1440 && !m_small)
            frame->resize(1440, 900); // the screen of the tests is smaller
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
    }

private Q_SLOTS:
    void manyGpusAreOneDeviceOfTheStripAndTheProcessorAnother() {
        DeviceStrip strip;
        StripReading reading;
        reading.devices.append({.name = text("EPYC"), .id = text("cpu")}); // as the engine lists it
        for (int i = 0; i < 4; ++i)
            reading.devices.append({.name = text("H200"), .id = text("cuda:%1").arg(i)});
        reading.queue = text("Queue is empty");
        strip.setReading(reading);
        QCOMPARE(strip.accessibleDescription(), text("4 × H200, EPYC, Queue is empty"));
        reading.devices.resize(3);
        strip.setReading(reading);
        QCOMPARE(strip.accessibleDescription(), text("EPYC, H200, H200, Queue is empty"));
    }
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
    void pagesFollowTheKeys() {
        MainFrame frame;
        addPages(frame);
        open(frame);
        QSignalSpy spy(&frame, &MainFrame::pageShown);
        QTest::keyClick(&frame, Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(frame.page(), text("live"));
        QTest::keyClick(&frame, Qt::Key_3, Qt::ControlModifier);
        QCOMPARE(frame.page(), text("compare"));
        QVERIFY(!frame.runList().isVisible()); // the table replaces it
        QTest::keyClick(&frame, Qt::Key_1, Qt::ControlModifier);
        QVERIFY(frame.runList().isVisible());
        QCOMPARE(spy.count(), 3);
    }
    void aPageMoreHasItsButtonAndItsKey() {
        MainFrame frame;
        addPages(frame);
        frame.addPage({text("report"), text("Report"), text("file-text"), QKeySequence(Qt::CTRL | Qt::Key_5)},
                      new QWidget);
        open(frame);
        QTest::keyClick(&frame, Qt::Key_5, Qt::ControlModifier);
        QCOMPARE(frame.page(), text("report"));
        QAbstractButton* button = nullptr;
        for (auto* one : frame.modeBar().findChildren<QAbstractButton*>())
            if (one->text() == text("Report"))
                button = one;
        QVERIFY(button && button->isChecked());
        QCOMPARE(button->toolTip(), text("Report (Ctrl 5)"));
    }
    void theWindowIsNeverLargerThanTheScreen() {
        MainFrame frame;
        const QSize room = frame.screen()->availableSize();
        if (room.width() >= 1440)
            QSKIP("This screen is larger than the usual window.");
        QVERIFY(frame.width() <= room.width() && frame.height() <= room.height());
        frame.show();
        QVERIFY(QTest::qWaitForWindowExposed(&frame));
        QTRY_VERIFY(frame.frameGeometry().width() <= room.width() && frame.frameGeometry().height() <= room.height());
    }
    void whereTheRunsAreHiddenAButtonBringsThem() {
        MainFrame frame;
        addPages(frame);
        frame.resize(1280, 800);
        openSmall(frame);
        auto* button = frame.findChild<QAbstractButton*>(text("runsButton"));
        QVERIFY(button && button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(frame.runList().isVisible());
        frame.showPage(text("compare"));
        QVERIFY(!button->isVisible()); // its table is the list
        frame.showPage(text("setup"));
        frame.resize(1440, 900);
        QVERIFY(!button->isVisible()); // they stand beside the page
    }
    void theFocusStaysInThePage() {
        MainFrame frame;
        auto* page = new QWidget;
        auto* box = new QVBoxLayout(page);
        auto* field = new QLineEdit;
        auto* button = new Button(text("Train"));
        box->addWidget(field);
        box->addWidget(button);
        frame.addPage({text("setup"), text("Setup"), text("activity"), QKeySequence(Qt::CTRL | Qt::Key_1)}, page);
        frame.addPage({text("live"), text("Live"), text("activity"), QKeySequence(Qt::CTRL | Qt::Key_2)}, new QWidget);
        open(frame);
        const auto inBars = [&frame] {
            return frame.topBar().isAncestorOf(frame.focusWidget()) ||
                   frame.modeBar().isAncestorOf(frame.focusWidget());
        };
        QVERIFY(frame.focusWidget() && !inBars()); // nothing was chosen yet
        button->setFocus(Qt::TabFocusReason);
        QTest::keyClick(&frame, Qt::Key_2, Qt::ControlModifier);
        QVERIFY(frame.focusWidget() && !inBars());
        QTest::keyClick(&frame, Qt::Key_1, Qt::ControlModifier);
        QCOMPARE(frame.focusWidget(), button); // as it was left
        button->setEnabled(false);             // a run begins
        QVERIFY(frame.focusWidget() && !inBars());
        field->setFocus(Qt::TabFocusReason);
        QTest::keyClick(&frame, Qt::Key_2, Qt::ControlModifier);
        QTest::keyClick(&frame, Qt::Key_1, Qt::ControlModifier);
        QVERIFY(frame.focusWidget() != field); // "?" would be typed into it
    }
    void noToastCoversThePanelOfAPage() {
        MainFrame frame;
        frame.addPage({text("setup"), text("Setup"), text("activity"), QKeySequence(Qt::CTRL | Qt::Key_1)},
                      new PageLayout(new QWidget, new QWidget, new Button(text("Train")), metric::kPanelWidth));
        open(frame);
        const auto* panel = frame.findChild<QWidget*>(text("panelSide"));
        QTRY_VERIFY(panel && panel->isVisible());
        frame.toasts().show({.tone = Tone::Danger, .title = text("failed"), .detail = text("for a reason")});
        QWidget* toast = nullptr;
        for (auto* child : frame.findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
            if (child->accessibleName() == text("failed"))
                toast = child;
        QVERIFY(toast);
        const auto covers = [&] {
            return QRect(panel->mapTo(&frame, QPoint()), panel->size()).intersects(toast->geometry());
        };
        QVERIFY(!covers());
        frame.resize(1300, 800);
        QTRY_VERIFY(!covers());
    }
    void equalToastsAreOne() {
        MainFrame frame;
        for (int i = 0; i < 3; ++i)
            frame.toasts().show({.tone = Tone::Muted, .title = text("a is in the queue")});
        QCOMPARE(frame.toasts().count(), 1);
        frame.toasts().show({.tone = Tone::Muted, .title = text("b is in the queue")});
        QCOMPARE(frame.toasts().count(), 2);
    }
    void theSheetOfKeysFitsTheWindow() {
        for (const QSize size : {QSize(1024, 700), QSize(1366, 768), QSize(1440, 900)}) {
            MainFrame frame;
            addPages(frame);
            frame.setMoreShortcuts({{text("Experiment"), text("Ctrl Shift Z"), text("Redo")},
                                    {text("Experiment"), text("Ctrl O"), text("Open experiment")}});
            frame.resize(size);
            openSmall(frame);
            QTest::keyClick(frame.focusWidget(), Qt::Key_Question);
            auto* sheet = frame.findChild<ShortcutSheet*>();
            QVERIFY(sheet);
            QVERIFY(sheet->width() < size.width() && sheet->height() < size.height());
            for (const auto* label : sheet->findChildren<QLabel*>()) // no word is cut
                QVERIFY(label->width() >= label->sizeHint().width());
        }
    }
    void theQueueStandsInTheOrderInWhichItStarts() {
        const auto runs = fake::runs(true); // the queued ones are rows 1 and 2
        runs->item(1)->setData(1, RunPlaceRole);
        runs->item(2)->setData(0, RunPlaceRole);
        RunGroups groups;
        groups.setRuns(runs.get());
        QStringList names;
        for (int i = 0; i < groups.rowCount(); ++i)
            if (groups.groupAt(groups.index(i)) == RunGroups::Queue)
                names.append(groups.index(i).data().toString());
        QCOMPARE(names, (QStringList{text("Queue"), text("gradual thaw, seed 10"), text("gradual thaw, seed 9")}));
    }
    void aQueueThatStandsIsStartedAtItsHeading() {
        const auto runs = fake::runs(true);
        RunListView view;
        view.setModel(runs.get());
        view.resize(240, 700);
        open(view);
        QSignalSpy asked(&view, &RunListView::actionRequested);
        const auto heading = [&view] {
            for (int i = 0; i < view.list()->model()->rowCount(); ++i)
                if (view.list()->model()->index(i, 0).data().toString() == text("Queue"))
                    return view.list()->model()->index(i, 0);
            return QModelIndex();
        };
        QVERIFY(RunDelegate::actionRect(view.list()->visualRect(heading()), heading()).isEmpty());
        for (const int row : {1, 2})
            runs->item(row)->setData(true, RunQueueStandsRole);
        const QRect words = RunDelegate::actionRect(view.list()->visualRect(heading()), heading());
        QVERIFY(!words.isEmpty());
        QTest::mouseClick(view.list()->viewport(), Qt::LeftButton, {}, words.center());
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked.first().at(0).value<RunAction>(), RunAction::StartQueue);
    }
    void whatWasNotFinishedIsNoFinishedRun() {
        QCOMPARE(RunGroups::groupOf(RunListState::Finished), RunGroups::Finished);
        for (const auto state : {RunListState::Stopped, RunListState::Interrupted, RunListState::NotStarted})
            QCOMPARE(RunGroups::groupOf(state), RunGroups::Stopped);
    }
    void theArchiveOpensWithAClickOrASearch() {
        const auto runs = fake::runs(false);
        runs->item(0)->setData(true, RunArchivedRole);
        RunGroups groups;
        groups.setRuns(runs.get());
        const QString id = runs->item(0)->data(RunIdRole).toString();
        QVERIFY(!groups.indexOf(id).isValid());
        QCOMPARE(groups.index(groups.rowCount() - 1).data().toString(), text("Archive"));
        groups.setArchiveOpen(true);
        QVERIFY(groups.indexOf(id).isValid());
        groups.setArchiveOpen(false);
        groups.setFilter(runs->item(0)->text());
        QVERIFY(groups.indexOf(id).isValid());
    }
    void f2RenamesARun() {
        const auto runs = fake::runs(false);
        RunListView view;
        view.setModel(runs.get());
        view.resize(240, 700);
        open(view);
        view.setCurrent(text("r1"));
        view.list()->setFocus();
        QSignalSpy renamed(&view, &RunListView::renamed);
        QTest::keyClick(view.list(), Qt::Key_F2);
        auto* editor = view.list()->viewport()->findChild<QLineEdit*>();
        QVERIFY(editor);
        editor->setText(text("short warm-up"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(renamed.count(), 1);
        QCOMPARE(renamed.first(), (QVariantList{text("r1"), text("short warm-up")}));
    }
    void theMenuOffersWhatTheStateAllows() {
        const auto runs = fake::runs(true);
        const auto offered = [&](int row) {
            QMenu menu;
            fillRunMenu(menu, runs->index(row, 0), {text("x")});
            QStringList words;
            for (const auto* action : menu.actions())
                if (!action->isSeparator())
                    words.append(action->text());
            return words;
        };
        QVERIFY(offered(1).contains(text("Take out of the queue"))); // it waits
        QVERIFY(!offered(0).contains(text("Take out of the queue")));
        runs->item(3)->setData(static_cast<int>(RunListState::Finished), RunStateRole);
        runs->item(3)->setData(true, RunTriedRole);
        QVERIFY(offered(3).contains(text("Train longer…")));
        QVERIFY(offered(3).contains(text("Try")));
        QVERIFY(!offered(3).contains(text("Resume")));
        runs->item(3)->setData(static_cast<int>(RunListState::Interrupted), RunStateRole);
        QVERIFY(offered(3).contains(text("Resume")));
    }
    void narrowWindowsShowTheRunsAsAnOverlay() {
        MainFrame frame;
        addPages(frame);
        frame.resize(1280, 800);
        openSmall(frame);
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
            addPages(frame);
            open(frame);
            frame.showPage(text("compare"));
            layout = frame.saveLayout();
        }
        MainFrame frame;
        addPages(frame);
        frame.restoreLayout(layout);
        QCOMPARE(frame.page(), text("compare"));
        frame.restoreLayout(QByteArrayLiteral("nonsense"));
        QCOMPARE(frame.page(), text("compare"));
    }
    void everyIconOnlyButtonHasATooltipAndAName() {
        MainFrame frame;
        addPage(frame, "live", new LivePage);
        addPage(frame, "compare", new ComparePage);
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
        addPage(frame, "live", page);
        page->setHeader(fake::header(true));
        LiveMistakes mistakes{.epoch = 41, .wrong = 1, .validated = 153};
        mistakes.pictures = {{text("a"), fake::picture(1), text("ant"), text("bee"), 0.9, {}, {}}};
        page->setMistakes(mistakes);
        open(frame);
        for (const QSize size :
             {QSize(1280, 800), QSize(1024, 680), QSize(1920, 1080), QSize(1100, 700), QSize(1440, 900)}) {
            frame.resize(size);
            QTest::qWait(20);
            QCOMPARE(frame.size(), size);
        }
    }
    void inALowWindowAPanelsWordsAreWhole() {
        MainFrame frame;
        auto* panel = new QWidget;
        auto* box = panelBox(panel);
        QList<QLabel*> labels;
        for (int i = 0; i < 12; ++i) {
            auto* row = new QWidget; // as a check stands beside its button
            auto* beside = new QHBoxLayout(row);
            labels.append(new QLabel(text("Pretrained blocks usually train at a learning rate of 1e-4 or less.")));
            labels.last()->setWordWrap(true);
            beside->addWidget(labels.last(), 1);
            beside->addWidget(new Button(text("Use 1e-4")));
            box->addWidget(row);
        }
        addPage(frame, "setup", new PageLayout(new QWidget, panel, nullptr, metric::kPanelWidth));
        frame.resize(1366, 700);
        open(frame);
        const auto whole = [&labels] {
            return std::all_of(labels.begin(), labels.end(), [](const QLabel* label) {
                return label->height() >= label->heightForWidth(label->width());
            });
        };
        QTRY_VERIFY(whole());
        labels.first()->setText(labels.first()->text().repeated(3));
        QTRY_VERIFY(whole());
        for (auto* label : labels.mid(2))
            label->parentWidget()->hide();
        QTRY_VERIFY(panel->height() <= panel->parentWidget()->height()); // and no room that nobody needs
    }
    void whatThePanelHoldsIsOneClickAwayInASmallWindow() {
        MainFrame frame;
        auto* content = new QWidget;
        auto* panel = new QWidget;
        auto* note = new QLineEdit(panel);
        auto* layout = new PageLayout(content, panel, nullptr, metric::kPanelWidth);
        auto* button = layout->panelButton(text("This run"));
        (new QHBoxLayout(content))->addWidget(button);
        addPage(frame, "setup", layout);
        frame.resize(1024, 700);
        openSmall(frame);
        QTRY_VERIFY(button->isVisible());
        QVERIFY(!note->isVisible());
        QTRY_COMPARE(layout->contentArea()->width(), layout->width());
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(note->isVisible());
        QCOMPARE(layout->contentArea()->width(), layout->width()); // it lies over the content
        const auto* side = frame.findChild<QWidget*>(text("panelSide"));
        QCOMPARE(side->geometry().right(), layout->rect().right());
        QTest::keyClick(frame.focusWidget(), Qt::Key_Escape);
        QTRY_VERIFY(!note->isVisible());
        QVERIFY(!button->isChecked());
        QTest::mouseClick(button, Qt::LeftButton);
        note->setFocus();
        note->setEnabled(false); // as a remedy that is gone with what it mended
        QTest::keyClick(&frame, Qt::Key_Escape);
        QTRY_VERIFY(!note->isVisible());
        note->setEnabled(true);
        QTest::mouseClick(button, Qt::LeftButton);
        QTest::mouseClick(frame.findChild<QAbstractButton*>(text("closePanel")), Qt::LeftButton);
        QTRY_VERIFY(!note->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        frame.resize(1440, 900); // beside the content again
        QTRY_VERIFY(!button->isVisible() && note->isVisible());
        QTRY_VERIFY(layout->contentArea()->width() + side->width() <= layout->width());
        frame.resize(1024, 700);
        QTRY_VERIFY(button->isVisible() && !note->isVisible());
    }
    void f6GoesThroughThePartsOfTheWindow() {
        MainFrame frame;
        auto* content = new QWidget;
        auto* field = new QLineEdit(content);
        auto* panel = new QWidget;
        auto* note = new QLineEdit(panel);
        addPage(frame, "setup", new PageLayout(content, panel, nullptr, metric::kPanelWidth));
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
        QVERIFY(shown("Use its settings"));
        header = fake::header(false);
        header.hasSettings = false; // of a run that other programs wrote
        page.setHeader(header);
        QVERIFY(!shown("Use its settings"));
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
