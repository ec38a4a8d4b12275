#include "ui/setup/tensormodel.h"

#include "ui/theme.h"

namespace ui {

void TensorModel::setTensors(const QList<TensorRow>& tensors) {
    beginResetModel();
    m_tensors = tensors;
    endResetModel();
}

int TensorModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_tensors.size());
}

int TensorModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant TensorModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const TensorRow& row = m_tensors.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: {
        const QString match = row.rule.isEmpty() ? row.match : QStringLiteral("%1: %2").arg(row.match, row.rule);
        return QStringList{row.name, row.shape, row.dtype, match, row.target}.value(index.column());
    }
    case Qt::FontRole:
        return ui::font(index.column() == Match ? FontRole::Label : FontRole::MonoSmall);
    case Qt::ForegroundRole:
        if (index.column() == Match)
            return color(textRole(row.tone));
        return {};
    case MatchRole:
        return row.match;
    default:
        return {};
    }
}

QVariant TensorModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    return QStringList{tr("Tensor"), tr("Shape"), tr("Type"), tr("Match"), tr("In the backbone")}.value(section);
}

} // namespace ui
