#pragma once

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
    // Words that names contain, or a pattern with * and ?. Returns whether a block has such a name.
    bool setFilter(const QString& words);
    // The selected blocks, or where none is, those that the filter found.
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

private:
    class Rows;
    void toggle(const QModelIndexList& rows);
    [[nodiscard]] QModelIndexList selectedBlocks() const;
    void fitColumns();
    BlockModel* m_model;
    Rows* m_rows;
};

} // namespace ui
