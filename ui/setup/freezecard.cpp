#include "ui/setup/freezecard.h"

#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/setup/blocktree.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/settingfield.h"

#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

namespace ui {
namespace {

const auto kPreset = QStringLiteral("freeze.preset");
const auto kLastStages = QStringLiteral("last-stages:");

// In the order of the segments.
const QStringList& presetNames() {
    static const QStringList names{QStringLiteral("none"), QStringLiteral("head-only"), QStringLiteral("last-stages"),
                                   QStringLiteral("by-hand")};
    return names;
}

constexpr int kStagesSegment = 2;
constexpr int kByHandSegment = 3;

} // namespace

FreezeCard::FreezeCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("freeze")}, tr("Freeze"), QStringLiteral("snowflake"), parent),
      m_presets(new SegmentedControl({tr("Everything"), tr("Head only"), tr("Last stages"), tr("By hand")})),
      m_stages(new QSpinBox),
      m_sentence(new Label({}, FontRole::Label, Role::Muted)),
      m_show(new Button(tr("Show blocks"))),
      m_tree(new BlockTree) {
    m_presets->setObjectName(QStringLiteral("presets"));
    m_presets->setAccessibleName(tr("What is trained"));
    m_presets->setTips({tr("Every block is trained"), tr("Only the new classifier is trained"),
                        tr("The last stages and the classifier are trained"), tr("The blocks you unlock are trained")});
    m_stages->setObjectName(QStringLiteral("stages"));
    m_stages->setRange(1, 1);
    m_stages->setAccessibleName(tr("Number of stages that are trained"));
    m_stages->setKeyboardTracking(false);
    m_stages->setFixedWidth(64);
    m_stages->hide();
    m_sentence->setWordWrap(true);
    m_show->setObjectName(QStringLiteral("blocksButton"));
    m_show->setSmall();
    m_show->setCheckable(true);
    m_tree->setObjectName(QStringLiteral("blocks"));
    m_blocks = makeBlocks();
    m_blocks->hide();

    connect(m_presets, &SegmentedControl::chosen, this, &FreezeCard::choosePreset);
    connect(m_stages, &QSpinBox::valueChanged, this,
            [this](int count) { this->fields()->edit(kPreset, kLastStages + QString::number(count)); });
    connect(m_show, &Button::toggled, this, &FreezeCard::showBlocks);
    connect(m_tree, &BlockTree::blocksToggled, this, &FreezeCard::blocksToggled);
    connect(fields, &FieldSet::valueChanged, this, [this](const QString& key) {
        if (key == kPreset)
            showPreset();
    });
}

QWidget* FreezeCard::makeBlocks() {
    auto* made = new QWidget;
    auto* all = new QVBoxLayout(made);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("blockSearch"));
    m_search->setPlaceholderText(tr("Block or pattern: blocks.5*"));
    m_search->setAccessibleName(tr("Find blocks"));
    m_search->setAcceptDrops(false);
    m_search->setClearButtonEnabled(true);
    m_search->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->setFixedWidth(248);
    row->addWidget(m_search);
    m_nothing = new Label(tr("No block has this name."), FontRole::Label, Role::DangerText);
    m_nothing->hide();
    row->addWidget(m_nothing);
    row->addStretch();
    auto* freeze = new Button(QStringLiteral("lock"), tr("Freeze"));
    freeze->setObjectName(QStringLiteral("freezeBlocks"));
    freeze->setToolTip(tr("Freeze the selected blocks, or all that were found (Space turns them)"));
    auto* train = new Button(QStringLiteral("lock-open"), tr("Train"));
    train->setObjectName(QStringLiteral("trainBlocks"));
    train->setToolTip(tr("Train the selected blocks, or all that were found (Space turns them)"));
    row->addWidget(freeze);
    row->addWidget(train);
    all->addLayout(row);
    all->addWidget(m_tree);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& words) {
        const bool found = m_tree->setFilter(words);
        m_nothing->setVisible(!found);
        m_search->setProperty("problem", found ? QString() : QStringLiteral("error"));
        m_search->update();
    });
    connect(freeze, &Button::clicked, this, [this] { m_tree->trainSelected(false); });
    connect(train, &Button::clicked, this, [this] { m_tree->trainSelected(true); });
    return made;
}

void FreezeCard::build() {
    card()->addHeaderWidget(m_show);
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_presets);
    row->addWidget(m_stages);
    row->addWidget(m_sentence, 1);
    body()->addLayout(row);
    addProblemLine(kPreset);
    body()->addWidget(m_blocks);
    m_presets->setVisible(fields()->spec(kPreset) != nullptr);
    if (const FieldSpec* spec = fields()->spec(kPreset))
        m_presets->setToolTip(helpText(*spec));
    addMore({kPreset});
}

void FreezeCard::setFreeze(const FreezeState& state) {
    setSummary(state.summary);
    m_sentence->setText(state.sentence);
    const QSignalBlocker quiet(m_stages);
    m_stages->setMaximum(std::max({1, state.stages, m_stages->value()}));
}

void FreezeCard::setBlocks(const QList<BlockRow>& blocks) { m_tree->setBlocks(blocks); }

void FreezeCard::reveal(const QString& key) {
    SettingCard::reveal(key);
    if (key == kPreset)
        m_presets->setFocus(Qt::OtherFocusReason);
}

void FreezeCard::showPreset() {
    const QString preset = fields()->value(kPreset);
    const bool stages = preset.startsWith(kLastStages);
    m_presets->setCurrent(stages ? kStagesSegment : static_cast<int>(presetNames().indexOf(preset)));
    m_stages->setVisible(stages);
    if (!stages)
        return;
    const int count = preset.mid(kLastStages.size()).toInt();
    const QSignalBlocker quiet(m_stages);
    m_stages->setMaximum(std::max(m_stages->maximum(), count));
    m_stages->setValue(count);
}

void FreezeCard::choosePreset(int index) {
    fields()->edit(kPreset, index == kStagesSegment ? kLastStages + QString::number(m_stages->value())
                                                    : presetNames().value(index));
    if (index == kByHandSegment)
        m_show->setChecked(true);
}

void FreezeCard::showBlocks(bool shown) {
    card()->setFolded(false);
    m_blocks->setVisible(shown);
    m_show->setText(shown ? tr("Hide blocks") : tr("Show blocks"));
    m_show->updateGeometry();
    if (shown)
        Q_EMIT blocksShown();
}

} // namespace ui
