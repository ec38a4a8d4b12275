#pragma once

#include "src/page.h"

#include <memory>
#include <vector>

namespace app {

// What Ctrl K finds: every page, what each of them offers (Setup: every setting), every run, every command.
class Commands final : public QObject {
    Q_OBJECT
public:
    Commands(ui::MainFrame& frame, const std::vector<std::unique_ptr<Page>>& pages, RunLibrary& library,
             RunActions& runs, ProjectActions& project, QObject* parent = nullptr);

private:
    struct Own {
        ui::Command command;
        std::function<void()> act;
    };
    [[nodiscard]] QList<Own> own() const;
    [[nodiscard]] QList<ui::Command> all() const;
    void addRuns(QList<ui::Command>& commands) const;
    void carryOut(const QString& id);
    ui::MainFrame& m_frame;
    const std::vector<std::unique_ptr<Page>>& m_pages;
    RunLibrary& m_library;
    RunActions& m_runs;
    ProjectActions& m_project;
};

} // namespace app
