#pragma once

#include "engine/api/datareport.h"
#include "engine/api/experiment.h"
#include "src/answer.h"
#include "src/runcontroller.h"

#include <optional>
#include <vector>

class QWidget;

namespace ui {
class SweepDialog;
}

namespace app {

// Feeds the dialog of sweeps: which runs the chosen values make and what they will take. Lives as long as the dialog.
class SweepPresenter final : public QObject {
    Q_OBJECT
public:
    // `data`: what the data are, where it is known.
    static SweepPresenter* open(QWidget& window, const engine::Experiment& experiment, const engine::DataReport* data);

Q_SIGNALS:
    void accepted(const std::vector<app::PlannedRun>& runs, const QString& group);

private:
    SweepPresenter(ui::SweepDialog& dialog, const engine::Experiment& experiment, const engine::DataReport* data);
    void ask();
    void show();
    ui::SweepDialog& m_dialog;
    engine::Experiment m_experiment;
    std::optional<engine::DataReport> m_data;
    Answer<std::vector<PlannedRun>> m_runs;
    Background m_background{1}; // last: ends its work before the answer goes
};

} // namespace app
