#pragma once

#include "engine/api/bench.h"
#include "engine/api/experiment.h"
#include "src/answer.h"

#include <QObject>

#include <vector>

class QWidget;

namespace ui {
class ScalingDialog;
}

namespace app {

// Feeds the scaling probe: measures steps like the experiment's with 1, 2, 4 … ranks. Lives as long as the dialog; what
// is measured then is broken off.
class ScalingPresenter final : public QObject {
    Q_OBJECT
public:
    static ScalingPresenter* open(QWidget& window, const engine::Experiment& experiment, std::size_t gpus);

private:
    ScalingPresenter(ui::ScalingDialog& dialog, const engine::Experiment& experiment, std::size_t gpus);
    void measure();
    void show();
    ui::ScalingDialog& m_dialog;
    engine::TrainBench m_bench;
    int m_most; // ranks
    bool m_onCpu;
    int m_asked = 0;
    Answer<std::vector<engine::ScalingRow>> m_rows;
    Background m_background{1}; // last: ends its work before the answer goes
};

} // namespace app
