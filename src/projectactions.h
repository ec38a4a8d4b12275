#pragma once

#include "src/background.h"

#include <QTimer>

class QAction;
class QMenu;

namespace ui {
class MainFrame;
class SetupPage;
} // namespace ui

namespace app {

class ExperimentDocument;

// Which experiment is open: new, open, save, the sample, what was open last; the menus that lead there.
class ProjectActions final : public QObject {
    Q_OBJECT
public:
    ProjectActions(ui::MainFrame& frame, ui::SetupPage& page, ExperimentDocument& document, QObject* parent = nullptr);

    void setRunsFolder(const QString& folder) { m_runsFolder = folder; } // instead of the project's own
    [[nodiscard]] QString runsFolder() const;
    [[nodiscard]] bool opening() const { return m_opening; } // the sample is being drawn
    // An experiment file, a run's folder, a project's folder or a folder of pictures.
    void openTarget(const QString& path);
    void openLast(); // the sample on the very first start
    void openSample();
    void newExperiment();
    void chooseFile();
    void save();
    void saveAs();
    // Edits that were not saved are there again at the next start.
    void keepForNextStart() const;
    [[nodiscard]] QList<QAction*> actions() const { return m_actions; }

Q_SIGNALS:
    void projectChanged(); // another runs folder
    void runRequested(const QString& id);
    void quitRequested();

private:
    void openFile(const QString& file);
    void takeUpDraft();
    void saveTo(const QString& file);
    void showFailure(const Trouble& trouble) const;
    void ifMayLeave(const std::function<void()>& then);
    void fillMenus();
    void fillProjectMenu(QMenu& menu);
    void fileChanged();
    QAction* add(QMenu& menu, const char* iconName, const QString& text, const QKeySequence& keys,
                 const std::function<void()>& act);
    ui::MainFrame& m_frame;
    ExperimentDocument& m_document;
    QString m_runsFolder;
    QList<QAction*> m_actions;
    bool m_opening = false;
    QTimer m_keepSoon; // a second after each edit: a crash takes no more than that
    Background m_background{1};
};

} // namespace app
