#pragma once

#include "ui/compare/comparedata.h"

#include <QFrame>

class QListView;
class QLineEdit;
class QStandardItemModel;
class QSortFilterProxyModel;

namespace ui {

// A list of all columns that the table can have, with a tick each and a field to search in. Opens below a button.
class ColumnChooser final : public QFrame {
    Q_OBJECT
public:
    explicit ColumnChooser(QWidget* parent);
    void setColumns(const QList<ColumnChoice>& columns);
    void openBelow(const QWidget* button);

Q_SIGNALS:
    void chosen(const QStringList& keys); // at each tick; in the order of the list
    void usualRequested();                // those that the program chooses

private:
    void emitChosen();
    QLineEdit* m_search;
    QListView* m_list;
    QStandardItemModel* m_model;
    QSortFilterProxyModel* m_found;
    bool m_filling = false;
};

} // namespace ui
