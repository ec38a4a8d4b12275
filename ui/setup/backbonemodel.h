#pragma once

#include "ui/setup/setupdata.h"

#include <QAbstractTableModel>

namespace ui {

// The table of backbones. SortRole gives numbers for what is a number.
class BackboneModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Reason, Family, Parameters, Compute, ImageSize, Top1, Speed, Weights, Licence, ColumnCount };
    enum DataRole { SortRole = Qt::UserRole + 1, SuggestedRole, ParametersRole, WeightsHereRole };
    using QAbstractTableModel::QAbstractTableModel;
    void setBackbones(const QList<BackboneRow>& backbones);
    [[nodiscard]] const QList<BackboneRow>& backbones() const { return m_backbones; }
    [[nodiscard]] int rowOf(const QString& name) const; // -1: none

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<BackboneRow> m_backbones;
};

} // namespace ui
