#include "src/commands.h"

#include "src/projectactions.h"
#include "src/runactions.h"
#include "src/runlibrary.h"
#include "ui/frame/mainframe.h"

#include <QAction>

namespace app {

Commands::Commands(ui::MainFrame& frame, const std::vector<std::unique_ptr<Page>>& pages, RunLibrary& library,
                   RunActions& runs, ProjectActions& project, QObject* parent)
    : QObject(parent), m_frame(frame), m_pages(pages), m_library(library), m_runs(runs), m_project(project) {
    frame.topBar().setCommands([this] { return all(); });
    connect(&frame.topBar(), &ui::TopBar::commandChosen, this, &Commands::carryOut);
}

// Those that are neither a page's nor in a menu.
QList<Commands::Own> Commands::own() const {
    return {{{QStringLiteral("own:train"), tr("Train"), tr("Command"), tr("Ctrl Return"), QStringLiteral("play"), true},
             [this] { Q_EMIT m_frame.trainRequested(); }},
            {{QStringLiteral("own:queue"), tr("Start queue"), tr("Command"), {}, QStringLiteral("list-ordered"), true},
             [this] { m_runs.startQueue(); }},
            {{QStringLiteral("own:export"),
              tr("Export the chosen run's model…"),
              tr("Command"),
              {},
              QStringLiteral("package-check"),
              !m_frame.runList().current().isEmpty()},
             [this] { m_runs.exportModel(m_frame.runList().current()); }},
            {{QStringLiteral("own:runs"), tr("Show or hide the runs"), tr("Command"), tr("Ctrl B"),
              QStringLiteral("list-ordered"), true},
             [this] { m_frame.toggleRunList(); }}};
}

QList<ui::Command> Commands::all() const {
    QList<ui::Command> made;
    for (const auto& page : m_frame.pages())
        made.append({QStringLiteral("page:") + page.key, page.title, tr("Page"), ui::keyWords(page.shortcut),
                     page.iconName, true});
    for (const auto& one : own())
        made.append(one.command);
    const QList<QAction*> actions = m_project.actions();
    for (qsizetype i = 0; i < actions.size(); ++i)
        made.append({QStringLiteral("action:%1").arg(i), actions[i]->text(), tr("Command"),
                     ui::keyWords(actions[i]->shortcut()), QStringLiteral("file-text"), actions[i]->isEnabled()});
    for (std::size_t i = 0; i < m_pages.size(); ++i)
        for (ui::Command command : m_pages[i]->commands()) {
            command.id = QStringLiteral("of:%1:%2").arg(i).arg(command.id);
            made.append(command);
        }
    addRuns(made);
    return made;
}

void Commands::addRuns(QList<ui::Command>& commands) const {
    for (int row = 0; row < m_library.rowCount(); ++row) {
        const QModelIndex index = m_library.index(row);
        commands.append(
            {QStringLiteral("run:%1").arg(index.data(ui::RunIdRole).toString()),
             index.data().toString(),
             tr("Run · %1 · %2").arg(index.data(ui::RunBestRole).toString(), index.data(ui::RunLineRole).toString()),
             {},
             QStringLiteral("activity"),
             true});
    }
}

void Commands::carryOut(const QString& id) {
    const QString kind = id.section(QLatin1Char(':'), 0, 0);
    const QString what = id.section(QLatin1Char(':'), 1);
    if (kind == QLatin1String("page"))
        m_frame.showPage(what);
    else if (kind == QLatin1String("action"))
        m_project.actions().at(what.toInt())->trigger();
    else if (kind == QLatin1String("run"))
        m_runs.open(what);
    else if (kind == QLatin1String("of"))
        m_pages.at(what.section(QLatin1Char(':'), 0, 0).toUInt())->carryOut(what.section(QLatin1Char(':'), 1));
    for (const auto& one : own())
        if (one.command.id == id)
            one.act();
}

} // namespace app
