#pragma once

#include <QList>
#include <QString>

#include <utility>

// When the blocks of a backbone thaw, as the timeline edits it: phases over epochs, in each a learning-rate factor for
// every top-level block. Plain values; every edit gives a new plan.
namespace ui {

struct ThawBlock {
    QString name;
    qint64 parameters = 0;
    bool head = false;

    bool operator==(const ThawBlock&) const = default;
};

// One block in one phase.
struct ThawCell {
    double factor = 0;     // of the learning rate; 0: frozen
    qint64 parameters = 0; // that are trained: fewer than the block's where only parts of it are

    bool operator==(const ThawCell&) const = default;
    [[nodiscard]] bool trained() const { return factor > 0; }
};

struct ThawPhase {
    int fromEpoch = 1;     // 1-based
    QList<ThawCell> cells; // one per block
    QString schedule;      // that begins anew here; empty: the run's goes on

    bool operator==(const ThawPhase&) const = default;
};

struct ThawPlan {
    int epochs = 1;
    QList<ThawBlock> blocks; // in forward order
    QList<ThawPhase> phases; // ascending, the first from epoch 1; empty: no plan
    int fixedEpochs = 0;     // of a run: what has been trained can no longer be changed

    bool operator==(const ThawPlan&) const = default;
};

// Where a block thaws, or freezes again, before `epoch`. At epochs + 1 it stands for a block that stays frozen.
struct ThawEdge {
    int block = -1;
    int epoch = 1;
    bool thaws = true;

    bool operator==(const ThawEdge&) const = default;
};

[[nodiscard]] QList<ThawEdge> thawEdges(const ThawPlan& plan); // row by row, ascending in each
[[nodiscard]] int phaseAt(const ThawPlan& plan, int epoch);
[[nodiscard]] int lastEpoch(const ThawPlan& plan, int phase);
[[nodiscard]] qint64 trainedParameters(const ThawPlan& plan, int phase);
// The factor a block is given when it thaws in this phase: the smallest there, as deeper blocks learn slower.
[[nodiscard]] double factorForNew(const ThawPhase& phase);

// First and last epoch an edge, or the begin of a phase, may be moved to; equal where it cannot be moved.
[[nodiscard]] std::pair<int, int> edgeRange(const ThawPlan& plan, const ThawEdge& edge);
[[nodiscard]] std::pair<int, int> phaseRange(const ThawPlan& plan, int phase);

// Epochs outside the range are taken as its nearest end.
[[nodiscard]] ThawPlan withEdgeMoved(const ThawPlan& plan, const ThawEdge& edge, int epoch);
[[nodiscard]] ThawPlan withPhaseMoved(const ThawPlan& plan, int phase, int epoch);
// In `phase` and those beside it in which the block has the same factor.
[[nodiscard]] ThawPlan withFactor(const ThawPlan& plan, int block, int phase, double factor);
// Frozen from `epoch` to the end.
[[nodiscard]] ThawPlan withFrozenFrom(const ThawPlan& plan, int block, int epoch);
[[nodiscard]] ThawPlan withoutPhase(const ThawPlan& plan, int phase);
// A new phase in the middle of the last one that thaws the last frozen block with half the smallest factor. The same
// plan where nothing is frozen any more or no epoch is left.
[[nodiscard]] ThawPlan withNextThawed(const ThawPlan& plan);

// The nearest factor a height of the bar stands for, 0.01 to 1: 1, 0.75, 0.5 …; `steps` > 0 goes to larger ones.
[[nodiscard]] double nearestFactor(double factor);
[[nodiscard]] double nextFactor(double factor, int steps);

// "Head", "+ last 2 stages", "+ blocks.4 and 5": what a phase trains more than the one before it.
[[nodiscard]] QString phaseTitle(const ThawPlan& plan, int phase);
[[nodiscard]] QString phaseDetail(const ThawPlan& plan, int phase);          // "1.02 M trained, 30 %"
[[nodiscard]] QString factorWords(double factor);                            // "× 0.25"
[[nodiscard]] QString edgeWords(const ThawPlan& plan, const ThawEdge& edge); // "blocks.5 thaws at epoch 31"
// "Thaw blocks.5 from epoch 8, not 10": what `after` has other than `before`, of the same blocks; empty: nothing.
[[nodiscard]] QString changeWords(const ThawPlan& before, const ThawPlan& after);

} // namespace ui
