#include "src/commands.h"

#include "engine/api/parameter.h"
#include "src/projectactions.h"
#include "src/runactions.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/frame/mainframe.h"
#include "ui/setup/setuppage.h"

#include <QAction>

namespace app {
namespace {

struct ModeCommand {
    ui::Mode mode;
    const char* iconName;
    const char* title;
};
constexpr ModeCommand kModeCommands[] = {
    {ui::Mode::Setup, "sliders-horizontal", QT_TRANSLATE_NOOP("Commands", "Setup")},
    {ui::Mode::Live, "activity", QT_TRANSLATE_NOOP("Commands", "Live")},
    {ui::Mode::Compare, "git-compare", QT_TRANSLATE_NOOP("Commands", "Compare")},
    {ui::Mode::Try, "scan-eye", QT_TRANSLATE_NOOP("Commands", "Try")}};

QString sectionWords(const QString& key) {
    const QString section = key.section(QLatin1Char('.'), 0, 0);
    if (section == QLatin1String("data"))
        return Commands::tr("Setting · Data");
    if (section == QLatin1String("model"))
        return Commands::tr("Setting · Backbone");
    if (section == QLatin1String("freeze"))
        return Commands::tr("Setting · Freeze");
    if (section == QLatin1String("devices"))
        return Commands::tr("Setting · Devices");
    if (section == QLatin1String("experiment"))
        return Commands::tr("Setting");
    return Commands::tr("Setting · Recipe");
}

} // namespace

Commands::Commands(ui::MainFrame& frame, ui::SetupPage& setup, RunLibrary& library, RunActions& runs,
                   ProjectActions& project, QObject* parent)
    : QObject(parent), m_frame(frame), m_setup(setup), m_library(library), m_runs(runs), m_project(project) {
    frame.topBar().setCommands([this] { return all(); });
    connect(&frame.topBar(), &ui::TopBar::commandChosen, this, &Commands::carryOut);
}

QList<ui::Command> Commands::all() const {
    QList<ui::Command> made;
    for (const auto& one : kModeCommands)
        made.append({QStringLiteral("mode:%1").arg(static_cast<int>(one.mode)), tr(one.title), tr("Page"),
                     tr("Ctrl %1").arg(static_cast<int>(one.mode) + 1), QLatin1String(one.iconName), true});
    made.append({QStringLiteral("train"), tr("Train"), tr("Command"), tr("Ctrl Return"), QStringLiteral("play"), true});
    const QList<QAction*> actions = m_project.actions();
    for (qsizetype i = 0; i < actions.size(); ++i)
        made.append(
            {QStringLiteral("action:%1").arg(i), actions[i]->text(), tr("Command"),
             actions[i]->shortcut().toString(QKeySequence::NativeText).replace(QLatin1Char('+'), QLatin1Char(' ')),
             QStringLiteral("file-text"), actions[i]->isEnabled()});
    for (const auto& parameter : engine::experimentParameters()) {
        const QString key = words(parameter.key);
        made.append({QStringLiteral("field:%1").arg(key),
                     words(parameter.label),
                     sectionWords(key),
                     {},
                     QStringLiteral("sliders-horizontal"),
                     true});
    }
    for (int row = 0; row < m_library.rowCount(); ++row) {
        const QModelIndex index = m_library.index(row);
        made.append(
            {QStringLiteral("run:%1").arg(index.data(ui::RunIdRole).toString()),
             index.data().toString(),
             tr("Run · %1 · %2").arg(index.data(ui::RunBestRole).toString(), index.data(ui::RunLineRole).toString()),
             {},
             QStringLiteral("activity"),
             true});
    }
    return made;
}

void Commands::carryOut(const QString& id) {
    const QString kind = id.section(QLatin1Char(':'), 0, 0);
    const QString what = id.section(QLatin1Char(':'), 1);
    if (kind == QLatin1String("mode")) {
        m_frame.setMode(static_cast<ui::Mode>(what.toInt()));
    } else if (kind == QLatin1String("train")) {
        Q_EMIT m_frame.trainRequested();
    } else if (kind == QLatin1String("action")) {
        m_project.actions().at(what.toInt())->trigger();
    } else if (kind == QLatin1String("field")) {
        m_frame.setMode(ui::Mode::Setup);
        m_setup.showField(what);
    } else if (kind == QLatin1String("run")) {
        m_runs.open(what);
    }
}

} // namespace app
