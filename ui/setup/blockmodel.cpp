#include "ui/setup/blockmodel.h"

#include "ui/format.h"
#include "ui/setup/thawplan.h"
#include "ui/theme.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace ui {

struct BlockModel::Node {
    BlockRow row; // without its children
    Node* parent = nullptr;
    int place = 0;
    std::vector<std::unique_ptr<Node>> children;
    Qt::CheckState trained = Qt::Unchecked;
    struct {
        double least;
        double most;
    } factors{1, 1};

    void build(const QList<BlockRow>& rows) {
        children.clear();
        for (const auto& block : rows) {
            auto child = std::make_unique<Node>();
            child->parent = this;
            child->place = static_cast<int>(children.size());
            child->build(block.children);
            children.push_back(std::move(child));
        }
    }
    [[nodiscard]] bool hasShapeOf(const QList<BlockRow>& rows) const {
        if (static_cast<qsizetype>(children.size()) != rows.size())
            return false;
        for (qsizetype i = 0; i < rows.size(); ++i) {
            const Node& child = *children[static_cast<std::size_t>(i)];
            if (child.row.name != rows.at(i).name || !child.hasShapeOf(rows.at(i).children))
                return false;
        }
        return true;
    }
    void fill(const QList<BlockRow>& rows) {
        for (qsizetype i = 0; i < rows.size(); ++i) {
            Node& child = *children[static_cast<std::size_t>(i)];
            child.row = rows.at(i);
            child.row.children.clear();
            child.fill(rows.at(i).children);
            child.trained = child.row.partly ? Qt::PartiallyChecked : child.row.trained ? Qt::Checked : Qt::Unchecked;
            child.factors = {child.row.factor, child.row.factor};
            if (child.children.empty())
                continue;
            std::vector<const Node*> parts; // those that can be trained
            for (const auto& part : child.children)
                if (part->row.parameters > 0)
                    parts.push_back(part.get());
            child.trained = parts.empty() ? Qt::Unchecked : parts.front()->trained;
            for (const Node* part : parts)
                if (part->trained != child.trained)
                    child.trained = Qt::PartiallyChecked;
            child.row.fromEpoch = std::numeric_limits<int>::max();
            child.row.untilEpoch = -1;
            child.factors = {std::numeric_limits<double>::max(), 0};
            for (const Node* part : parts) {
                if (part->trained == Qt::Unchecked)
                    continue;
                const int until = part->row.untilEpoch;
                child.row.fromEpoch = std::min(child.row.fromEpoch, part->row.fromEpoch);
                child.row.untilEpoch =
                    until == 0 || child.row.untilEpoch == 0 ? 0 : std::max(child.row.untilEpoch, until);
                child.factors.least = std::min(child.factors.least, part->factors.least);
                child.factors.most = std::max(child.factors.most, part->factors.most);
            }
        }
    }
};

namespace {

// 0.9 k · 14.0 k · 0.20 M: of one width, so that sizes compare at a glance.
QString shortCount(qint64 count) {
    const auto value = static_cast<double>(count);
    if (count < 100)
        return QString::number(count);
    return value < 99'950 ? QStringLiteral("%1 k").arg(value / 1e3, 0, 'f', 1)
                          : QStringLiteral("%1 M").arg(value / 1e6, 0, 'f', value < 99.5e6 ? 2 : 0);
}

} // namespace

BlockModel::BlockModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Node>()) {}
BlockModel::~BlockModel() = default;

void BlockModel::setBlocks(const QList<BlockRow>& blocks) {
    m_largest = 0;
    m_flops = m_largestFlops = 0;
    for (const auto& block : blocks) {
        m_largest = std::max(m_largest, block.parameters);
        m_largestFlops = std::max(m_largestFlops, block.flops);
        m_flops += block.flops;
    }
    if (m_root->hasShapeOf(blocks)) {
        m_root->fill(blocks);
        announce({});
        return;
    }
    beginResetModel();
    m_root->build(blocks);
    m_root->fill(blocks);
    endResetModel();
}

void BlockModel::announce(const QModelIndex& parent) {
    const int rows = rowCount(parent);
    if (rows == 0)
        return;
    Q_EMIT dataChanged(index(0, 0, parent), index(rows - 1, ColumnCount - 1, parent));
    for (int row = 0; row < rows; ++row)
        announce(index(row, 0, parent));
}

