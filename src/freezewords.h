#pragma once

#include "engine/api/estimate.h"
#include "src/freezeedit.h"

// What Setup says about the freeze plan: on its card and, by phase, in the panel.
namespace app {

// `cost` may be null: not known yet.
[[nodiscard]] ui::FreezeState freezeState(const engine::Experiment& experiment, const ui::ThawPlan& thaw,
                                          const engine::Cost* cost);
[[nodiscard]] QList<ui::PhaseRow> phaseRows(const ui::ThawPlan& thaw, const engine::Cost& cost);
// Never trained, optimizer state, step time against training everything.
[[nodiscard]] QList<ui::Fact> freezeFacts(const engine::Experiment& experiment, const ui::ThawPlan& thaw,
                                          const engine::Cost& cost);
// "2,562 to 3.12 M"
[[nodiscard]] QString trainedWords(const ui::ThawPlan& thaw);

} // namespace app
