#pragma once

#include "ui/setup/settingcard.h"
#include "ui/setup/setupdata.h"

class QLineEdit;
class QSpinBox;

namespace ui {

class BlockTree;
class Button;
class Label;
class SegmentedControl;

// Freeze: which blocks keep their pretrained weights, by preset or by hand in the tree of blocks.
class FreezeCard final : public SettingCard {
    Q_OBJECT
public:
    explicit FreezeCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
    void setFreeze(const FreezeState& state);
    void setBlocks(const QList<BlockRow>& blocks);
    void reveal(const QString& key) override;

Q_SIGNALS:
    void blocksToggled(const QStringList& blocks, bool train);
    void blocksShown();

private:
    QWidget* makeBlocks();
    void showPreset();
    void choosePreset(int index);
    void showBlocks(bool shown);
    SegmentedControl* m_presets;
    QSpinBox* m_stages;
    Label* m_sentence;
    Button* m_show;
    QWidget* m_blocks;
    QLineEdit* m_search = nullptr;
    Label* m_nothing = nullptr;
    BlockTree* m_tree;
};

} // namespace ui
