#include "ui/setup/freezecard.h"

#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/setup/blocktree.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/settingfield.h"
#include "ui/setup/thawsketch.h"
#include "ui/setup/thawtimeline.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStyleOptionButton>
#include <QStylePainter>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {
namespace {

const auto kPreset = QStringLiteral("freeze.preset");
const auto kBatchNorm = QStringLiteral("freeze.batch_norm");
const auto kCache = QStringLiteral("freeze.cache");
const auto kLastStages = QStringLiteral("last-stages:");

// In the order of the segments.
const QStringList& presetNames() {
    static const QStringList names{QStringLiteral("none"),        QStringLiteral("head-only"),
                                   QStringLiteral("last-stages"), QStringLiteral("gradual"),
                                   QStringLiteral("fine-tune"),   QStringLiteral("by-hand")};
    return names;
}

constexpr int kStagesSegment = 2;
constexpr int kByHandSegment = 5;

// Gives way where its words are long: they are elided, the tooltip has them all.
class ElidedCheckBox final : public QCheckBox {
public:
    [[nodiscard]] QSize minimumSizeHint() const override { return {kLeast, QCheckBox::minimumSizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent*) override {
        QStyleOptionButton option;
        initStyleOption(&option);
        const QRect room = style()->subElementRect(QStyle::SE_CheckBoxContents, &option, this);
        option.text = option.fontMetrics.elidedText(option.text, Qt::ElideRight, room.width());
        QStylePainter(this).drawControl(QStyle::CE_CheckBox, option);
    }

private:
    static constexpr int kLeast = 120;
};

QVBoxLayout* plainBox(QWidget* host, int spacing) {
    auto* box = new QVBoxLayout(host);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(spacing);
    return box;
}

} // namespace

FreezeCard::FreezeCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("freeze")}, tr("Freeze"), QStringLiteral("snowflake"), parent),
      m_presets(new SegmentedControl(
          {tr("None"), tr("Head only"), tr("Last stages"), tr("Gradual"), tr("fine_tune"), tr("By hand")})),
      m_stages(new QSpinBox),
      m_sentence(new Label({}, FontRole::Label, Role::Muted)),
      m_sketch(new ThawSketch),
      m_show(new Button(tr("Blocks and timeline"))),
      m_found(new Label({}, FontRole::Label, Role::Muted)),
      m_tree(new BlockTree),
      m_timeline(new ThawTimeline) {
    m_presets->setObjectName(QStringLiteral("presets"));
    m_presets->setAccessibleName(tr("What is trained"));
    m_presets->setTips({tr("Nothing is frozen: every block is trained"), tr("Only the new classifier is trained"),
                        tr("The last stages and the classifier are trained"),
                        tr("The head first, then the later stages, then the earlier ones"),
                        tr("fastai's recipe: the head for an epoch, then every block at lower rates"),
                        tr("The blocks you unlock are trained, from the epochs you choose")});
    m_stages->setObjectName(QStringLiteral("stages"));
    m_stages->setRange(1, 1);
    m_stages->setAccessibleName(tr("Number of stages that are trained"));
    m_stages->setKeyboardTracking(false);
    m_stages->setFixedWidth(56);
    m_stages->hide();
    m_sentence->setWordWrap(true);
    m_show->setObjectName(QStringLiteral("blocksButton"));
    m_show->setToolTip(tr("Open the tree of blocks and the thaw timeline"));
    m_tree->setObjectName(QStringLiteral("blocks"));
    m_timeline->setObjectName(QStringLiteral("timeline"));
    m_find = makeFind();
    m_blocks = makeBlocks();
    m_foot = makeFoot();
    for (QWidget* part : {m_find, m_blocks, m_foot, static_cast<QWidget*>(m_found)})
        part->hide();

    connect(m_presets, &SegmentedControl::chosen, this, &FreezeCard::choosePreset);
    connect(m_stages, &QSpinBox::valueChanged, this,
            [this](int count) { this->fields()->edit(kPreset, kLastStages + QString::number(count)); });
    connect(m_show, &Button::clicked, this, [this] { setOpen(true); });
    connect(m_sketch, &ThawSketch::clicked, this, [this] { setOpen(true); });
    connect(card(), &Card::foldedChanged, this, [this](bool folded) {
        if (!folded || !m_open)
            return;
        card()->setFolded(false); // from open to the presets first
        setOpen(false);
    });
    connect(m_tree, &BlockTree::blocksToggled, this, &FreezeCard::blocksToggled);
    connect(m_timeline, &ThawTimeline::blocksToggled, this, &FreezeCard::blocksToggled);
    connect(m_timeline, &ThawTimeline::edited, this, &FreezeCard::thawEdited);
    connect(fields, &FieldSet::valueChanged, this, [this](const QString& key) {
        if (key == kPreset)
            showPreset();
        else if (key == kCache)
            m_cache->setChecked(this->fields()->value(kCache) != QLatin1String("off"));
    });
}

