#pragma once

#include "ui/frame/commandpalette.h"

#include <QObject>

namespace ui {
class MainFrame;
class SetupPage;
} // namespace ui

namespace app {

class ProjectActions;
class RunActions;
class RunLibrary;

// What Ctrl K finds: every setting, every run, every command.
class Commands final : public QObject {
    Q_OBJECT
public:
    Commands(ui::MainFrame& frame, ui::SetupPage& setup, RunLibrary& library, RunActions& runs, ProjectActions& project,
             QObject* parent = nullptr);

private:
    [[nodiscard]] QList<ui::Command> all() const;
    void carryOut(const QString& id);
    ui::MainFrame& m_frame;
    ui::SetupPage& m_setup;
    RunLibrary& m_library;
    RunActions& m_runs;
    ProjectActions& m_project;
};

} // namespace app
