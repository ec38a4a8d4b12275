#pragma once

#include "src/page.h"

#include <QObject>
#include <QString>

#include <memory>
#include <vector>

class QCloseEvent;

namespace ui {
class MainFrame;
}

namespace app {

class ComparePresenter;
class ExperimentDocument;
class LabelList;
class LivePresenter;
class ProjectActions;
class RunActions;
class RunController;
class RunLibrary;
class SetupPresenter;
class TryPresenter;

struct StartOptions {
    QString target;     // experiment, run, project or folder of pictures; empty: what was open last
    QString runsFolder; // empty: the project's own
    bool restoreLayout = true;
};

// Puts the program together: window, pages, what feeds them, and how they reach each other. ui::Theme is installed
// before.
class Application final : public QObject {
    Q_OBJECT
public:
    explicit Application(const StartOptions& options, QObject* parent = nullptr);
    ~Application() override;

    [[nodiscard]] ui::MainFrame& frame() { return *m_frame; }
    [[nodiscard]] ExperimentDocument& document() { return *m_document; }
    [[nodiscard]] RunController& controller() { return *m_controller; }
    [[nodiscard]] RunLibrary& runLibrary() { return *m_library; }
    [[nodiscard]] LabelList& labels() { return *m_labels; }
    [[nodiscard]] LivePresenter& live();
    [[nodiscard]] ComparePresenter& compare();
    [[nodiscard]] SetupPresenter& setup();
    [[nodiscard]] TryPresenter& tryOut();
    [[nodiscard]] bool atRest() const; // nothing is being opened or worked out

private:
    void makePages();
    void wireFrame();
    void wireRuns();
    void tellWaiting();
    void projectChanged();
    void updateButtons();
    void closing(QCloseEvent* event);
    void keepSettings() const;
    std::unique_ptr<ui::MainFrame> m_frame;
    std::unique_ptr<ExperimentDocument> m_document;
    std::unique_ptr<RunController> m_controller;
    std::unique_ptr<RunLibrary> m_library;
    std::unique_ptr<class DevicePresenter> m_devices;
    std::unique_ptr<ProjectActions> m_project;
    std::unique_ptr<RunActions> m_runs;
    std::unique_ptr<LabelList> m_labels;
    std::unique_ptr<class RunImport> m_import;
    std::vector<std::unique_ptr<Page>> m_pages;
    std::unique_ptr<class Commands> m_commands;
    bool m_leaving = false; // stops what runs, then closes
};

} // namespace app
