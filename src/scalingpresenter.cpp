#include "src/scalingpresenter.h"

#include "src/values.h"
#include "ui/format.h"
#include "ui/setup/scalingdialog.h"

#include <algorithm>
#include <array>

namespace app {
namespace {

constexpr double kWorthIt = 0.8; // of what nothing lost would give
constexpr int kRanksOfCpu = 2;

engine::TrainBench benchOf(const engine::Experiment& experiment, bool onCpu) {
    constexpr std::array kPresets{"none", "head-only"}; // others depend on the data
    engine::TrainBench bench;
    bench.device = onCpu ? "cpu" : "auto";
    bench.backbone = experiment.model.backbone;
    bench.batch = experiment.train.batchSize;
    bench.imageSize = experiment.data.imageSize;
    bench.precision = experiment.train.precision;
    bench.optimizer = experiment.train.optimizer;
    const bool known = std::ranges::find(kPresets, experiment.freeze.preset) != kPresets.end();
    bench.freeze = known ? experiment.freeze.preset : "none";
    bench.warmUp = onCpu ? 2 : 10;
    bench.steps = onCpu ? 5 : 20;
    bench.repeats = onCpu ? 1 : 3;
    return bench;
}

QString adviceOf(const std::vector<engine::ScalingRow>& rows, bool onCpu) {
    const auto& last = rows.back();
    const auto best = std::ranges::max_element(
        rows, {}, [](const engine::ScalingRow& row) { return row.efficiency >= kWorthIt ? row.ranks : 0; });
    const QString reached = ScalingPresenter::tr("%1 ranks reach %2 of %1 times one rank's speed.")
                                .arg(last.ranks)
                                .arg(ui::formatPercent(last.efficiency, 0));
    if (best->ranks == last.ranks)
        return ScalingPresenter::tr("%1 All %2 are worth it.").arg(reached).arg(last.ranks);
    const QString why =
        onCpu ? ScalingPresenter::tr("They share the processor's cores.")
              : ScalingPresenter::tr("The rest goes into sending gradients: larger batches, fewer trained blocks or "
                                     "gradients sent as bf16 help.");
    return ScalingPresenter::tr("%1 %2 Use %3.").arg(reached, why).arg(best->ranks);
}

} // namespace

ScalingPresenter* ScalingPresenter::open(QWidget& window, const engine::Experiment& experiment, std::size_t gpus) {
    auto* dialog = new ui::ScalingDialog(&window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    auto* presenter = new ScalingPresenter(*dialog, experiment, gpus);
    dialog->open();
    return presenter;
}

ScalingPresenter::ScalingPresenter(ui::ScalingDialog& dialog, const engine::Experiment& experiment, std::size_t gpus)
    : QObject(&dialog),
      m_dialog(dialog),
      m_bench(benchOf(experiment, gpus == 0)),
      m_most(gpus == 0 ? kRanksOfCpu : static_cast<int>(gpus)),
      m_onCpu(gpus == 0) {
    connect(&dialog, &ui::ScalingDialog::measureRequested, this, &ScalingPresenter::measure);
    show();
}

void ScalingPresenter::measure() {
    m_rows.ask(
        m_background, QString::number(++m_asked),
        [bench = m_bench, most = m_most](const std::stop_token& stop) { return benchScaling(bench, most, stop); },
        [this] { show(); });
    show();
}

void ScalingPresenter::show() {
    ui::ScalingState state{
        .what = tr("%1, %2 pictures a rank, %3")
                    .arg(words(m_bench.backbone))
                    .arg(m_bench.batch)
                    .arg(words(m_bench.precision)),
        .offer =
            m_rows.waiting()
                ? tr("Measuring. Nothing else should want the devices meanwhile.")
                : tr("Steps like this experiment's, over a made-up batch of its own on each rank, with 1 to %1 ranks. "
                     "Data is not read: what loading costs comes on top.")
                      .arg(m_most),
        .unit = tr("pictures/s"),
        .measuring = m_rows.waiting(),
        .points = {},
        .advice = {},
        .problem = {}};
    if (const auto* trouble = m_rows.trouble(); trouble != nullptr && !m_rows.waiting())
        state.problem = QStringLiteral("%1 %2").arg(trouble->message, trouble->remedy).trimmed();
    if (const auto* rows = m_rows.value(); rows != nullptr && !rows->empty()) {
        for (const engine::ScalingRow& row : *rows)
            state.points.append({row.ranks, row.result.samplesPerSecond, row.efficiency});
        state.advice = adviceOf(*rows, m_onCpu);
        state.warns = rows->back().efficiency < kWorthIt;
    }
    m_dialog.setState(state);
}

} // namespace app
