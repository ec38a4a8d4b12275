#pragma once

#include <Qt>

namespace ui {

// State of a run as the lists show it.
enum class RunListState { Running, Paused, Queued, Finished, Stopped, Interrupted, Failed, NotStarted };

// Roles a flat model of runs gives (one row a run, newest first); used by RunListView and the table of Compare.
// Qt::DisplayRole is the name. In Compare's table they hold for every column of the row, DisplayRole is the cell.
enum RunRole {
    RunIdRole = Qt::UserRole + 1, // QString
    RunStateRole,                 // int(RunListState)
    RunColourRole,                // int ≥ 1: number of the run's colour
    RunTickedRole,                // bool: drawn
    RunStarredRole,               // bool
    RunBestRole,                  // QString: best value, "96.1 %"; "–" where there is none
    RunLineRole,         // QString: "Today 14:02 · 1:13", "Epoch 41 of 60 · 0:31 left", "Out of memory · 13:40"
    RunTagsRole,         // QStringList
    RunReferenceRole,    // bool, Compare: the run the others are held against
    RunBestInColumnRole, // bool, Compare, per cell: drawn bold
    RunSortRole,         // Compare, per cell: double or QString to sort by
    RunPlaceRole,        // int: its place in the queue, from 0; only of those that wait
    RunQueueStandsRole,  // bool: it waits, and nobody trains what waits
    RunArchivedRole,     // bool
    RunTriedRole,        // bool: it has a model that Try can use
    RunImportedRole      // bool: another tool recorded it; it has no settings of its own
};

} // namespace ui
