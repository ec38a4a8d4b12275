#pragma once

#include "ui/theme.h"

#include <QFrame>
#include <QList>

#include <functional>

class QLineEdit;
class QListView;
class QStandardItemModel;

namespace ui {

// Something Ctrl K can find: a setting, a run, a command.
struct Command {
    QString id;
    QString title;
    QString detail;   // "Setting · Recipe", "Run · 96.1 %"
    QString shortcut; // shown at the right
    QString iconName;
    bool enabled = true;
};

// The list under the find field: type to filter (every word must occur), arrows, Enter runs, Escape closes.
class CommandPalette final : public QFrame {
    Q_OBJECT
public:
    CommandPalette(const QList<Command>& commands, QWidget* parent);
    void openOver(const QRect& globalField);

Q_SIGNALS:
    void chosen(const QString& id);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void filter(const QString& text);
    void accept();
    QList<Command> m_commands;
    QLineEdit* m_field;
    QListView* m_list;
    QStandardItemModel* m_model;
};

} // namespace ui
