#include "ui/setup/layermodel.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <vector>

namespace ui {
namespace {

QString textOf(const LayerRow& row, int column) {
    switch (column) {
    case LayerModel::Layer:
        return row.name;
    case LayerModel::Type:
        return row.type;
    case LayerModel::Output:
        return row.output.isEmpty() ? missing() : row.output;
    case LayerModel::Parameters:
        return row.parameters > 0 ? formatCount(static_cast<double>(row.parameters)) : missing();
    case LayerModel::Compute:
        return row.flops > 0 ? formatFlops(row.flops) : missing();
    case LayerModel::Activations:
        return row.activationBytes > 0 ? formatBytes(row.activationBytes) : missing();
    default:
        return {};
    }
}

bool isNumberColumn(int column) { return column >= LayerModel::Output; }

} // namespace

struct LayerModel::Node {
    LayerRow row; // without its children
    Node* parent = nullptr;
    int place = 0;
    std::vector<std::unique_ptr<Node>> children;

    void build(const QList<LayerRow>& rows) {
        children.clear();
        for (const auto& layer : rows) {
            auto child = std::make_unique<Node>();
            child->row = layer;
            child->row.children.clear();
            child->parent = this;
            child->place = static_cast<int>(children.size());
            child->build(layer.children);
            children.push_back(std::move(child));
        }
    }
};

LayerModel::LayerModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Node>()) {}
LayerModel::~LayerModel() = default;

void LayerModel::setLayers(const QList<LayerRow>& layers) {
    beginResetModel();
    m_root->build(layers);
    endResetModel();
}

const LayerModel::Node& LayerModel::nodeOf(const QModelIndex& index) const {
    return index.isValid() ? *static_cast<const Node*>(index.internalPointer()) : *m_root;
}

QModelIndex LayerModel::index(int row, int column, const QModelIndex& parent) const {
    const Node& node = nodeOf(parent);
    if (row < 0 || column < 0 || column >= ColumnCount || row >= static_cast<int>(node.children.size()))
        return {};
    return createIndex(row, column, node.children[static_cast<std::size_t>(row)].get());
}

QModelIndex LayerModel::parent(const QModelIndex& index) const {
    Node* above = index.isValid() ? nodeOf(index).parent : nullptr;
    return !above || above == m_root.get() ? QModelIndex() : createIndex(above->place, 0, above);
}

int LayerModel::rowCount(const QModelIndex& parent) const {
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent).children.size());
}

int LayerModel::columnCount(const QModelIndex&) const { return ColumnCount; }

QVariant LayerModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const Node& node = nodeOf(index);
    switch (role) {
    case Qt::DisplayRole:
        // Below "blocks.5" its part "blocks.5.0" is "5.0".
        if (index.column() == Layer && node.parent != m_root.get())
            return node.row.name.mid(node.parent->row.name.lastIndexOf(QLatin1Char('.')) + 1);
        return textOf(node.row, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Parameters)
            return tr("%1 parameters").arg(formatExact(node.row.parameters));
        return index.column() == Layer ? node.row.name + QLatin1Char('\n') + node.row.type
                                       : textOf(node.row, index.column());
    case Qt::AccessibleTextRole:
        return textOf(node.row, index.column());
    case Qt::TextAlignmentRole:
        return int((isNumberColumn(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::FontRole:
        return ui::font(index.column() == Layer ? FontRole::Mono : FontRole::Label);
    case Qt::ForegroundRole:
        return color(index.column() == Type || index.column() == Output ? Role::Muted : Role::Text);
    default:
        return {};
    }
}

QVariant LayerModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((isNumberColumn(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Activations)
        return tr("Outputs of one picture that a backward pass keeps, in fp32");
    if (role != Qt::DisplayRole)
        return {};
    return QStringList{tr("Layer"), tr("Type"), tr("Output"), tr("Parameters"), tr("Compute"), tr("Activations")}.value(
        section);
}

} // namespace ui