QWidget* FreezeCard::makeFind() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("blockSearch"));
    m_search->setPlaceholderText(tr("Block or pattern"));
    m_search->setToolTip(tr("Part of a name, a pattern (blocks.[45]*), or re: and a regular expression.\n"
                            "Enter selects what matches."));
    m_search->setAccessibleName(tr("Find blocks"));
    m_search->setAcceptDrops(false);
    m_search->setClearButtonEnabled(true);
    m_search->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->setMinimumWidth(60);
    row->addWidget(m_search, 1);
    const auto lock = [row](const QString& icon, const QString& name, const QString& tip) {
        auto* button = new IconButton(icon, tip);
        button->setObjectName(name);
        button->setOutlined();
        row->addWidget(button);
        return button;
    };
    auto* freeze = lock(QStringLiteral("lock"), QStringLiteral("freezeBlocks"),
                        tr("Freeze the selected blocks, or all that match (Space turns them)"));
    auto* train = lock(QStringLiteral("lock-open"), QStringLiteral("trainBlocks"),
                       tr("Train the selected blocks, or all that match (Space turns them)"));
    connect(m_search, &QLineEdit::textChanged, this, &FreezeCard::find);
    connect(m_search, &QLineEdit::returnPressed, m_tree, &BlockTree::selectMatches);
    connect(freeze, &IconButton::clicked, this, [this] { m_tree->trainSelected(false); });
    connect(train, &IconButton::clicked, this, [this] { m_tree->trainSelected(true); });
    return made;
}

QWidget* FreezeCard::makeBlocks() {
    auto* made = new QWidget;
    auto* all = plainBox(made, 4);
    all->addWidget(m_tree);
    all->addWidget(new Divider);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new Label(tr("Thaw timeline"), FontRole::Strong));
    auto* hint = new Label(tr("Drag an edge to thaw earlier or later, a top to change the learning-rate factor."),
                           FontRole::Label, Role::Muted);
    hint->setElide(Qt::ElideRight);
    hint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    head->addWidget(hint, 1);
    m_addPhase = new Button(QStringLiteral("plus"), tr("Add phase"), Button::Kind::Ghost);
    m_addPhase->setObjectName(QStringLiteral("addPhase"));
    m_addPhase->setToolTip(tr("Thaws the next block half-way through the last phase"));
    head->addWidget(m_addPhase);
    head->addStrut(36);
    all->addLayout(head);
    all->addWidget(m_timeline);
    connect(m_addPhase, &Button::clicked, this, [this] { Q_EMIT thawEdited(withNextThawed(m_timeline->plan()), -1); });
    return made;
}

QWidget* FreezeCard::makeFoot() {
    auto* made = new QWidget;
    auto* all = plainBox(made, 12);
    all->addWidget(new Divider);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->setObjectName(QStringLiteral("freezeFoot"));
    all->addLayout(row);
    m_cache = new ElidedCheckBox;
    m_cache->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_cache->setObjectName(QStringLiteral("cacheFrozen"));
    m_cache->setChecked(true);
    m_cacheWhy = new Label({}, FontRole::Label, Role::Muted);
    m_cacheWhy->setElide(Qt::ElideRight);
    m_cacheWhy->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    connect(m_cache, &QCheckBox::clicked, this,
            [this](bool on) { fields()->edit(kCache, on ? QStringLiteral("auto") : QStringLiteral("off")); });
    return made;
}

