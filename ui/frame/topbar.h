#pragma once

#include "ui/frame/commandpalette.h"

#include <QWidget>

class QMenu;
class QAction;

namespace ui {

class IconButton;
class ProjectButton;
class FindBox;

// Menu, project, find, undo, redo, help.
class TopBar final : public QWidget {
    Q_OBJECT
public:
    explicit TopBar(QWidget* parent = nullptr);
    void setProjectName(const QString& name);
    [[nodiscard]] QMenu* mainMenu() const { return m_mainMenu; }       // fill it; Appearance is already in it
    [[nodiscard]] QMenu* projectMenu() const { return m_projectMenu; } // fill it
    void setUndoActions(QAction* undo, QAction* redo);                 // enabled state and texts follow the actions
    // What Ctrl K finds; asked each time it opens.
    void setCommands(const std::function<QList<Command>()>& commands);
    void openFind();

Q_SIGNALS:
    void commandChosen(const QString& id);
    void helpRequested();
    void appearanceChosen(ui::Appearance appearance);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QMenu* m_mainMenu;
    QMenu* m_projectMenu;
    IconButton* m_menu;
    ProjectButton* m_project;
    FindBox* m_find;
    IconButton* m_undo;
    IconButton* m_redo;
    IconButton* m_help;
    QWidget* m_right;
    std::function<QList<Command>()> m_commands;
};

} // namespace ui
