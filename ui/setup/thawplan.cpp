#include "ui/setup/thawplan.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ui {
namespace {

constexpr std::array kFactors{0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0};

// The phase that begins at `epoch`, made from the one it falls into where there is none.
int phaseFrom(ThawPlan& plan, int epoch) {
    const int at = phaseAt(plan, epoch);
    if (plan.phases.at(at).fromEpoch == epoch)
        return at;
    ThawPhase made = plan.phases.at(at);
    made.fromEpoch = epoch;
    made.schedule.clear();
    plan.phases.insert(at + 1, made);
    return at + 1;
}

void dropIfAlike(ThawPlan& plan, int epoch) {
    const int at = phaseAt(plan, epoch);
    if (at > 0 && plan.phases.at(at).fromEpoch == epoch && plan.phases.at(at).schedule.isEmpty() &&
        plan.phases.at(at).cells == plan.phases.at(at - 1).cells)
        plan.phases.removeAt(at);
}

} // namespace

int phaseAt(const ThawPlan& plan, int epoch) {
    int found = 0;
    for (int i = 0; i < plan.phases.size(); ++i)
        if (plan.phases.at(i).fromEpoch <= epoch)
            found = i;
    return found;
}

int lastEpoch(const ThawPlan& plan, int phase) {
    return phase + 1 < plan.phases.size() ? std::min(plan.phases.at(phase + 1).fromEpoch - 1, plan.epochs)
                                          : plan.epochs;
}

qint64 trainedParameters(const ThawPlan& plan, int phase) {
    qint64 sum = 0;
    for (const auto& cell : plan.phases.at(phase).cells)
        sum += cell.trained() ? cell.parameters : 0;
    return sum;
}

double factorForNew(const ThawPhase& phase) {
    double least = 0;
    for (const auto& cell : phase.cells)
        if (cell.trained() && (least <= 0 || cell.factor < least))
            least = cell.factor;
    return least > 0 ? least : 1;
}

QList<ThawEdge> thawEdges(const ThawPlan& plan) {
    QList<ThawEdge> edges;
    for (int block = 0; block < plan.blocks.size() && !plan.phases.isEmpty(); ++block) {
        bool trained = false;
        for (const auto& phase : plan.phases) {
            const bool now = phase.cells.at(block).trained();
            if (now != trained && phase.fromEpoch <= plan.epochs)
                edges.append({block, phase.fromEpoch, now});
            trained = now;
        }
        if (!trained)
            edges.append({block, plan.epochs + 1, true});
    }
    return edges;
}

std::pair<int, int> edgeRange(const ThawPlan& plan, const ThawEdge& edge) {
    const int first = plan.fixedEpochs + 1;
    if (edge.epoch < first)
        return {edge.epoch, edge.epoch};
    int least = first;
    int most = plan.epochs + 1;
    for (const auto& other : thawEdges(plan)) {
        if (other.block != edge.block || other == edge)
            continue;
        if (other.epoch < edge.epoch)
            least = std::max(least, other.epoch + 1);
        else if (other.epoch > edge.epoch)
            most = std::min(most, other.epoch - 1);
    }
    return {least, most};
}

ThawPlan withEdgeMoved(const ThawPlan& plan, const ThawEdge& edge, int epoch) {
    const auto [least, most] = edgeRange(plan, edge);
    const int to = std::clamp(epoch, least, most);
    if (to == edge.epoch || edge.block < 0 || edge.block >= plan.blocks.size())
        return plan;
    ThawPlan made = plan;
    const auto cellAt = [&](int when) -> ThawCell {
        if (when < 1)
            return {};
        return plan.phases.at(phaseAt(plan, when)).cells.at(edge.block);
    };
    const bool earlier = to < edge.epoch;
    ThawCell cell = cellAt(earlier ? edge.epoch : edge.epoch - 1);
    if (earlier && edge.epoch > plan.epochs) // it never trained: thaws as a whole
        cell = {factorForNew(plan.phases.at(phaseAt(plan, to))), plan.blocks.at(edge.block).parameters};
    const int from = earlier ? to : edge.epoch;
    const int until = earlier ? edge.epoch : to;
    phaseFrom(made, from);
    if (until <= made.epochs)
        phaseFrom(made, until);
    for (auto& phase : made.phases)
        if (phase.fromEpoch >= from && phase.fromEpoch < until)
            phase.cells[edge.block] = cell;
    dropIfAlike(made, edge.epoch);
    return made;
}

