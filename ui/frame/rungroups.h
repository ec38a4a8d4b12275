#pragma once

#include "ui/frame/runrole.h"

#include <QAbstractListModel>
#include <QPointer>

namespace ui {

// The flat list of runs as the list shows it: a heading before each group, only runs that match the search.
class RunGroups final : public QAbstractListModel {
    Q_OBJECT
public:
    enum Group { Running, Queue, Finished, Failed };
    enum { IsHeadingRole = Qt::UserRole + 100, CountRole };

    explicit RunGroups(QObject* parent = nullptr);
    void setRuns(QAbstractItemModel* runs);
    void setFilter(const QString& text); // every word must occur in name, tags or the line of state
    [[nodiscard]] QModelIndex indexOf(const QString& id) const;
    [[nodiscard]] static Group groupOf(RunListState state);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void rebuilt(); // after rows were grouped anew: selections by id must be restored

private:
    struct Row {
        int group = 0;
        int source = -1; // −1: heading
        int count = 0;
    };
    [[nodiscard]] QList<Row> rowsNow() const;
    void rebuild();
    void sourceChanged(const QModelIndex& first, const QModelIndex& last);
    QPointer<QAbstractItemModel> m_runs;
    QStringList m_words;
    QList<Row> m_rows;
};

} // namespace ui
