#pragma once

#include "ui/setup/blockpattern.h"
#include "ui/setup/setupdata.h"

#include <QAbstractItemModel>

#include <memory>

namespace ui {

// The backbone's blocks as a tree, in forward order. A parent is trained, frozen or partly trained as its leaves are.
class BlockModel final : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Block, Type, Output, Parameters, Compute, Thaws, ColumnCount };
    enum DataRole {
        NameRole = Qt::UserRole + 1, // the full path
        TrainedRole,                 // Qt::CheckState
        LockableRole,                // has parameters
        ShareRole,                   // of the column's number, of the largest top block; 0 to 1
        FactorRole,                  // "× 0.25"; empty where nothing is trained
        MatchedRole                  // what is being looked for is this block
    };
    explicit BlockModel(QObject* parent = nullptr);
    ~BlockModel() override;
    // Where the names stay as they are, indexes stay valid.
    void setBlocks(const QList<BlockRow>& blocks);
    // Marks the blocks that match and tells how many.
    int setPattern(const BlockPattern& pattern);
    [[nodiscard]] bool hasCompute() const { return m_flops > 0; }

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& index) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    [[nodiscard]] Node* nodeOf(const QModelIndex& index) const;
    [[nodiscard]] QString text(const Node& node, int column) const;
    void announce(const QModelIndex& parent);
    [[nodiscard]] int countMatches(const Node& node) const;
    std::unique_ptr<Node> m_root;
    BlockPattern m_pattern;
    qint64 m_largest = 0;
    double m_flops = 0;
    double m_largestFlops = 0;
};

} // namespace ui
