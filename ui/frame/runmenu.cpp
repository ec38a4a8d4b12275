#include "ui/frame/runmenu.h"

#include "ui/frame/runlistview.h"
#include "ui/frame/runrole.h"
#include "ui/theme.h"

#include <QMenu>

namespace ui {
namespace {

using MenuState = RunListState;

// One menu under construction.
class MenuEntries final {
public:
    explicit MenuEntries(QMenu& menu) : m_menu(menu) {}
    QAction* add(RunAction what, const char* iconName, const QString& text) {
        QAction* action = m_menu.addAction(*iconName ? ui::icon(QLatin1String(iconName)) : QIcon(), text);
        action->setData(static_cast<int>(what));
        return action;
    }

private:
    QMenu& m_menu;
};

void addTrainingEntries(MenuEntries& entries, MenuState state, const QModelIndex& run) {
    if (state == MenuState::NotStarted)
        entries.add(RunAction::Resume, "play", RunListView::tr("Train"));
    else if (state == MenuState::Stopped || state == MenuState::Interrupted || state == MenuState::Failed)
        entries.add(RunAction::Resume, "play", RunListView::tr("Resume"));
    if (state == MenuState::Finished && run.data(RunTriedRole).toBool())
        entries.add(RunAction::TrainLonger, "timer", RunListView::tr("Train longer…"));
}

void addQueueEntries(MenuEntries& entries, const QModelIndex& run) {
    if (run.data(RunQueueStandsRole).toBool())
        entries.add(RunAction::StartQueue, "play", RunListView::tr("Start queue"));
    const bool first = run.data(RunPlaceRole).toInt() == 0;
    entries.add(RunAction::MoveToFront, "", RunListView::tr("To the front"))->setEnabled(!first);
    entries.add(RunAction::MoveUp, "arrow-up", RunListView::tr("Move up"))->setEnabled(!first);
    entries.add(RunAction::MoveDown, "arrow-down", RunListView::tr("Move down"));
    entries.add(RunAction::StartTime, "clock", RunListView::tr("Start time…"));
    entries.add(RunAction::TakeOut, "x", RunListView::tr("Take out of the queue"));
}

void addNoteEntries(MenuEntries& entries, const QModelIndex& run) {
    entries.add(RunAction::Rename, "pencil", RunListView::tr("Rename"))->setShortcut(QKeySequence(Qt::Key_F2));
    entries.add(RunAction::Tags, "tag", RunListView::tr("Tags…"));
    if (run.data(RunStarredRole).toBool())
        entries.add(RunAction::Unstar, "star", RunListView::tr("Take the star away"));
    else
        entries.add(RunAction::Star, "star", RunListView::tr("Give it a star"));
    if (run.data(RunArchivedRole).toBool())
        entries.add(RunAction::Unarchive, "package", RunListView::tr("Take out of the archive"));
    else
        entries.add(RunAction::Archive, "package", RunListView::tr("Archive"));
}

} // namespace

void fillRunMenu(QMenu& menu, const QModelIndex& run, const QStringList& ids) {
    const auto state = static_cast<MenuState>(run.data(RunStateRole).toInt());
    MenuEntries entries(menu);
    entries.add(RunAction::Open, "activity", RunListView::tr("Open in Live"));
    if (run.data(RunTriedRole).toBool()) {
        entries.add(RunAction::Try, "scan-eye", RunListView::tr("Try"));
        entries.add(RunAction::Export, "package-check", RunListView::tr("Export…"));
    }
    if (!run.data(RunImportedRole).toBool())
        entries.add(RunAction::UseSettings, "sliders-horizontal", RunListView::tr("Use its settings"));
    addTrainingEntries(entries, state, run);
    menu.addSeparator();
    if (state == MenuState::Queued) {
        addQueueEntries(entries, run);
        menu.addSeparator();
    }
    addNoteEntries(entries, run);
    entries.add(RunAction::OpenFolder, "folder-open", RunListView::tr("Open its folder"));
    menu.addSeparator();
    QAction* remove =
        entries.add(RunAction::Delete, "trash-2",
                    ids.size() > 1 ? RunListView::tr("Delete %1 runs").arg(ids.size()) : RunListView::tr("Delete run"));
    remove->setEnabled(state != MenuState::Running && state != MenuState::Paused);
}

} // namespace ui
