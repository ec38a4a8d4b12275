#include "src/extendpresenter.h"

#include "engine/api/catalog.h"
#include "engine/api/parameter.h"
#include "engine/api/schedule.h"
#include "src/values.h"
#include "ui/format.h"

#include <algorithm>
#include <cmath>

namespace app {
namespace {

constexpr int kPoints = 120; // of each half of the picture

// The part that is followed at a step; null where the settings say it all.
const engine::SchedulePart* partAt(const engine::TrainSettings& train, std::int64_t step) {
    const engine::SchedulePart* found = nullptr;
    for (const auto& part : train.parts)
        if (!found || part.fromStep <= step)
            found = &part;
    return found;
}

double rateOfPart(const engine::SchedulePart& part, std::int64_t step) {
    engine::TrainSettings alone;
    alone.schedule = part.schedule;
    alone.warmupSteps = part.warmupSteps;
    alone.epochs = static_cast<int>(std::max<std::int64_t>(1, part.toStep - part.fromStep)); // of a step each
    return part.learningRate *
           engine::learningRateShare(alone, {1, alone.epochs, {}}, std::max<std::int64_t>(0, step - part.fromStep), 1);
}

// The phase of the freeze plan that an epoch (1-based) belongs to, as far as its schedule goes.
engine::PhaseSchedule phaseAt(const std::vector<engine::FreezePhase>& phases, int epoch, int epochs) {
    engine::PhaseSchedule found{1, epochs, {}};
    for (std::size_t i = 0; i < phases.size() && phases[i].fromEpoch <= epoch; ++i)
        found = {phases[i].fromEpoch, i + 1 < phases.size() ? phases[i + 1].fromEpoch - 1 : epochs, phases[i].schedule};
    return found;
}

double rateAt(const engine::Experiment& experiment, const std::vector<engine::FreezePhase>& phases, std::int64_t step,
              std::int64_t perEpoch) {
    const engine::TrainSettings& train = experiment.train;
    const auto* part = partAt(train, step);
    const auto phase = phaseAt(phases, static_cast<int>(step / perEpoch) + 1, train.epochs);
    const bool own = !phase.schedule.empty() && (!part || perEpoch * (phase.fromEpoch - 1) >= part->fromStep);
    if (part && !own)
        return rateOfPart(*part, step);
    return train.learningRate * engine::learningRateShare(train, phase, step, perEpoch);
}

} // namespace

QList<QPointF> rateCurve(const engine::Experiment& experiment, std::int64_t stepsPerEpoch, double fromEpoch,
                         double toEpoch, int points, const engine::Knobs& knobs) {
    const auto phases = engine::freezePhases(experiment.freeze, experiment.train.epochs, experiment.model.backbone);
    const auto perEpoch = std::max<std::int64_t>(1, stepsPerEpoch);
    QList<QPointF> curve;
    for (int i = 0; i < points; ++i) {
        const double epoch = fromEpoch + (toEpoch - fromEpoch) * i / std::max(1, points - 1);
        const auto steps = static_cast<std::int64_t>(std::ceil(toEpoch * static_cast<double>(perEpoch)));
        const auto step = std::min(static_cast<std::int64_t>(epoch * static_cast<double>(perEpoch)), steps - 1);
        const auto at = std::max<std::int64_t>(0, step);
        curve.append(
            {epoch, rateAt(experiment, phases, at, perEpoch) * engine::learningRateKnob(experiment.train, knobs, at)});
    }
    return curve;
}

ExtendPresenter* ExtendPresenter::open(QWidget& window, const engine::RunSummary& run) {
    engine::Experiment experiment = engine::readExperiment(run.folder / "experiment.toml");
    auto* dialog =
        new ui::ExtendDialog(words(run.name), run.epochs, ui::formatRate(experiment.train.learningRate), &window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    auto* presenter = new ExtendPresenter(*dialog, run, std::move(experiment));
    dialog->open();
    return presenter;
}

ExtendPresenter::ExtendPresenter(ui::ExtendDialog& dialog, const engine::RunSummary& run, engine::Experiment experiment)
    : QObject(&dialog),
      m_dialog(dialog),
      m_run(run),
      m_experiment(std::move(experiment)),
      m_knobs(engine::readKnobs(run.folder)) {
    connect(&dialog, &ui::ExtendDialog::changed, this, &ExtendPresenter::ask);
    connect(&dialog, &QDialog::accepted, this, [this] { Q_EMIT accepted(changes(), secondsMore()); });
    ask();
}

std::vector<engine::ChangedSetting> ExtendPresenter::changes() const {
    std::vector<engine::ChangedSetting> all{{"train.epochs", std::to_string(m_dialog.epochs())}};
    if (m_dialog.beginsAnew())
        all.push_back({"train.learning_rate", engine::parameterValue(m_experiment, "train.learning_rate")});
    return all;
}

double ExtendPresenter::secondsMore() const {
    return m_run.epoch > 0 ? m_run.seconds / m_run.epoch * (m_dialog.epochs() - m_run.epoch) : 0;
}

void ExtendPresenter::ask() {
    const QString question = QStringLiteral("%1 %2").arg(m_dialog.epochs()).arg(m_dialog.beginsAnew());
    m_plan.ask(
        m_background, question,
        [folder = m_run.folder, changes = changes()](const std::stop_token&) {
            return engine::planResume(folder, changes);
        },
        [this] { show(); });
}

void ExtendPresenter::show() {
    ui::ExtendOffer offer;
    if (const auto* trouble = m_plan.trouble()) {
        offer.problem = QStringLiteral("%1 %2").arg(trouble->message, trouble->remedy);
    } else if (const auto* plan = m_plan.value()) {
        engine::Experiment longer = m_experiment;
        longer.train.epochs = m_dialog.epochs();
        longer.train.parts = plan->schedule;
        offer.curves = {rateCurve(m_experiment, plan->stepsPerEpoch, 0, m_run.epoch, kPoints, m_knobs),
                        rateCurve(longer, plan->stepsPerEpoch, m_run.epoch, m_dialog.epochs(), kPoints, m_knobs)};
        for (const std::string& note : plan->notes)
            if (note.ends_with('.')) // a sentence; that the epochs are others stands above
                offer.notes.append(words(note));
    }
    const int more = m_dialog.epochs() - m_run.epoch;
    offer.time = more == 1 ? tr("1 epoch more") : tr("%1 epochs more").arg(more);
    if (const double seconds = secondsMore(); seconds > 0)
        offer.time += QStringLiteral(", %1").arg(ui::formatSpanWords(seconds));
    m_dialog.setOffer(offer);
}

} // namespace app
