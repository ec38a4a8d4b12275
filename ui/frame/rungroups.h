#pragma once

#include "ui/frame/runrole.h"

#include <QAbstractListModel>
#include <QPointer>

namespace ui {

// The flat list of runs as the list shows it: a heading before each group, only runs that match the search. The queue
// stands in the order in which it starts; the archive is closed until it is opened or something is searched for.
class RunGroups final : public QAbstractListModel {
    Q_OBJECT
public:
    enum Group { Running, Queue, Stopped, Finished, Failed, Archive, Groups };
    enum {
        IsHeadingRole = Qt::UserRole + 100,
        CountRole,
        ActionRole, // QString: what a click at the heading's right end does; empty: nothing
        OpenRole    // bool, of the heading of a group that opens and closes
    };

    explicit RunGroups(QObject* parent = nullptr);
    void setRuns(QAbstractItemModel* runs);
    void setFilter(const QString& text); // every word must occur in name, tags or the line of state
    void setArchiveOpen(bool open);
    [[nodiscard]] bool archiveOpen() const { return m_archiveOpen || !m_words.isEmpty(); }
    [[nodiscard]] Group groupAt(const QModelIndex& index) const;
    [[nodiscard]] QModelIndex indexOf(const QString& id) const;
    [[nodiscard]] static Group groupOf(RunListState state);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override; // a name: emits renamed()

Q_SIGNALS:
    void renamed(const QString& id, const QString& name);
    void rebuilt(); // after rows were grouped anew: selections by id must be restored

private:
    struct Row {
        int group = 0;
        int source = -1; // −1: heading
        int count = 0;
    };
    [[nodiscard]] bool matches(const QModelIndex& run) const;
    [[nodiscard]] QList<Row> rowsNow() const;
    [[nodiscard]] QString queueAction() const;
    [[nodiscard]] QVariant heading(const Row& row, int role) const;
    void rebuild();
    void sourceChanged(const QModelIndex& first, const QModelIndex& last);
    QPointer<QAbstractItemModel> m_runs;
    QStringList m_words;
    bool m_archiveOpen = false;
    QList<Row> m_rows;
    QString m_action; // of the queue's heading, as shown
};

} // namespace ui
