#pragma once

#include "engine/api/experiment.h"
#include "src/experimentanalysis.h"
#include "src/weightsdownload.h"
#include "ui/setup/setupdata.h"
#include "ui/setup/thawplan.h"

// What Setup says, made from the experiment and what was found out about it.
namespace app {

[[nodiscard]] QList<ui::FieldSpec> fieldSpecs();
[[nodiscard]] ui::DataState dataState(const engine::Experiment& experiment, const ExperimentAnalysis& analysis);
[[nodiscard]] ui::WeightsState weightsState(const engine::Experiment& experiment, const ExperimentAnalysis& analysis,
                                            const WeightsDownload& download);
// What several ranks make of the batch and the learning rate, on a machine with so many GPUs; empty: one trains alone.
[[nodiscard]] QString rankWords(const engine::Experiment& experiment, std::size_t gpus);
// All but canTrain, trainLabel and readiness.
[[nodiscard]] ui::SummaryState summaryState(const engine::Experiment& experiment, const ExperimentAnalysis& analysis,
                                            const ui::ThawPlan& thaw);
// How weights would load; `file` heads the report.
[[nodiscard]] ui::WeightsState mappingState(const QString& file, const engine::WeightsReport& report);

} // namespace app
