#pragma once

#include "src/background.h"
#include "src/draft.h"

#include <QTimer>

class QAction;
class QMenu;

namespace ui {
class MainFrame;
}

namespace app {

class ExperimentDocument;

// Which experiment is open: new, open, save, the sample, what was open last; the menus that lead there.
class ProjectActions final : public QObject {
    Q_OBJECT
public:
    ProjectActions(ui::MainFrame& frame, ExperimentDocument& document, QObject* parent = nullptr);

    void setRunsFolder(const QString& folder) { m_runsFolder = folder; } // instead of the project's own
    [[nodiscard]] QString runsFolder() const;
    [[nodiscard]] bool opening() const { return m_opening; }    // the sample is being drawn
    [[nodiscard]] bool atRest() { return m_background.idle(); } // nothing is being drawn
    // An experiment file, a run's folder, a project's folder or a folder of pictures.
    void openTarget(const QString& path);
    void openLast(); // on the very first start the welcome, while the sample is drawn behind it
    void openSample();
    void newExperiment();
    void chooseFile();
    void save() { saveThen({}); }
    void saveAs() { saveAsThen({}); }
    void keepForNextStart() { m_draft.keepNow(); }
    [[nodiscard]] const Draft& draft() const { return m_draft; }
    [[nodiscard]] QList<QAction*> actions() const { return m_actions; }

Q_SIGNALS:
    void projectChanged(); // another runs folder
    void runRequested(const QString& id);
    void importRequested(); // of runs that another tool recorded
    void quitRequested();

private:
    void openFile(const QString& file);
    void takeUpDraft();
    void drawSample(const std::function<void(Outcome<QString>)>& then);
    void saveThen(const std::function<void()>& then);
    void saveAsThen(const std::function<void()>& then);
    void saveTo(const QString& file, const std::function<void()>& then);
    void showFailure(const Trouble& trouble) const;
    void ifMayLeave(const std::function<void()>& then);
    void fillMenus();
    void fillProjectMenu(QMenu& menu);
    void fileChanged();
    QAction* add(QMenu& menu, const char* iconName, const QString& text, const QKeySequence& keys,
                 const std::function<void()>& act);
    ui::MainFrame& m_frame;
    ExperimentDocument& m_document;
    Draft m_draft;
    QString m_runsFolder;
    QList<QAction*> m_actions;
    bool m_opening = false;
    Background m_background{1};
};

} // namespace app
