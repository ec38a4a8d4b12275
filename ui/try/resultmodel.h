#pragma once

#include "ui/try/trydata.h"

#include <QAbstractTableModel>

namespace ui {

// What the model says of each picture, in the order they were given.
class ResultModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Picture, Prediction, Sure, Time, ColumnCount };
    enum DataRole { ProbabilityRole = Qt::UserRole + 1, ProblemRole };
    using QAbstractTableModel::QAbstractTableModel;
    void setResults(const QList<TryResult>& results); // keeps rows where the files stay
    [[nodiscard]] const QList<TryResult>& results() const { return m_results; }
    [[nodiscard]] int rowOf(const QString& file) const; // -1: none
    [[nodiscard]] QString asTable() const;              // tab separated, with a head

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<TryResult> m_results;
};

[[nodiscard]] double totalMs(const TryResult& result);

} // namespace ui
