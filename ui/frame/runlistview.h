#pragma once

#include "ui/frame/runmenu.h"
#include "ui/frame/runrole.h"
#include "ui/theme.h"

#include <QWidget>

class QAbstractItemModel;
class QKeyEvent;
class QLineEdit;
class QListView;
class QMouseEvent;

namespace ui {

class Label;
class RunGroups;

// The list of runs: groups Running, Queue, Stopped, Finished, Failed, Archive with counts; a tick in the run's colour
// (drawn in charts), name, star, best value and a line of state. Shows a flat model with the roles of runrole.h.
class RunListView final : public QWidget {
    Q_OBJECT
public:
    explicit RunListView(QWidget* parent = nullptr);
    void setModel(QAbstractItemModel* runs);
    void setCurrent(const QString& id); // does not emit
    [[nodiscard]] QString current() const;
    [[nodiscard]] QStringList selected() const;
    void setFoot(const QString& left, const QString& right); // "Ticked runs are drawn", "0.9 GB"
    [[nodiscard]] QListView* list() const { return m_list; }

Q_SIGNALS:
    void currentChanged(const QString& id); // selected by the person: show it
    void activated(const QString& id);      // double click or Return: open it in Live
    void tickRequested(const QString& id, bool ticked);
    void starRequested(const QString& id, bool starred);
    void actionRequested(ui::RunAction action, const QStringList& ids); // menu and keys, but for open and star
    void renamed(const QString& id, const QString& name);
    void newRunRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void openMenu(const QPoint& position);
    void wireList();
    void carryOut(RunAction action, const QModelIndex& run, const QStringList& ids);
    bool pressed(const QMouseEvent& event);
    bool keyed(const QKeyEvent& event);
    RunGroups* m_groups;
    QLineEdit* m_search;
    QListView* m_list;
    Label* m_footLeft;
    Label* m_footRight;
    QString m_currentId;
    bool m_restoring = false;
    int m_glyphFrame = 0;
};

} // namespace ui
