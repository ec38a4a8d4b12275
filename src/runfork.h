#pragma once

#include <QString>

namespace ui {
class MainFrame;
} // namespace ui

namespace app {

class RunController;
class RunLibrary;

// Asks whether a new run is to be made from a step of this one, and says which checkpoint it would begin with.
void askToFork(ui::MainFrame& frame, RunController& controller, const RunLibrary& library, const QString& id,
               double step);

} // namespace app