std::pair<int, int> phaseRange(const ThawPlan& plan, int phase) {
    const int now = plan.phases.at(phase).fromEpoch;
    if (phase == 0 || now <= plan.fixedEpochs)
        return {now, now};
    return {std::max(plan.phases.at(phase - 1).fromEpoch, plan.fixedEpochs) + 1, std::max(now, lastEpoch(plan, phase))};
}

ThawPlan withPhaseMoved(const ThawPlan& plan, int phase, int epoch) {
    const auto [least, most] = phaseRange(plan, phase);
    ThawPlan made = plan;
    made.phases[phase].fromEpoch = std::clamp(epoch, least, most);
    return made;
}

ThawPlan withFactor(const ThawPlan& plan, int block, int phase, double factor) {
    const double before = plan.phases.at(phase).cells.at(block).factor;
    ThawPlan made = plan;
    if (before <= 0 || factor <= 0)
        return made;
    const auto open = [&](int i) { return lastEpoch(plan, i) > plan.fixedEpochs; };
    const auto alike = [&](int i) { return plan.phases.at(i).cells.at(block).factor == before && open(i); };
    int first = phase;
    int last = phase;
    while (first > 0 && alike(first - 1))
        --first;
    while (last + 1 < plan.phases.size() && alike(last + 1))
        ++last;
    if (!open(first))
        return made;
    if (made.phases.at(first).fromEpoch <= plan.fixedEpochs) { // what has been trained keeps its factor
        const int cut = phaseFrom(made, plan.fixedEpochs + 1);
        last += cut - first;
        first = cut;
    }
    for (int i = first; i <= last; ++i)
        made.phases[i].cells[block].factor = factor;
    return made;
}

ThawPlan withFrozenFrom(const ThawPlan& plan, int block, int epoch) {
    const int from = std::max(epoch, plan.fixedEpochs + 1);
    ThawPlan made = plan;
    if (from > plan.epochs)
        return made;
    phaseFrom(made, from);
    for (auto& phase : made.phases)
        if (phase.fromEpoch >= from)
            phase.cells[block] = {};
    dropIfAlike(made, from);
    return made;
}

ThawPlan withoutPhase(const ThawPlan& plan, int phase) {
    ThawPlan made = plan;
    if (phase > 0 && phase < plan.phases.size() && plan.phases.at(phase).fromEpoch > plan.fixedEpochs)
        made.phases.removeAt(phase);
    return made;
}

ThawPlan withNextThawed(const ThawPlan& plan) {
    if (plan.phases.isEmpty())
        return plan;
    const ThawPhase& last = plan.phases.last();
    const int begin = std::max(last.fromEpoch, plan.fixedEpochs + 1);
    const int epoch = begin + (plan.epochs - begin + 1) / 2;
    int block = static_cast<int>(plan.blocks.size()) - 1;
    while (block >= 0 && last.cells.at(block).trained())
        --block;
    if (block < 0 || epoch <= begin || epoch > plan.epochs)
        return plan;
    ThawPlan made = plan;
    made.phases.last().cells.detach();
    const int at = phaseFrom(made, epoch);
    made.phases[at].cells[block] = {nearestFactor(factorForNew(last) / 2), plan.blocks.at(block).parameters};
    return made;
}

double nearestFactor(double factor) {
    return *std::min_element(kFactors.begin(), kFactors.end(), [factor](double a, double b) {
        return std::abs(std::sqrt(a) - std::sqrt(factor)) < std::abs(std::sqrt(b) - std::sqrt(factor));
    });
}

double nextFactor(double factor, int steps) {
    double now = factor;
    for (; steps > 0; --steps)
        if (const auto next = std::upper_bound(kFactors.begin(), kFactors.end(), now); next != kFactors.end())
            now = *next;
    for (; steps < 0; ++steps)
        if (const auto here = std::lower_bound(kFactors.begin(), kFactors.end(), now); here != kFactors.begin())
            now = *std::prev(here);
    return now;
}

} // namespace ui
