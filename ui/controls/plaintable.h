#pragma once

class QTableView;

namespace ui {

// A table without frame, grid and row numbers, read and not edited: rows of one height, chosen whole and singly, Tab
// goes on to the next widget.
void makePlainTable(QTableView& table, int rowHeight);

} // namespace ui
