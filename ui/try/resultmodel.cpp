#include "ui/try/resultmodel.h"

#include "ui/format.h"

#include <QFileInfo>

#include <algorithm>
#include <cmath>

namespace ui {

double totalMs(const TryResult& result) { return result.decodeMs + result.prepareMs + result.modelMs; }

void ResultModel::setResults(const QList<TryResult>& results) {
    const auto common = std::min(results.size(), m_results.size());
    const bool sameFiles = std::equal(results.begin(), results.begin() + common, m_results.begin(),
                                      [](const TryResult& a, const TryResult& b) { return a.file == b.file; });
    if (!sameFiles || results.size() < m_results.size()) {
        beginResetModel();
        m_results = results;
        endResetModel();
        return;
    }
    const bool grows = results.size() > m_results.size();
    if (grows)
        beginInsertRows({}, static_cast<int>(common), static_cast<int>(results.size()) - 1);
    m_results = results;
    if (grows)
        endInsertRows();
    if (common > 0)
        Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(common) - 1, ColumnCount - 1));
}

int ResultModel::rowOf(const QString& file) const {
    const auto found =
        std::find_if(m_results.begin(), m_results.end(), [&](const TryResult& result) { return result.file == file; });
    return found == m_results.end() ? -1 : static_cast<int>(found - m_results.begin());
}

QString ResultModel::asTable() const {
    QStringList lines{QStringLiteral("file\tprediction\tprobability\tms")};
    for (const auto& result : m_results) {
        const TryClass best = result.top.value(0);
        lines.append(result.problem.isEmpty() ? QStringLiteral("%1\t%2\t%3\t%4")
                                                    .arg(result.file, best.label)
                                                    .arg(best.probability, 0, 'f', 4)
                                                    .arg(totalMs(result), 0, 'f', 1)
                                              : QStringLiteral("%1\t\t\t").arg(result.file));
    }
    return lines.join(QLatin1Char('\n'));
}

int ResultModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_results.size());
}

int ResultModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant ResultModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const TryResult& result = m_results.at(index.row());
    const TryClass best = result.top.value(0);
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Picture:
            return QFileInfo(result.file).fileName();
        case Prediction:
            return result.problem.isEmpty() ? best.label : result.problem;
        case Sure:
            return result.top.isEmpty() ? QString() : formatPercent(best.probability);
        default:
            return result.top.isEmpty() ? QString() : formatMilliseconds(totalMs(result));
        }
    case Qt::DecorationRole:
        return index.column() == Picture && !result.thumbnail.isNull() ? QVariant(result.thumbnail) : QVariant();
    case Qt::ToolTipRole:
        return result.problem.isEmpty() ? result.file : QStringLiteral("%1\n%2").arg(result.file, result.problem);
    case Qt::TextAlignmentRole:
        return int((index.column() >= Sure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case ProbabilityRole:
        return result.top.isEmpty() ? QVariant() : QVariant(best.probability);
    case ProblemRole:
        return result.problem;
    default:
        return {};
    }
}

QVariant ResultModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section >= Sure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return QStringList{tr("Picture"), tr("Prediction"), tr("Sure"), tr("Time")}.value(section);
}

} // namespace ui
