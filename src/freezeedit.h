#pragma once

#include "engine/api/catalog.h"
#include "engine/api/estimate.h"
#include "ui/setup/setupdata.h"
#include "ui/setup/thawplan.h"

#include <QPointF>
#include <QStringList>

#include <map>
#include <string>
#include <vector>

// Between the tree of blocks with its locks, the thaw timeline, and the patterns of the freeze plan.
namespace app {

using Tree = std::vector<engine::BlockInfo>;
using Plan = std::vector<engine::FreezeOutcome>;

// A plan as it is edited: the blocks without parts of their own that a phase trains, with their learning-rate factors.
struct HandPhase {
    int fromEpoch = 1;
    std::map<std::string, double> factors; // of trained blocks
    std::string schedule;                  // as in engine::FreezePhase

    bool operator==(const HandPhase&) const = default;
};
using HandPlan = std::vector<HandPhase>;

// `plan` is what `phases` were resolved to; of these the schedules count.
[[nodiscard]] HandPlan handPlan(const Tree& tree, const Plan& plan, const std::vector<engine::FreezePhase>& phases);
// The plan as phases by hand, with the fewest patterns that name what it trains.
[[nodiscard]] engine::FreezeSettings byHand(const engine::FreezeSettings& settings, const Tree& tree,
                                            const HandPlan& plan);
// The same with some blocks trained, or frozen, in every phase. What is thawed learns as slowly as the slowest block.
[[nodiscard]] HandPlan withBlocks(const Tree& tree, const HandPlan& plan, const QStringList& blocks, bool train);
// What the timeline made of thawPlan(tree, plan, …): blocks of which only parts train keep these parts.
[[nodiscard]] HandPlan withTimeline(const Tree& tree, const HandPlan& plan, const ui::ThawPlan& edited);

// The plan of a run under way: until `fromEpoch` as it was, from there on as `wanted`.
[[nodiscard]] HandPlan joinedPlan(const HandPlan& past, const HandPlan& wanted, int fromEpoch);

// `resolved` tells blocks of which only some parameters train, as patterns may say it; a plan by hand has none.
[[nodiscard]] QList<ui::BlockRow> blockRows(const Tree& tree, const HandPlan& plan, int epochs,
                                            const Plan& resolved = {});
[[nodiscard]] ui::ThawPlan thawPlan(const Tree& tree, const HandPlan& plan, int epochs);
// Epochs gone by → share of the peak learning rate, phases with a schedule of their own included.
[[nodiscard]] QList<QPointF> scheduleCurve(const engine::TrainSettings& train, const HandPlan& plan,
                                           std::int64_t stepsPerEpoch);

} // namespace app