void FreezeCard::build() {
    card()->addHeaderWidget(m_show);
    auto* top = new QHBoxLayout;
    top->setSpacing(12);
    auto* left = new QVBoxLayout;
    left->setSpacing(8);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_presets);
    row->addWidget(m_stages);
    row->addWidget(m_find, 1);
    row->addStretch();
    left->addLayout(row);
    left->addWidget(m_found);
    left->addWidget(m_sentence);
    left->addStretch();
    top->addLayout(left, 1);
    top->addWidget(m_sketch, 0, Qt::AlignTop);
    body()->addLayout(top);
    addProblemLine(kPreset);
    body()->addWidget(m_blocks);
    body()->addWidget(m_foot);
    m_presets->setVisible(fields()->spec(kPreset) != nullptr);
    if (const FieldSpec* spec = fields()->spec(kPreset))
        m_presets->setToolTip(helpText(*spec));

    auto* foot = m_foot->findChild<QHBoxLayout*>(QStringLiteral("freezeFoot"));
    if (SettingField* norms = fields()->field(kBatchNorm)) {
        foot->addWidget(new Label(norms->spec().label, FontRole::Label, Role::Muted));
        norms->setPlain();
        norms->setFixedWidth(148);
        foot->addWidget(norms);
        foot->addSpacing(16);
    }
    if (const FieldSpec* spec = fields()->spec(kCache)) {
        m_cache->setToolTip(helpText(*spec));
        foot->addWidget(m_cache);
    } else {
        m_cache->hide();
    }
    foot->addWidget(m_cacheWhy, 1);
    addMore({kPreset, kBatchNorm, kCache});
    showMoreButton();
}

// Closed, the card is about the presets.
void FreezeCard::showMoreButton() { moreButton()->setVisible(hasMore() && (m_open || moreButton()->isChecked())); }

void FreezeCard::find(const QString& words) {
    const BlockPattern pattern(words);
    const int count = m_tree->setPattern(pattern);
    QString problem = pattern.problem();
    if (problem.isEmpty() && count == 0 && !pattern.isEmpty()) {
        const auto& blocks = m_timeline->plan().blocks;
        problem = blocks.isEmpty()
                      ? tr("No block has this name.")
                      : tr("No block has this name. %1 to %2 exist.").arg(blocks.first().name, blocks.last().name);
    }
    m_found->setRole(problem.isEmpty() ? Role::Muted : Role::DangerText);
    m_found->setText(!problem.isEmpty() ? problem
                     : count == 1       ? tr("1 block matches. Enter selects it.")
                                        : tr("%1 blocks match. Enter selects them.").arg(count));
    m_found->setVisible(m_open && !pattern.isEmpty());
    m_search->setProperty("problem", problem.isEmpty() ? QString() : QStringLiteral("error"));
    m_search->update();
}

void FreezeCard::setFreeze(const FreezeState& state) {
    setSummary(state.summary);
    m_sentence->setText(state.sentence);
    m_passed = state.passed;
    showPassed();
    m_cache->setText(state.cache.isEmpty() ? tr("Cache the frozen part") : state.cache);
    m_cacheWhy->setText(state.cache.isEmpty() ? state.cacheWhy : QString());
    m_cacheWhy->setToolTip(state.cacheWhy);
    const QSignalBlocker quiet(m_stages);
    m_stages->setMaximum(std::max({1, state.stages, m_stages->value()}));
}

void FreezeCard::showPassed() {
    const bool says = m_open && !m_passed.isEmpty();
    setState(says ? Tone::Success : Tone::None, says ? m_passed : QString());
}

void FreezeCard::setBlocks(const QList<BlockRow>& blocks) { m_tree->setBlocks(blocks); }

void FreezeCard::setThaw(const ThawPlan& plan, const QList<QPointF>& schedule) {
    m_sketch->setPlan(plan);
    m_sketch->setVisible(!m_open && !plan.phases.isEmpty());
    m_timeline->setSchedule(schedule);
    m_timeline->setPlan(plan);
    m_addPhase->setEnabled(withNextThawed(plan) != plan);
}

void FreezeCard::reveal(const QString& key) {
    SettingCard::reveal(key);
    if (key == kPreset)
        m_presets->setFocus(Qt::OtherFocusReason);
    else
        setOpen(true);
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
        setOpen(true);
}

void FreezeCard::setOpen(bool open) {
    card()->setFolded(false);
    if (open == m_open)
        return;
    m_open = open;
    for (QWidget* part : {m_find, m_blocks, m_foot})
        part->setVisible(open);
    m_sentence->setVisible(!open);
    m_sketch->setVisible(!open && !m_timeline->plan().phases.isEmpty());
    m_show->setVisible(!open);
    showMoreButton();
    m_found->setVisible(open && !m_search->text().isEmpty());
    showPassed();
    Q_EMIT opened(open);
}

} // namespace ui
