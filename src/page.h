#pragma once

#include "ui/frame/commandpalette.h"

#include <QObject>

class QWidget;

namespace ui {
class MainFrame;
}

namespace app {

class ExperimentDocument;
class LabelList;
class ProjectActions;
class RunActions;
class RunController;
class RunLibrary;

// What a page is made from and what it may reach; all of it outlives the page.
struct PageContext {
    ui::MainFrame& frame;
    ExperimentDocument& document;
    ProjectActions& project;
    RunController& controller;
    RunLibrary& runLibrary;
    RunActions& runs;
    LabelList& labels;
};

// A page of the window with what feeds it and its wires to the rest, as the application sees it.
class Page : public QObject {
    Q_OBJECT
public:
    explicit Page(QWidget& widget);

    [[nodiscard]] QWidget& widget() const { return m_widget; } // the frame takes it
    [[nodiscard]] virtual bool atRest() const { return true; } // nothing is being worked out
    virtual void choose(const QString& run) { (void)run; }     // a run was chosen in the list
    // What Ctrl K finds of it, and what carries that out; ids are the page's own.
    [[nodiscard]] virtual QList<ui::Command> commands() const { return {}; }
    virtual void carryOut(const QString& command) { (void)command; }

private:
    QWidget& m_widget;
};

} // namespace app
