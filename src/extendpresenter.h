#pragma once

#include "engine/api/knobs.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "src/answer.h"
#include "ui/frame/extenddialog.h"

#include <vector>

namespace app {

// Feeds the dialog that trains a run longer: what each choice would do, worked out by the engine before it is accepted.
// Lives as long as the dialog.
class ExtendPresenter final : public QObject {
    Q_OBJECT
public:
    static ExtendPresenter* open(QWidget& window, const engine::RunSummary& run);

Q_SIGNALS:
    void accepted(const std::vector<engine::ChangedSetting>& changes, double aboutSeconds);

private:
    ExtendPresenter(ui::ExtendDialog& dialog, const engine::RunSummary& run, engine::Experiment experiment);
    [[nodiscard]] std::vector<engine::ChangedSetting> changes() const;
    [[nodiscard]] double secondsMore() const; // about; 0: not known
    void ask();
    void show();
    ui::ExtendDialog& m_dialog;
    engine::RunSummary m_run;
    engine::Experiment m_experiment;
    engine::Knobs m_knobs;
    Answer<engine::ResumePlan> m_plan;
    Background m_background{1}; // last: ends its work before the answer goes
};

// The learning rate of a run over its epochs, by a schedule in parts as ResumePlan has it and by its knobs; at most
// `points` of them between the two epochs.
[[nodiscard]] QList<QPointF> rateCurve(const engine::Experiment& experiment, std::int64_t stepsPerEpoch,
                                       double fromEpoch, double toEpoch, int points, const engine::Knobs& knobs = {});

} // namespace app
