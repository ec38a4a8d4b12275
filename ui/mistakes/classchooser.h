#pragma once

#include <QFrame>
#include <QStringList>

class QLineEdit;
class QListView;
class QSortFilterProxyModel;
class QStringListModel;

namespace ui {

// A list of classes below a button, found by typing: Return takes the first that is left, Up and Down go through them.
class ClassChooser final : public QFrame {
    Q_OBJECT
public:
    explicit ClassChooser(QWidget* parent = nullptr);
    void setClasses(const QStringList& classes); // those that are likely first
    void openAt(const QWidget* button);

Q_SIGNALS:
    void chosen(const QString& name);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void take(const QModelIndex& index);
    QLineEdit* m_search;
    QListView* m_list;
    QStringListModel* m_model;
    QSortFilterProxyModel* m_found;
};

} // namespace ui
