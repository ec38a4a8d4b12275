#pragma once

#include "ui/setup/blockpattern.h"
#include "ui/setup/setupdata.h"

#include <QTreeView>

namespace ui {

class BlockModel;

// The blocks with their locks. A click on a lock or Space turns the block, or all that are selected; Shift extends the
// selection. As high as its open rows: the page scrolls.
class BlockTree final : public QTreeView {
    Q_OBJECT
public:
    explicit BlockTree(QWidget* parent = nullptr);
    void setBlocks(const QList<BlockRow>& blocks);
    // Marks the blocks that match, opens what hides them and tells how many there are.
    int setPattern(const BlockPattern& pattern);
    void selectMatches();
    // The selected blocks, or where none is, those that match.
    void trainSelected(bool train);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

Q_SIGNALS:
    void blocksToggled(const QStringList& blocks, bool train);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    void toggle(const QModelIndexList& rows);
    [[nodiscard]] QModelIndexList selectedBlocks() const;
    [[nodiscard]] QModelIndexList matches(const QModelIndex& parent) const; // without the parts of a match
    void openMatches(const QModelIndex& parent);
    void fitColumns();
    BlockModel* m_model;
    QList<QPersistentModelIndex> m_opened; // for what is being looked for
};

} // namespace ui