BlockModel::Node* BlockModel::nodeOf(const QModelIndex& index) const {
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : m_root.get();
}

QModelIndex BlockModel::index(int row, int column, const QModelIndex& parent) const {
    const Node* node = nodeOf(parent);
    if (row < 0 || column < 0 || column >= ColumnCount || row >= static_cast<int>(node->children.size()))
        return {};
    return createIndex(row, column, node->children[static_cast<std::size_t>(row)].get());
}

QModelIndex BlockModel::parent(const QModelIndex& index) const {
    Node* above = index.isValid() ? nodeOf(index)->parent : nullptr;
    return !above || above == m_root.get() ? QModelIndex() : createIndex(above->place, 0, above);
}

int BlockModel::rowCount(const QModelIndex& parent) const {
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->children.size());
}

int BlockModel::columnCount(const QModelIndex&) const { return ColumnCount; }

QString BlockModel::text(const Node& node, int column) const {
    const BlockRow& row = node.row;
    switch (column) {
    case Block: // below "blocks.5" its part "blocks.5.0" is "5.0"
        return node.parent == m_root.get() ? row.name
                                           : row.name.mid(node.parent->row.name.lastIndexOf(QLatin1Char('.')) + 1);
    case Type:
        return row.type;
    case Output:
        return row.output;
    case Parameters:
        return shortCount(row.parameters);
    case Compute:
        return m_flops > 0 ? formatPercent(row.flops / m_flops, 0) : missing();
    case Thaws: {
        if (row.parameters == 0)
            return missing();
        if (node.trained == Qt::Unchecked)
            return tr("Frozen");
        const QString when = row.untilEpoch > 0  ? tr("Epochs %1–%2").arg(row.fromEpoch).arg(row.untilEpoch)
                             : row.fromEpoch > 1 ? tr("Epoch %1").arg(row.fromEpoch)
                                                 : tr("From the start");
        return node.trained == Qt::PartiallyChecked ? tr("Parts, %1").arg(when.at(0).toLower() + when.mid(1)) : when;
    }
    default:
        return {};
    }
}

QVariant BlockModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const Node& node = *nodeOf(index);
    switch (role) {
    case Qt::DisplayRole:
        return text(node, index.column());
    case Qt::ToolTipRole:
        return index.column() == Parameters ? tr("%1 parameters").arg(formatExact(node.row.parameters))
               : index.column() == Block    ? node.row.name
                                            : text(node, index.column());
    case Qt::AccessibleTextRole:
        return index.column() == Block ? QStringLiteral("%1, %2").arg(node.row.name, text(node, Thaws))
                                       : text(node, index.column());
    case NameRole:
        return node.row.name;
    case TrainedRole:
        return node.trained;
    case LockableRole:
        return node.row.parameters > 0;
    case ShareRole:
        if (index.column() == Parameters && m_largest > 0)
            return static_cast<double>(node.row.parameters) / static_cast<double>(m_largest);
        if (index.column() == Compute && m_largestFlops > 0)
            return node.row.flops / m_largestFlops;
        return {};
    case FactorRole:
        if (node.trained == Qt::Unchecked)
            return {};
        return node.factors.least == node.factors.most
                   ? factorWords(node.factors.most)
                   : QStringLiteral("%1–%2").arg(factorWords(node.factors.least)).arg(node.factors.most, 0, 'g', 3);
    case MatchedRole:
        return m_pattern.matches(node.row.name);
    default:
        return {};
    }
}

int BlockModel::setPattern(const BlockPattern& pattern) {
    m_pattern = pattern;
    announce({});
    return countMatches(*m_root);
}

int BlockModel::countMatches(const Node& node) const {
    int count = 0;
    for (const auto& child : node.children)
        count += (m_pattern.matches(child->row.name) ? 1 : 0) + countMatches(*child);
    return count;
}

QVariant BlockModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return QStringList{tr("Block"), tr("Type"), tr("Output"), tr("Parameters"), tr("Compute"), tr("Thaws")}.value(
        section);
}

} // namespace ui
