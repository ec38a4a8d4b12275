#include "ui/frame/rungroups.h"

#include <array>

namespace ui {

RunGroups::RunGroups(QObject* parent) : QAbstractListModel(parent) {}

void RunGroups::setRuns(QAbstractItemModel* runs) {
    if (m_runs)
        m_runs->disconnect(this);
    m_runs = runs;
    if (runs) {
        connect(runs, &QAbstractItemModel::modelReset, this, &RunGroups::rebuild);
        connect(runs, &QAbstractItemModel::layoutChanged, this, &RunGroups::rebuild);
        connect(runs, &QAbstractItemModel::rowsInserted, this, &RunGroups::rebuild);
        connect(runs, &QAbstractItemModel::rowsRemoved, this, &RunGroups::rebuild);
        connect(runs, &QAbstractItemModel::rowsMoved, this, &RunGroups::rebuild);
        connect(runs, &QAbstractItemModel::dataChanged, this, &RunGroups::sourceChanged);
    }
    rebuild();
}

void RunGroups::setFilter(const QString& text) {
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    rebuild();
}

RunGroups::Group RunGroups::groupOf(RunListState state) {
    switch (state) {
    case RunListState::Running:
    case RunListState::Paused:
        return Running;
    case RunListState::Queued:
        return Queue;
    case RunListState::Failed:
        return Failed;
    case RunListState::Finished:
    case RunListState::Stopped:
    case RunListState::Interrupted:
        break;
    }
    return Finished;
}

QList<RunGroups::Row> RunGroups::rowsNow() const {
    std::array<QList<int>, 4> groups;
    if (m_runs)
        for (int i = 0; i < m_runs->rowCount(); ++i) {
            const QModelIndex index = m_runs->index(i, 0);
            const QString all = index.data().toString() + QLatin1Char(' ') + index.data(RunLineRole).toString() +
                                QLatin1Char(' ') + index.data(RunTagsRole).toStringList().join(QLatin1Char(' '));
            const bool matches = std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) {
                return all.contains(word, Qt::CaseInsensitive);
            });
            if (matches)
                groups[groupOf(static_cast<RunListState>(index.data(RunStateRole).toInt()))].append(i);
        }
    QList<Row> rows;
    for (int group = 0; group < static_cast<int>(groups.size()); ++group) {
        if (groups[group].isEmpty())
            continue;
        rows.append({group, -1, static_cast<int>(groups[group].size())});
        for (const int source : groups[group])
            rows.append({group, source, 0});
    }
    return rows;
}

void RunGroups::rebuild() {
    beginResetModel();
    m_rows = rowsNow();
    endResetModel();
    Q_EMIT rebuilt();
}

void RunGroups::sourceChanged(const QModelIndex& first, const QModelIndex& last) {
    // Progress changes texts every second; only a change of group or of what matches the search moves rows.
    const QList<Row> now = rowsNow();
    const bool same = now.size() == m_rows.size() &&
                      std::equal(now.begin(), now.end(), m_rows.begin(), [](const Row& a, const Row& b) {
                          return a.group == b.group && a.source == b.source && a.count == b.count;
                      });
    if (!same) {
        rebuild();
        return;
    }
    for (int i = 0; i < m_rows.size(); ++i)
        if (m_rows.at(i).source >= first.row() && m_rows.at(i).source <= last.row())
            Q_EMIT dataChanged(index(i), index(i));
}

QModelIndex RunGroups::indexOf(const QString& id) const {
    for (int i = 0; i < m_rows.size(); ++i)
        if (m_rows.at(i).source >= 0 && index(i).data(RunIdRole).toString() == id)
            return index(i);
    return {};
}

int RunGroups::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant RunGroups::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row& row = m_rows.at(index.row());
    if (role == IsHeadingRole)
        return row.source < 0;
    if (row.source >= 0)
        return m_runs ? m_runs->index(row.source, 0).data(role) : QVariant();
    if (role == CountRole)
        return row.count;
    if (role == Qt::DisplayRole) {
        switch (row.group) {
        case Running:
            return tr("Running");
        case Queue:
            return tr("Queue");
        case Finished:
            return tr("Finished");
        default:
            return tr("Failed");
        }
    }
    return {};
}

Qt::ItemFlags RunGroups::flags(const QModelIndex& index) const {
    if (!index.isValid() || m_rows.at(index.row()).source < 0)
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

} // namespace ui
