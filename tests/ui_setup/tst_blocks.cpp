#include "tests/ui/fakesetup.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/setup/blockmodel.h"
#include "ui/setup/blocktree.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

using namespace ui;

class TestBlocks : public QObject {
    Q_OBJECT
    static QString text(const char* words) { return QString::fromUtf8(words); }
    template <typename Widget>
    Widget* find(const char* name) const {
        return m_page->findChild<Widget*>(text(name));
    }
    [[nodiscard]] QModelIndex block(const char* name) const {
        const auto found = m_tree->model()->match(m_tree->model()->index(0, 0), BlockModel::NameRole, text(name), 1,
                                                  Qt::MatchExactly | Qt::MatchRecursive);
        return found.value(0);
    }
    void click(const char* name, int x, Qt::KeyboardModifiers keys = {}) {
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        const QRect box = m_tree->visualRect(block(name));
        QTest::mouseClick(m_tree->viewport(), Qt::LeftButton, keys, QPoint(box.left() + x, box.center().y()));
    }
    [[nodiscard]] QStringList toggled() const { return m_toggles->last().at(0).toStringList(); }
    [[nodiscard]] bool trains() const { return m_toggles->last().at(1).toBool(); }
    static constexpr int kLock = 8;
    static constexpr int kName = 50;
    std::unique_ptr<SetupPage> m_page;
    std::unique_ptr<QSignalSpy> m_toggles;
    BlockTree* m_tree = nullptr;

private Q_SLOTS:
    void init() {
        m_page = std::make_unique<SetupPage>();
        fake::fillSetup(*m_page);
        m_page->resize(1100, 900);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_tree = find<BlockTree>("blocks");
        QVERIFY(!m_tree->isVisible());
        QTest::mouseClick(find<QAbstractButton>("blocksButton"), Qt::LeftButton);
        QTRY_VERIFY(m_tree->viewport()->height() > 200);
        m_toggles = std::make_unique<QSignalSpy>(m_page.get(), &SetupPage::blocksToggled);
    }
    void cleanup() {
        m_toggles.reset();
        m_page.reset();
    }

    void theTreeIsAModelWhoseParentsFollowTheirParts() {
        BlockModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setBlocks(fake::blocks());
        const auto state = [&](int row) { return model.index(row, 0).data(BlockModel::TrainedRole).toInt(); };
        QCOMPARE(state(0), int(Qt::Unchecked));
        QCOMPARE(state(5), int(Qt::PartiallyChecked));
        QCOMPARE(state(6), int(Qt::Checked));
        QCOMPARE(model.index(5, BlockModel::State).data().toString(), text("Partly trained"));
        QCOMPARE(model.index(7, BlockModel::State).data().toString(), text("Epoch 11"));
        QCOMPARE(model.index(2, 0, model.index(6, 0)).data().toString(), text("5.2"));
    }
    void newStatesKeepIndexesOpenBranchesAndTheSelection() {
        m_tree->expand(block("blocks.5"));
        click("blocks.5.1", kName);
        const QPersistentModelIndex kept = block("blocks.5.1");
        auto blocks = fake::blocks();
        for (auto& part : blocks[6].children)
            part.trained = false;
        m_page->setBlocks(blocks);
        QVERIFY(kept.isValid());
        QVERIFY(m_tree->isExpanded(block("blocks.5")));
        QVERIFY(m_tree->selectionModel()->isSelected(kept));
        QCOMPARE(block("blocks.5").data(BlockModel::TrainedRole).toInt(), int(Qt::Unchecked));

        blocks.removeAt(1); // another backbone with some of the names
        m_page->setBlocks(blocks);
        QVERIFY(m_tree->isExpanded(block("blocks.5")));
        QVERIFY(m_tree->selectionModel()->isSelected(block("blocks.5.1")));
    }
    void aClickOnALockTurnsItsBlock() {
        click("blocks.2", kLock);
        QCOMPARE(toggled(), QStringList{text("blocks.2")});
        QVERIFY(trains());
        click("classifier", kLock);
        QVERIFY(!trains());
        click("blocks.4", kLock); // partly trained: the rest follows
        QVERIFY(trains());
    }
    void aClickOnANameOnlySelects() {
        click("blocks.2", kName);
        QCOMPARE(m_toggles->count(), 0);
        QVERIFY(m_tree->selectionModel()->isSelected(block("blocks.2")));
    }
    void spaceTurnsARangeExtendedWithShift() {
        click("blocks.1", kName);
        click("blocks.3", kName, Qt::ShiftModifier);
        QTest::keyClick(m_tree, Qt::Key_Space);
        QCOMPARE(m_toggles->count(), 1);
        QCOMPARE(toggled(), QStringList({text("blocks.1"), text("blocks.2"), text("blocks.3")}));
        QVERIFY(trains());
    }
    void partsOfASelectedBlockAreNotToldTwice() {
        m_tree->expand(block("blocks.1"));
        click("blocks.1", kName);
        click("blocks.2", kName, Qt::ShiftModifier);
        QTest::keyClick(m_tree, Qt::Key_Space);
        QCOMPARE(toggled(), QStringList({text("blocks.1"), text("blocks.2")}));
    }
    void aPatternFindsBlocksAndTheButtonsTurnThem() {
        auto* search = find<QLineEdit>("blockSearch");
        search->setFocus();
        QTest::keyClicks(search, text("blocks.5.*"));
        QCOMPARE(m_tree->model()->rowCount(), 1);
        QTest::mouseClick(find<QAbstractButton>("freezeBlocks"), Qt::LeftButton);
        QCOMPARE(toggled(),
                 QStringList({text("blocks.5.0"), text("blocks.5.1"), text("blocks.5.2"), text("blocks.5.3")}));
        QVERIFY(!trains());
        search->clear();
        QTest::keyClicks(search, text("nothing of that name"));
        QCOMPARE(m_tree->model()->rowCount(), 0);
        QCOMPARE(search->property("problem").toString(), text("error"));
        search->clear();
        QCOMPARE(m_tree->model()->rowCount(), 10);
    }
    void presetsAreSegments() {
        QSignalSpy edits(m_page.get(), &SetupPage::valueEdited);
        auto* presets = find<SegmentedControl>("presets");
        auto* stages = find<QSpinBox>("stages");
        QCOMPARE(presets->current(), 2);
        QCOMPARE(stages->value(), 3);
        const QStringList expected{text("none"), text("head-only"), text("last-stages:3"), text("by-hand")};
        for (int i = 0; i < expected.size(); ++i) {
            QTest::mouseClick(presets, Qt::LeftButton, {}, presets->segmentRect(i).center());
            QCOMPARE(edits.last().at(0).toString(), text("freeze.preset"));
            QCOMPARE(edits.last().at(1).toString(), expected.at(i));
            QCOMPARE(stages->isVisible(), i == 2);
        }
        m_page->setValue(text("freeze.preset"), text("last-stages:2"));
        stages->setFocus();
        QTest::keyClick(stages, Qt::Key_Up);
        QCOMPARE(edits.last().at(1).toString(), text("last-stages:3"));
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestBlocks test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_blocks.moc"
