#pragma once

#include "ui/setup/setupdata.h"

#include <QAbstractTableModel>

namespace ui {

// What each tensor of a weights file became.
class TensorModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Tensor, Shape, Type, Match, Target, ColumnCount };
    enum DataRole { MatchRole = Qt::UserRole + 1 }; // without its rule
    using QAbstractTableModel::QAbstractTableModel;
    void setTensors(const QList<TensorRow>& tensors);
    [[nodiscard]] const QList<TensorRow>& tensors() const { return m_tensors; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<TensorRow> m_tensors;
};

} // namespace ui
