#pragma once

#include <QModelIndex>
#include <QStringList>

class QMenu;

namespace ui {

// What a person may ask of runs in the list.
enum class RunAction {
    Open,
    Try,
    Export,
    UseSettings,
    Resume,
    TrainLonger,
    StartQueue,
    MoveToFront,
    MoveUp,
    MoveDown,
    StartTime,
    TakeOut,
    Rename,
    Tags,
    Star,
    Unstar,
    Archive,
    Unarchive,
    OpenFolder,
    Delete
};

// Fills the menu of the run in the given row with what its state allows; `ids` are all that are selected. Every action
// of the menu carries its RunAction as data.
void fillRunMenu(QMenu& menu, const QModelIndex& run, const QStringList& ids);

} // namespace ui
