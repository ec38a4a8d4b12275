#pragma once

#include "ui/setup/settingcard.h"
#include "ui/setup/setupdata.h"
#include "ui/setup/thawplan.h"

class QCheckBox;
class QLineEdit;
class QSpinBox;

namespace ui {

class BlockTree;
class Button;
class IconButton;
class Label;
class SegmentedControl;
class ThawSketch;
class ThawTimeline;

// Freeze: which blocks keep their pretrained weights, and until when. Presets with a sketch of the plan; opened, the
// tree of blocks and the thaw timeline, which edit the same plan.
class FreezeCard final : public SettingCard {
    Q_OBJECT
public:
    explicit FreezeCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
    void setFreeze(const FreezeState& state);
    void setBlocks(const QList<BlockRow>& blocks);
    void setThaw(const ThawPlan& plan, const QList<QPointF>& schedule);
    void reveal(const QString& key) override;

Q_SIGNALS:
    void blocksToggled(const QStringList& blocks, bool train);
    void thawEdited(const ui::ThawPlan& plan, int gesture);
    void opened(bool open);

private:
    QWidget* makeFind();
    QWidget* makeBlocks();
    QWidget* makeFoot();
    void find(const QString& words);
    void showPreset();
    void showPassed();
    void showMoreButton();
    void choosePreset(int index);
    void setOpen(bool open);
    SegmentedControl* m_presets;
    QSpinBox* m_stages;
    Label* m_sentence;
    ThawSketch* m_sketch;
    Button* m_show;
    QWidget* m_find;
    QWidget* m_blocks;
    QLineEdit* m_search = nullptr;
    Label* m_found;
    BlockTree* m_tree;
    ThawTimeline* m_timeline;
    Button* m_addPhase = nullptr;
    QWidget* m_foot = nullptr;
    QCheckBox* m_cache = nullptr;
    Label* m_cacheWhy = nullptr;
    QString m_passed;
    bool m_open = false;
};

} // namespace ui
