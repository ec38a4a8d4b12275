#include "tests/ui/fakesetup.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/setup/blockmodel.h"
#include "ui/setup/blocktree.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QLabel>
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
    [[nodiscard]] QStringList shownWords() const {
        QStringList words;
        for (const auto* label : m_page->findChildren<QLabel*>())
            if (label->isVisible())
                words.append(label->text());
        return words;
    }
    static constexpr int kLock = 8;
    static constexpr int kName = 50;
    std::unique_ptr<SetupPage> m_page;
    std::unique_ptr<QSignalSpy> m_toggles;
    BlockTree* m_tree = nullptr;

private Q_SLOTS:
    void init() {
        m_page = std::make_unique<SetupPage>();
        fake::fillSetup(*m_page);
        m_page->setBlocks(fake::partlyTrainedBlocks());
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
        model.setBlocks(fake::partlyTrainedBlocks());
        const auto state = [&](int row) { return model.index(row, 0).data(BlockModel::TrainedRole).toInt(); };
        QCOMPARE(state(0), int(Qt::Unchecked));
        QCOMPARE(state(5), int(Qt::PartiallyChecked));
        QCOMPARE(state(6), int(Qt::Checked));
        QCOMPARE(model.index(5, BlockModel::Thaws).data().toString(), text("Parts, epoch 31"));
        QCOMPARE(model.index(7, BlockModel::Thaws).data().toString(), text("Epoch 11"));
        QCOMPARE(model.index(6, 0).data(BlockModel::FactorRole).toString(), text("× 0.25"));
        QVERIFY(model.index(0, 0).data(BlockModel::FactorRole).toString().isEmpty());
        QCOMPARE(model.index(2, 0, model.index(6, 0)).data().toString(), text("5.2"));
    }
    void whatHasNoParametersIsNeitherFrozenNorTrained() {
        auto blocks = fake::blocks();
        blocks[6].children[1].parameters = 0; // an activation
        blocks[6].children[1].trained = false;
        blocks[2].children[0].partly = true; // its biases
        BlockModel model;
        model.setBlocks(blocks);
        QCOMPARE(model.index(6, 0).data(BlockModel::TrainedRole).toInt(), int(Qt::Checked));
        const QModelIndex activation = model.index(1, 0, model.index(6, 0));
        QVERIFY(!activation.data(BlockModel::LockableRole).toBool());
        QCOMPARE(activation.siblingAtColumn(BlockModel::Thaws).data().toString(), text("–"));
        QCOMPARE(model.index(2, 0).data(BlockModel::TrainedRole).toInt(), int(Qt::PartiallyChecked));
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
    void aPatternMarksBlocksEnterSelectsThemAndTheButtonsTurnThem() {
        auto* search = find<QLineEdit>("blockSearch");
        const auto matched = [this](const char* name) { return block(name).data(BlockModel::MatchedRole).toBool(); };
        search->setFocus();
        QTest::keyClicks(search, text("blocks.5.*"));
        QCOMPARE(m_tree->model()->rowCount(), 10); // nothing is hidden
        QVERIFY(matched("blocks.5.2") && !matched("blocks.5") && !matched("blocks.4"));
        QVERIFY(m_tree->isExpanded(block("blocks.5")));
        QVERIFY(shownWords().contains(text("4 blocks match. Enter selects them.")));
        QVERIFY(!m_tree->selectionModel()->hasSelection());
        QTest::mouseClick(find<QAbstractButton>("freezeBlocks"), Qt::LeftButton);
        const QStringList parts{text("blocks.5.0"), text("blocks.5.1"), text("blocks.5.2"), text("blocks.5.3")};
        QCOMPARE(toggled(), parts);
        QVERIFY(!trains());
        QTest::keyClick(search, Qt::Key_Return);
        QCOMPARE(m_tree->selectionModel()->selectedRows().size(), 4);
        QTest::mouseClick(find<QAbstractButton>("trainBlocks"), Qt::LeftButton);
        QCOMPARE(toggled(), parts);
        QVERIFY(trains());
        search->clear();
        QVERIFY(!m_tree->isExpanded(block("blocks.5"))); // was opened for what was looked for
    }
    void aPatternThatFindsNothingSaysWhatThereIs() {
        auto* search = find<QLineEdit>("blockSearch");
        search->setText(text("blocks.9*"));
        QCOMPARE(search->property("problem").toString(), text("error"));
        QVERIFY(shownWords().contains(text("No block has this name. conv_stem to classifier exist.")));
        search->setText(text("re:blocks.(4"));
        QVERIFY(shownWords().filter(text("Not a regular expression")).size() == 1);
        search->clear();
        QVERIFY(search->property("problem").toString().isEmpty());
    }
    void patternsAreGlobsRegularExpressionsOrPartsOfNames_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("matches");
        QTest::newRow("glob") << text("blocks.[45]*") << text("blocks.4.0") << true;
        QTest::newRow("globs name the whole") << text("locks.*") << text("blocks.4") << false;
        QTest::newRow("expression") << text("re:blocks\\.[0-3](\\..*)?") << text("blocks.3.1") << true;
        QTest::newRow("expressions name the whole") << text("re:blocks") << text("blocks.3") << false;
        QTest::newRow("part") << text("HEAD") << text("conv_head") << true;
        QTest::newRow("nothing typed") << text("  ") << text("conv_head") << false;
    }
    void patternsAreGlobsRegularExpressionsOrPartsOfNames() {
        QFETCH(QString, pattern);
        QFETCH(QString, name);
        QTEST(BlockPattern(pattern).matches(name), "matches");
    }
    void theFoldClosesTheBlocksFirst() {
        auto* button = find<QAbstractButton>("blocksButton");
        QVERIFY(!button->isVisible());
        QAbstractButton* fold = nullptr;
        for (auto* one : m_page->findChildren<QAbstractButton*>())
            if (one->accessibleName() == text("Fold Freeze"))
                fold = one;
        QVERIFY(fold);
        QTest::mouseClick(fold, Qt::LeftButton);
        QVERIFY(!m_tree->isVisible());
        QVERIFY(find<QWidget>("presets")->isVisible());
        QVERIFY(button->isVisible());
        QTest::mouseClick(fold, Qt::LeftButton);
        QVERIFY(!find<QWidget>("presets")->isVisible());
    }
    void theCacheIsAChoice() {
        QSignalSpy edits(m_page.get(), &SetupPage::valueEdited);
        auto* cache = find<QCheckBox>("cacheFrozen");
        QCOMPARE(cache->text(), text("Cache the frozen part in epochs 1–10: 11 MB, saves 5 s"));
        cache->click();
        QCOMPARE(edits.last().at(0).toString(), text("freeze.cache"));
        QCOMPARE(edits.last().at(1).toString(), text("off"));
        m_page->setValue(text("freeze.cache"), text("on"));
        QVERIFY(cache->isChecked());
    }
    void presetsAreSegments() {
        QSignalSpy edits(m_page.get(), &SetupPage::valueEdited);
        auto* presets = find<SegmentedControl>("presets");
        auto* stages = find<QSpinBox>("stages");
        QCOMPARE(presets->current(), 3);
        m_page->setValue(text("freeze.preset"), text("last-stages:3"));
        QCOMPARE(presets->current(), 2);
        QCOMPARE(stages->value(), 3);
        const QStringList expected{text("none"),    text("head-only"), text("last-stages:3"),
                                   text("gradual"), text("fine-tune"), text("by-hand")};
        m_page->setValue(text("freeze.preset"), text("by-hand"));
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
