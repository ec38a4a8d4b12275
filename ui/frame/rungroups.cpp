#include "ui/frame/rungroups.h"

#include <algorithm>
#include <array>
#include <utility>

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
    case RunListState::Stopped:
    case RunListState::Interrupted:
    case RunListState::NotStarted:
        return Stopped;
    case RunListState::Finished:
        break;
    }
    return Finished;
}

bool RunGroups::matches(const QModelIndex& run) const {
    const QString all = run.data().toString() + QLatin1Char(' ') + run.data(RunLineRole).toString() + QLatin1Char(' ') +
                        run.data(RunTagsRole).toStringList().join(QLatin1Char(' '));
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

void RunGroups::setArchiveOpen(bool open) {
    m_archiveOpen = open;
    rebuild();
}

RunGroups::Group RunGroups::groupAt(const QModelIndex& index) const {
    return static_cast<Group>(m_rows.at(index.row()).group);
}

QList<RunGroups::Row> RunGroups::rowsNow() const {
    std::array<QList<int>, Groups> groups;
    for (int i = 0; m_runs && i < m_runs->rowCount(); ++i) {
        const QModelIndex run = m_runs->index(i, 0);
        const Group group = groupOf(static_cast<RunListState>(run.data(RunStateRole).toInt()));
        const bool kept = run.data(RunArchivedRole).toBool() && group != Running && group != Queue;
        if (matches(run))
            groups[kept ? Archive : group].append(i);
    }
    std::ranges::stable_sort(groups[Queue], {},
                             [this](int row) { return m_runs->index(row, 0).data(RunPlaceRole).toInt(); });
    QList<Row> rows;
    for (int group = 0; group < Groups; ++group) {
        const QList<int>& runs = groups[static_cast<std::size_t>(group)];
        if (runs.isEmpty())
            continue;
        rows.append({group, -1, static_cast<int>(runs.size())});
        if (group != Archive || archiveOpen())
            for (const int source : runs)
                rows.append({group, source, 0});
    }
    return rows;
}

void RunGroups::rebuild() {
    beginResetModel();
    m_rows = rowsNow();
    m_action = queueAction();
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
    const bool stands = std::exchange(m_action, queueAction()) != queueAction();
    for (int i = 0; i < m_rows.size(); ++i) {
        const Row& row = m_rows.at(i);
        const bool changed =
            row.source < 0 ? stands && row.group == Queue : row.source >= first.row() && row.source <= last.row();
        if (changed)
            Q_EMIT dataChanged(index(i), index(i));
    }
}

// "Start queue" where nobody trains what waits.
QString RunGroups::queueAction() const {
    for (const Row& row : m_rows)
        if (row.group == Queue && row.source >= 0)
            return m_runs->index(row.source, 0).data(RunQueueStandsRole).toBool() ? tr("Start queue") : QString();
    return {};
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
        return m_runs ? m_runs->index(row.source, 0).data(role == Qt::EditRole ? int(Qt::DisplayRole) : role)
                      : QVariant();
    return heading(row, role);
}

QVariant RunGroups::heading(const Row& row, int role) const {
    static const std::array<const char*, Groups> kNames{QT_TR_NOOP("Running"), QT_TR_NOOP("Queue"),
                                                        QT_TR_NOOP("Stopped"), QT_TR_NOOP("Finished"),
                                                        QT_TR_NOOP("Failed"),  QT_TR_NOOP("Archive")};
    switch (role) {
    case CountRole:
        return row.count;
    case Qt::DisplayRole:
        return tr(kNames[static_cast<std::size_t>(row.group)]);
    case OpenRole:
        return row.group == Archive ? QVariant(archiveOpen()) : QVariant();
    case ActionRole:
        return row.group == Queue ? QVariant(queueAction()) : QVariant();
    default:
        return {};
    }
}

bool RunGroups::setData(const QModelIndex& index, const QVariant& value, int role) {
    const QString name = value.toString().trimmed();
    if (role != Qt::EditRole || name.isEmpty() || name == index.data().toString())
        return false;
    Q_EMIT renamed(index.data(RunIdRole).toString(), name);
    return true;
}

Qt::ItemFlags RunGroups::flags(const QModelIndex& index) const {
    if (!index.isValid() || m_rows.at(index.row()).source < 0)
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable;
}

} // namespace ui
