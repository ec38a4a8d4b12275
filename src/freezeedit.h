#pragma once

#include "engine/api/catalog.h"
#include "ui/setup/setupdata.h"

#include <QStringList>

#include <vector>

// Between the tree of blocks with its locks and the patterns of the freeze plan.
namespace app {

using Tree = std::vector<engine::BlockInfo>;
using Plan = std::vector<engine::FreezeOutcome>;

[[nodiscard]] QList<ui::BlockRow> blockRows(const Tree& tree, const Plan& plan);
// The plan as phases by hand, with the fewest patterns that name what it trains.
[[nodiscard]] engine::FreezeSettings byHand(const engine::FreezeSettings& settings, const Tree& tree, const Plan& plan);
// The same with some blocks trained, or frozen, in every phase.
[[nodiscard]] engine::FreezeSettings withBlocks(const engine::FreezeSettings& settings, const Tree& tree,
                                                const Plan& plan, const QStringList& blocks, bool train);
[[nodiscard]] ui::FreezeState freezeState(const engine::Experiment& experiment, const Tree& tree, const Plan& plan);

} // namespace app
