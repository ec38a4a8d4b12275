#pragma once

#include "ui/setup/setupdata.h"

#include <QAbstractItemModel>

#include <memory>

namespace ui {

// The layers of a backbone as a tree, in forward order, with what each makes of one picture.
class LayerModel final : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Layer, Type, Output, Parameters, Compute, Activations, ColumnCount };
    explicit LayerModel(QObject* parent = nullptr);
    ~LayerModel() override;
    void setLayers(const QList<LayerRow>& layers);

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& index) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    [[nodiscard]] const Node& nodeOf(const QModelIndex& index) const;
    std::unique_ptr<Node> m_root;
};

} // namespace ui
