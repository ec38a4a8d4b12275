#pragma once

#include "engine/api/importruns.h"
#include "src/background.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <stop_token>

namespace ui {
class MainFrame;
}

namespace app {

class LatestProgress;
class RunLibrary;

// Takes runs of other tools into the project: asks for their folder, reads it off the GUI thread and says what came.
class RunImport final : public QObject {
    Q_OBJECT
public:
    RunImport(ui::MainFrame& frame, RunLibrary& library, QObject* parent = nullptr);
    ~RunImport() override;
    void ask();
    void begin(const QString& source); // a folder of event files, or one of them
    [[nodiscard]] bool atRest() { return m_background.idle(); }

private:
    void tell(const Outcome<std::vector<engine::ImportedRun>>& outcome);
    void showProgress();
    ui::MainFrame& m_frame;
    RunLibrary& m_library;
    std::stop_source m_stop;
    std::shared_ptr<LatestProgress> m_progress;
    QTimer m_slow; // says how far it is where it takes long
    Background m_background{1};
};

} // namespace app
