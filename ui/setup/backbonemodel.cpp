#include "ui/setup/backbonemodel.h"

#include "ui/format.h"

#include <algorithm>

namespace ui {
namespace {

QString textOf(const BackboneRow& row, int column) {
    switch (column) {
    case BackboneModel::Name:
        return row.name;
    case BackboneModel::Family:
        return row.family;
    case BackboneModel::Parameters:
        return formatCount(static_cast<double>(row.parameters));
    case BackboneModel::Compute:
        return row.flops > 0 ? formatFlops(row.flops) : missing();
    case BackboneModel::ImageSize:
        return BackboneModel::tr("%1 px").arg(row.imageSize);
    case BackboneModel::Top1:
        return row.imagenetTop1 > 0 ? formatPercent(row.imagenetTop1 / 100) : missing();
    case BackboneModel::Speed:
        if (row.picturesPerSecond <= 0)
            return missing();
        return row.speedMeasured ? formatSpeed(row.picturesPerSecond)
                                 : BackboneModel::tr("about %1").arg(formatSpeed(row.picturesPerSecond));
    case BackboneModel::Weights:
        return row.weights;
    case BackboneModel::Licence:
        return row.licence;
    case BackboneModel::Reason:
        return row.reason;
    default:
        return {};
    }
}

QString tipOf(const BackboneRow& row, int column) {
    switch (column) {
    case BackboneModel::Name:
    case BackboneModel::Reason:
        return row.reasonTip;
    case BackboneModel::Top1:
        return row.imagenetTop1 > 0 ? BackboneModel::tr("As published: %1").arg(row.top1Source)
                                    : BackboneModel::tr("No figure is published for these weights at this size");
    case BackboneModel::Speed:
        return row.speedMeasured           ? BackboneModel::tr("Measured here, by an earlier training with this freeze")
               : row.picturesPerSecond > 0 ? BackboneModel::tr("Reckoned from the compute; a training measures it")
                                           : BackboneModel::tr("Not trained here yet");
    case BackboneModel::Weights:
    case BackboneModel::Licence:
        return row.licence;
    default:
        return {};
    }
}

QVariant sortOf(const BackboneRow& row, int column) {
    switch (column) {
    case BackboneModel::Parameters:
        return row.parameters;
    case BackboneModel::Compute:
        return row.flops;
    case BackboneModel::ImageSize:
        return row.imageSize;
    case BackboneModel::Top1:
        return row.imagenetTop1;
    case BackboneModel::Speed:
        return row.picturesPerSecond;
    default:
        return textOf(row, column);
    }
}

bool isNumber(int column) { return column >= BackboneModel::Parameters && column <= BackboneModel::Speed; }

} // namespace

void BackboneModel::setBackbones(const QList<BackboneRow>& backbones) {
    const bool sameRows = std::equal(
        backbones.begin(), backbones.end(), m_backbones.begin(), m_backbones.end(),
        [](const BackboneRow& a, const BackboneRow& b) { return a.name == b.name && a.suggested == b.suggested; });
    if (!sameRows)
        beginResetModel();
    m_backbones = backbones;
    if (!sameRows)
        endResetModel();
    else if (!backbones.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int BackboneModel::rowOf(const QString& name) const {
    const auto found =
        std::find_if(m_backbones.begin(), m_backbones.end(), [&](const BackboneRow& row) { return row.name == name; });
    return found == m_backbones.end() ? -1 : static_cast<int>(found - m_backbones.begin());
}

int BackboneModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_backbones.size());
}

int BackboneModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant BackboneModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const BackboneRow& row = m_backbones.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return textOf(row, index.column());
    case Qt::ToolTipRole:
        return tipOf(row, index.column());
    case Qt::TextAlignmentRole:
        return int((isNumber(index.column()) || index.column() == Weights ? Qt::AlignRight : Qt::AlignLeft) |
                   Qt::AlignVCenter);
    case SortRole:
        return sortOf(row, index.column());
    case SuggestedRole:
        return row.suggested;
    case ParametersRole:
        return row.parameters;
    case WeightsHereRole:
        return row.weightsHere;
    default:
        return {};
    }
}

QVariant BackboneModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((isNumber(section) || section == Weights ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Backbone");
    case Family:
        return tr("Family");
    case Parameters:
        return tr("Parameters");
    case Compute:
        return tr("Compute");
    case ImageSize:
        return tr("Picture");
    case Top1:
        return tr("ImageNet top-1");
    case Speed:
        return tr("Training here");
    case Weights:
        return tr("Weights");
    case Licence:
        return tr("Licence");
    case Reason:
        return tr("Why");
    default:
        return {};
    }
}

} // namespace ui
