#pragma once

#include "engine/api/error.h"
#include "engine/api/progress.h"
#include "engine/api/run.h"
#include "ui/live/livedata.h"
#include "ui/setup/thawplan.h"

#include <optional>

// What Live says about a run, made from its folder and, while it runs in this process, from its progress.
namespace app {

[[nodiscard]] ui::LiveHeader liveHeader(const engine::RunSummary& run, ui::RunListState state,
                                        const std::optional<engine::Progress>& progress, int colour);
[[nodiscard]] QList<ui::LiveFact> liveFacts(const engine::RunReader& reader,
                                            const std::optional<engine::Progress>& progress);
// What the last check of the frozen tensors said, an alarm before all; `plan` as resolved, empty where not known.
[[nodiscard]] ui::LiveProof liveProof(const engine::RunReader& reader, const ui::ThawPlan& plan);
// "Head, 5 s", "+ last 2 stages, 21 s", "+ blocks.4 and 5, now"
[[nodiscard]] QList<ui::LivePhase> livePhases(const engine::RunReader& reader, const ui::ThawPlan& plan);
// By `plan`, empty where it is not known, it is told which events are the beginnings of its phases.
[[nodiscard]] QList<ui::LiveChange> liveChanges(const engine::RunReader& reader, const ui::ThawPlan& plan);
[[nodiscard]] QList<ui::LogLine> liveLog(const engine::RunReader& reader, const ui::ThawPlan& plan); // newest first
[[nodiscard]] QString wholeLog(const engine::RunReader& reader, const ui::ThawPlan& plan);           // oldest first

enum class RemedyKind { GoOn, FewerRanks, SmallerBatch, LowerRate, TrainAgain, ChangeSettings };
struct FailureWords {
    ui::Failure failure;
    QList<RemedyKind> remedies; // what each choice of the card does
};
// `kind`: of a run of this session, else what its record says.
[[nodiscard]] FailureWords liveFailure(const engine::RunReader& reader, std::optional<engine::ErrorKind> kind);
// devices.use without the rank that ended a run; empty: no rank did, or none would be left.
[[nodiscard]] QString devicesWithoutRank(const engine::RunSummary& run, const engine::Experiment& experiment);
// Half the batch, twice the batches per step: the same effective batch in less memory.
[[nodiscard]] engine::Experiment withSmallerBatch(engine::Experiment experiment);

// A tenth of the learning rate.
[[nodiscard]] engine::Experiment withLowerRate(engine::Experiment experiment);

} // namespace app
